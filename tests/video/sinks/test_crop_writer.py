"""CropWriter: the files of face crops."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mtcnn_rt import Faces, align
from mtcnn_rt.video.sinks.crops import CropWriter


def test_crops_are_named_by_frame_and_id(tmp_path, detector, sample_frame):
    faces = detector.detect(sample_frame)
    writer = CropWriter(tmp_path / "new" / "crops", size=96, margin=0.1)
    paths = writer.write(sample_frame, faces, np.array([1, 2, 5, 12]), 37)
    assert writer.written == 4
    assert [path.name for path in paths] == [
        f"frame-000037-id-{number}.png" for number in (1, 2, 5, 12)
    ]
    assert sorted((tmp_path / "new" / "crops").iterdir()) == sorted(paths)
    for path, landmarks in zip(paths, faces.landmarks, strict=True):
        assert (cv2.imread(str(path)) == align.crop(sample_frame, landmarks, 96, 0.1)).all()


def test_without_ids_files_are_numbered(tmp_path, detector, sample_frame):
    faces = detector.detect(sample_frame)[:2]
    paths = CropWriter(tmp_path).write(sample_frame, faces, None, 1234567)
    assert [path.name for path in paths] == [
        "frame-1234567-face-1.png",
        "frame-1234567-face-2.png",
    ]
    assert cv2.imread(str(paths[0])).shape == (112, 112, 3)


def test_a_frame_without_faces_writes_nothing(tmp_path, sample_frame):
    folder = tmp_path / "crops"
    assert CropWriter(folder).write(sample_frame, Faces.empty(), None, 0) == []
    assert not folder.exists()


def test_existing_files_are_replaced_only_on_demand(tmp_path, detector, sample_frame):
    face = detector.detect(sample_frame)[0]
    (tmp_path / "frame-000000-id-1.png").write_text("precious")
    with pytest.raises(FileExistsError, match=r"frame-000000-id-1\.png: it exists \(--overwrite"):
        CropWriter(tmp_path).write(sample_frame, face, [1], 0)
    assert (tmp_path / "frame-000000-id-1.png").read_text() == "precious"
    CropWriter(tmp_path, overwrite=True).write(sample_frame, face, [1], 0)
    assert cv2.imread(str(tmp_path / "frame-000000-id-1.png")) is not None


def test_a_folder_that_cannot_be_made_is_named(tmp_path, detector, sample_frame):
    (tmp_path / "crops").write_text("a file")
    face = detector.detect(sample_frame)[0]
    with pytest.raises(OSError, match=r"cannot write .*frame-000000-id-1\.png: "):
        CropWriter(tmp_path / "crops").write(sample_frame, face, [1], 0)


def test_each_face_needs_an_id(tmp_path, detector, sample_frame):
    faces = detector.detect(sample_frame)[:2]
    with pytest.raises(ValueError, match=r"^ids: expected one a face, 2, not 1$"):
        CropWriter(tmp_path / "crops").write(sample_frame, faces, [1], 0)
    assert not (tmp_path / "crops").exists()


@pytest.mark.parametrize("wrong", [{"size": 0}, {"margin": -1}])
def test_wrong_arguments_are_refused_at_once(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: "):
        CropWriter(Path("crops"), **wrong)
