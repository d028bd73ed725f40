"""Stands in for other packages: the same classes, arguments, results and numbers.

`mtcnn_rt.compat.facenet_pytorch` replaces facenet-pytorch 2.6.0, `mtcnn_rt.compat.mtcnn` replaces
mtcnn 1.0.0. Only the import changes. Both compute the published weights in the C++ core, with the
roundings and the resampling of the package that they replace.
"""
