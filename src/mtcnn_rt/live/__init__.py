"""The live view of `mtcnn-rt webcam`: a session that shows faces in a window or in browsers.

Internal: the command line is the way in.
"""
