"""Writes networks as model folders, from layers or from weights that others published."""
