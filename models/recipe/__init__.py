"""Prepares data, trains and finishes the model of the recipe, see README.md."""
