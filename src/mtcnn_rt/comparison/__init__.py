"""Face detectors of other packages, and other engines for this one, beside mtcnn-rt: whether they
find the same faces, and how long they take."""
