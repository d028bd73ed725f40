"""Compares detectors and engines in full: further engines for the cascade, and the report."""
