"""Fixtures of model folders that tests change."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mtcnn_rt.model import PUBLISHED


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the packaged folder."""
    return Path(shutil.copytree(PUBLISHED, tmp_path / "model"))


@pytest.fixture
def describe(folder) -> Callable[..., None]:
    """Returns a function that changes an entry of model.json; "a.b" is b in a, None removes it."""

    def change(name: str, value: object) -> None:
        described = json.loads((folder / "model.json").read_text())
        *above, last = name.split(".")
        entry = described
        for step in above:
            entry = entry[step]
        if value is None:
            del entry[last]
        else:
            entry[last] = value
        (folder / "model.json").write_text(json.dumps(described))

    return change


@pytest.fixture
def put(folder, describe) -> Callable[[str, bytes], None]:
    """Returns a function that replaces a network, and its digest in model.json."""

    def replace(name: str, content: bytes) -> None:
        (folder / f"{name}.onnx").write_bytes(content)
        describe(f"networks.{name}.sha256", hashlib.sha256(content).hexdigest())

    return replace
