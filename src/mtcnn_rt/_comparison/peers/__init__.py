"""Adapters of the detectors that are compared, one module each.

Every peer takes the same input, a uint8 image in OpenCV's BGR order; a conversion that its
package needs is part of its own work. No module here has the name of the package that it wraps,
so that none can be imported in its place.
"""
