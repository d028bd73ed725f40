"""Finds files, tells their kinds, reads those from outside, and writes them whole or not at all."""
