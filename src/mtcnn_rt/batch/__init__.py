"""Searches archives of any size for faces: folders, lists, tar and zip files, and videos.

Sources give items one after another, worker processes turn each into a record, and results are
written as they come, so that a run that was killed can go on.

Internal: `mtcnn-rt batch` is the way in.
"""
