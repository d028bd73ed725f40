"""`python -m mtcnn_rt.cli` is `mtcnn-rt`."""

from mtcnn_rt.cli import main

main()
