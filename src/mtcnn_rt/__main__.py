"""Runs the command line: `python -m mtcnn_rt` is `mtcnn-rt`."""

from mtcnn_rt.cli import main

if __name__ == "__main__":
    main()
