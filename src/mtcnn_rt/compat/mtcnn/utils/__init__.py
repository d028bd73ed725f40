"""Reads images and draws faces, as `mtcnn.utils` does: the functions of its documentation."""
