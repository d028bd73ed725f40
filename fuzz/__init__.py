"""Sends mutated inputs to everything that reads what strangers made: `python -m fuzz --help`."""
