"""Compares mtcnn-rt with the face detectors of other packages, for `mtcnn-rt bench --compare`.

Measures how long one detection takes and whether two detectors find the same faces.
"""
