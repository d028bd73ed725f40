"""The public names of `mtcnn_rt.video`: complete, and loaded on first use."""

import subprocess
import sys

import pytest

from mtcnn_rt import video


def test_every_public_name_is_offered_and_loads():
    assert dir(video) == sorted(video.__all__)
    for name in video.__all__:
        assert getattr(video, name).__name__ == name


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Stream'"):
        video.Stream  # noqa: B018


def test_the_import_loads_neither_ffmpeg_nor_opencv():
    script = "import sys, mtcnn_rt.video; print({'av', 'cv2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "set()\n"
