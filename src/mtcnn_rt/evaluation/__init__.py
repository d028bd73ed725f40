"""How good a detector is: average precision, WIDER FACE, FDDB, landmarks.

The counting needs arrays only. `mtcnn-rt evaluate` reads the data, runs detectors and shows the
results; docs/evaluation.md says what is counted how."""
