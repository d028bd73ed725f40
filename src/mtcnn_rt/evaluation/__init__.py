"""Measures how good a detector is: average precision, WIDER FACE, FDDB, landmarks.

The modules take arrays only. `mtcnn-rt evaluate` reads the data, runs detectors and writes the
measurements; docs/explanation/evaluation.md explains what is counted and how.
"""
