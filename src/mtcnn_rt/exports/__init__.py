"""Writes results as annotations for other programs: annotation tools, trainers, evaluations.

Internal: `mtcnn-rt export` is the way in.
"""

FORMATS = ("coco", "yolo", "yolo-pose", "cvat", "label-studio", "wider", "jsonl")
"""The formats of exports."""

LOCAL_FILES = "/data/local-files/?d="
"""Begins the paths of files on Label Studio's own disk."""
