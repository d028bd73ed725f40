"""Shows faces live, in a window or in browsers: the session of `mtcnn-rt webcam`.

Internal: use the command line.
"""
