"""Checks that files which commands write are whole."""

import json
from pathlib import Path

import av
import cv2
import numpy as np

FRAMES = 30  # of the clip that the commands read


def whole_image(path: Path) -> None:
    assert cv2.imread(str(path)) is not None, path


def whole_json(path: Path) -> None:
    json.loads(path.read_bytes())


def whole_video(path: Path) -> None:
    with av.open(str(path)) as clip:
        assert sum(1 for _ in clip.decode(video=0)) == FRAMES


def whole_lines(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [json.loads(line)["frame"] for line in lines] == list(range(FRAMES))


def whole_csv(path: Path) -> None:
    assert path.read_bytes().endswith(b"\n")


def whole_page(path: Path) -> None:
    assert path.read_text().rstrip().endswith("</html>")


def whole_samples(path: Path) -> None:
    assert len(np.load(path, mmap_mode="r", allow_pickle=False)) > 0


def whole_checkpoint(path: Path) -> None:
    from mtcnn_rt.training import checkpoints

    assert checkpoints.load(path)


WHOLE = {
    ".jpg": whole_image,
    ".png": whole_image,
    ".json": whole_json,
    ".mp4": whole_video,
    ".jsonl": whole_lines,
    ".csv": whole_csv,
    ".html": whole_page,
    ".npy": whole_samples,
    ".pt": whole_checkpoint,
}


def check_whole(path: Path) -> None:
    """Raises AssertionError, or an error of a reader, for a file that is not whole."""
    WHOLE[path.suffix](path)
