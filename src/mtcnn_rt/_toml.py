"""Parses TOML: with the standard library, or with tomli on Python 3.10."""

import sys

if sys.version_info >= (3, 11):
    from tomllib import loads
else:
    from tomli import loads

__all__ = ["loads"]
