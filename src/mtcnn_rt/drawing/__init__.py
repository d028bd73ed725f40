"""Draws faces on images, or covers them."""
