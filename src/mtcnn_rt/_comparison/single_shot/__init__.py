"""Adapts detectors whose network files the user names: one module for each kind.

A module has `load`, as `choice.Load` describes it. The networks see an image at its own size, with
black pixels added at the right and at the bottom where their strides need them.
"""
