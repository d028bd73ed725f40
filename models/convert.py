"""Build step: turns the published MTCNN weights into a model folder.

    python models/convert.py OUTPUT_FOLDER

The weights are those of the paper's authors. They are read from the files of the MIT-licensed
distribution `mtcnn` 1.0.0, a pinned build requirement, which is never imported: that would start
TensorFlow. The files are pickles, so none is opened before its SHA-256 is the one below.

OUTPUT_FOLDER gets pnet.onnx, rnet.onnx, onet.onnx and model.json.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from importlib.metadata import distribution
from pathlib import Path

import joblib
from networks import onet, pnet, rnet

DISTRIBUTION = "mtcnn"
SHA256 = {
    "pnet": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}
NETWORKS = {"pnet": pnet, "rnet": rnet, "onet": onet}
INPUT_SIZES = {"pnet": 12, "rnet": 24, "onet": 48}
# The published networks place a box about one pixel of the image, whatever its size, too far left,
# as if annotations that count pixels from 0 had been read by code that counts from 1. A mirrored
# image shows it (tests/test_published_model.py).
BOX_OFFSET = 1.0


def read_weights(name: str) -> list:
    """The arrays of one network, in the order of its layers: kernel, bias, PReLU slope, ..."""
    path = Path(distribution(DISTRIBUTION).locate_file(f"mtcnn/assets/weights/{name}.lz4"))
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != SHA256[name]:
        raise SystemExit(f"{path} is not the published file: SHA-256 {digest}, not {SHA256[name]}")
    return joblib.load(io.BytesIO(content))


def describe(files: dict[str, bytes]) -> dict:
    """What model.json says of the folder."""
    return {
        "format": 1,
        "name": "published",
        "description": "The weights published by the authors of arXiv 1604.02878",
        "licence": "MIT",
        "source": f"{DISTRIBUTION} {distribution(DISTRIBUTION).version}, mtcnn/assets/weights",
        "source_sha256": SHA256,
        "thresholds": [0.6, 0.7, 0.7],
        "box_offset": BOX_OFFSET,
        "landmarks": ["left_eye", "right_eye", "nose", "mouth_left", "mouth_right"],
        "networks": {
            name: {
                "file": f"{name}.onnx",
                "sha256": hashlib.sha256(content).hexdigest(),
                "input_size": INPUT_SIZES[name],
            }
            for name, content in files.items()
        },
    }


def main(folder: Path) -> None:
    files = {name: build(read_weights(name)) for name, build in NETWORKS.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.onnx").write_bytes(content)
    (folder / "model.json").write_text(json.dumps(describe(files), indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
