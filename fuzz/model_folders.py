"""Loads and runs mutated model folders: faces, or a ModelError that names a file of the folder."""

from __future__ import annotations

import atexit
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np

from mtcnn_rt import MTCNN
from mtcnn_rt.model import PUBLISHED, ModelError, load_model

FILES = ("model.json", "pnet.npy", "pnet.onnx")
"""The first byte of an input chooses the file that the rest is."""
_FOLDER = Path(tempfile.mkdtemp()) / "model"
shutil.copytree(PUBLISHED, _FOLDER)
atexit.register(shutil.rmtree, _FOLDER.parent, ignore_errors=True)
_IMAGE = cv2.resize(np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8), (64, 48))
_DESCRIPTION = (PUBLISHED / "model.json").read_bytes()


def target(content: bytes) -> None:
    """Loads the folder with one file replaced, and its digest in model.json right."""
    name = FILES[content[0] % len(FILES)] if content else FILES[0]
    for file in FILES:
        shutil.copyfile(PUBLISHED / file, _FOLDER / file)
    (_FOLDER / name).write_bytes(content[1:])
    if name != "model.json":
        described = json.loads(_DESCRIPTION)
        digest = hashlib.sha256(content[1:]).hexdigest()
        entry = described["networks"]["pnet"]
        if name == "pnet.npy":
            entry["weights"]["sha256"] = digest
        else:
            entry["sha256"] = entry["weights"]["graph"] = digest
        (_FOLDER / "model.json").write_text(json.dumps(described))
    try:
        model = load_model(_FOLDER)
    except ModelError as error:
        assert str(error).startswith(str(_FOLDER)), error
        assert "\n" not in str(error), error
    else:
        assert all(-100 <= value <= 100 for value in (model.box_offset, *model.thresholds))
        if all(network.layers for network in model.networks.values()):
            _detect()


def _detect() -> None:
    """Runs the networks in the core, where weights of any size meet the image."""
    with MTCNN(model=_FOLDER, engine="native", threads=1, min_face_size=12) as detector:
        faces = detector.detect(_IMAGE)
    assert all(np.isfinite(part).all() for part in (faces.boxes, faces.landmarks, faces.scores))


def seeds() -> list[bytes]:
    """Returns the files of the published model."""
    return [bytes([index]) + (PUBLISHED / name).read_bytes() for index, name in enumerate(FILES)]
