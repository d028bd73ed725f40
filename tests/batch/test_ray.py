"""The actor class of Ray Data; on a local cluster of several processes where Ray is installed."""

import logging
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from helpers.archives import encoded

from mtcnn_rt import MTCNN
from mtcnn_rt.ray import FaceDetector


@pytest.fixture(scope="module")
def contents(sample_frame) -> list[bytes]:
    """Twelve images, of which one is broken."""
    images = [encoded(np.roll(sample_frame, 5 * index, axis=1)) for index in range(12)]
    return [*images[:4], b"no image", *images[5:]]


@pytest.fixture(scope="module")
def expected(contents) -> list[list]:
    detector = MTCNN(min_face_size=60)
    good = [content for content in contents if content != b"no image"]
    found = [faces.to_dicts() for faces in detector.detect_batch(good)]
    return [*found[:4], [], *found[4:]]


def test_a_batch_gets_the_columns_of_the_faces(contents, expected):
    detector = FaceDetector(bytes_column="jpg", name_column="url", min_face_size=60)
    urls = np.array([f"{index}.jpg" for index in range(12)])
    found = detector({"jpg": np.array(contents, object), "url": urls, "label": np.arange(12)})
    assert set(found) == {"url", "label", "width", "height", "faces", "note", "error"}
    assert found["faces"] == expected
    assert found["width"].tolist() == [640] * 4 + [0] + [640] * 7
    assert [error for error in found["error"] if error] == [
        "cannot read 4.jpg: not an image in a format that OpenCV and Pillow know"
    ]
    assert found["label"].tolist() == list(range(12))


def test_names_are_not_needed(contents):
    found = FaceDetector(min_face_size=60)({"bytes": np.array(contents[3:5], object)})
    assert found["error"][1].startswith("cannot read image: ")


@pytest.mark.parametrize(
    ("value", "given"), [(None, "a null"), ("text", "str"), (float("nan"), "float"), (3, "int")]
)
def test_what_is_no_content_of_a_file_has_an_error(contents, expected, value, given):
    column = np.empty(2, object)
    column[:] = [value, contents[0]]
    batch = {"bytes": column, "path": np.array(["a.jpg", "b.jpg"])}
    found = FaceDetector(min_face_size=60)(batch)
    reason = f"cannot read a.jpg: expected the bytes of an image file, not {given}"
    assert found["error"].tolist() == [reason, ""]
    assert found["faces"] == [[], expected[0]]


@pytest.mark.parametrize("kind", [bytearray, memoryview, lambda one: np.frombuffer(one, np.uint8)])
def test_bytes_of_other_types_are_read(contents, expected, kind):
    column = np.empty(1, object)
    column[0] = kind(contents[0])
    assert FaceDetector(min_face_size=60)({"bytes": column})["faces"] == [expected[0]]


def test_a_missing_column_is_named_with_those_that_there_are():
    message = r"the batch has no column 'bytes' .*; it has 'jpg', 'url': give FaceDetector\(bytes_"
    with pytest.raises(KeyError, match=message):
        FaceDetector()({"jpg": np.array([b""]), "url": np.array([""])})


def test_the_module_does_not_hide_the_package_of_its_name():
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'mtcnn-rt[ray]'")
    code = "import mtcnn_rt.ray, ray; print(hasattr(ray, 'init'), ray is not mtcnn_rt.ray)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "True True\n"


@pytest.mark.filterwarnings("ignore")  # those of Ray
def test_a_local_cluster_survives_a_killed_worker(contents, expected, tmp_path):
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'mtcnn-rt[ray]'")
    data = pytest.importorskip("ray.data", reason="Ray Data is not installed")
    mark = tmp_path / "killed"

    class Mortal(FaceDetector):
        """Kills its process once, in the middle of a batch."""

        def __call__(self, batch):
            found = super().__call__(batch)
            found["process"] = np.full(len(found["faces"]), os.getpid())
            if "6.jpg" in batch["path"] and not mark.exists():
                mark.write_text(str(os.getpid()))
                os.kill(os.getpid(), signal.SIGKILL)
            return found

    rows = [{"bytes": content, "path": f"{index}.jpg"} for index, content in enumerate(contents)]
    ray.init(
        num_cpus=4,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=1 << 30,
    )
    try:
        data.DataContext.get_current().enable_progress_bars = False
        images = data.from_items(rows, override_num_blocks=6)
        found = images.map_batches(
            Mortal,
            fn_constructor_kwargs={"min_face_size": 60},
            compute=data.ActorPoolStrategy(size=2),
            batch_size=2,
        )
        found.write_parquet(str(tmp_path / "faces"))
    finally:
        ray.shutdown()
    import pyarrow.parquet as parquet

    table = parquet.read_table(tmp_path / "faces").to_pylist()
    table.sort(key=lambda row: int(row["path"].split(".")[0]))
    assert [row["path"] for row in table] == [f"{index}.jpg" for index in range(12)]
    assert [len(row["faces"]) for row in table] == [len(faces) for faces in expected]
    for row, faces in zip(table, expected, strict=True):
        assert [face["box"] for face in row["faces"]] == [face["box"] for face in faces]
    processes = {row["process"] for row in table}
    assert int(mark.read_text()) not in processes or len(processes) > 1
