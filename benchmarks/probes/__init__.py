"""Holds small programs that measure the process they run in and print a number."""
