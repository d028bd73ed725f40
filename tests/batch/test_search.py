"""Records of items, the processes that make them, and reduced JPEG files."""

import os
import shutil
import signal
import sys
from itertools import islice
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt._errors import NO_MEMORY
from mtcnn_rt.batch.items import Bytes, FrameOf, Item
from mtcnn_rt.batch.reduced import reduced_jpeg
from mtcnn_rt.batch.search import Search, reduction_for
from mtcnn_rt.batch.sent_detector import SentDetector, WorkerError
from mtcnn_rt.batch.workers import AHEAD, WINDOW, Workers
from mtcnn_rt.images import decode_image
from mtcnn_rt.model import MODELS

MOST = 10**7


def encoded(image: np.ndarray, extension: str = ".jpg") -> bytes:
    return cv2.imencode(extension, image)[1].tobytes()


def some_items(sample_frame, count: int) -> list[Item]:
    contents = [encoded(np.roll(sample_frame, 9 * index, axis=1)) for index in range(5)]
    return [Item(f"{index}.jpg", Bytes(contents[index % 5])) for index in range(count)]


def test_a_record_has_the_size_and_the_faces(detector, sample_frame):
    search = Search(detector, MOST, False)
    record = search.record(Item("a.png", Bytes(encoded(sample_frame, ".png"))))
    faces = detector.detect(sample_frame).to_dicts()
    nothing = {"frame": None, "time": None, "note": None, "error": None}
    size = {"width": 640, "height": 360}
    assert record == {"image": "a.png", **nothing, **size, "faces": faces}
    record = search.record(Item("a.mp4", FrameOf(7, 0.25, sample_frame)))
    assert (record["frame"], record["time"], record["faces"]) == (7, 0.25, faces)


def test_a_failure_is_a_record_with_the_reason(detector, sample_frame):
    search = Search(detector, 1000, False)
    record = search.record(Item("a.jpg", Bytes(b"no image")))
    assert (
        record["error"] == "cannot read a.jpg: not an image in a format that OpenCV and Pillow know"
    )
    record = search.record(Item("a.jpg", Bytes(encoded(sample_frame))))
    assert "640 x 360 pixels are more than 1000" in record["error"]
    record = search.record(Item("a.jpg", None))
    assert record["error"].startswith("cannot search a.jpg: AttributeError: ")
    assert (record["faces"], record["width"]) == ([], None)


def test_a_jpeg_without_its_end_has_a_note(detector, sample_frame):
    content = encoded(sample_frame)[:-2]
    record = Search(detector, MOST, True).record(Item("a.jpg", Bytes(content)))
    assert (len(record["faces"]), record["error"]) == (4, None)
    assert record["note"].startswith("a.jpg: the end of the file is missing")


@pytest.mark.parametrize("count", [1, 3])
def test_records_come_in_order_whatever_the_number_of_workers(detector, sample_frame, count):
    items = some_items(sample_frame, 12)
    expected = [(item.key, Search(detector, MOST, False).record(item)) for item in items]
    with Workers(count, (detector, MOST, False)) as workers:
        assert list(workers.records(iter(items))) == expected
        assert list(workers.records(iter([]))) == []


def test_items_are_taken_only_as_they_are_needed(detector, sample_frame):
    taken = []

    def endless():
        (item,) = some_items(sample_frame, 1)
        while True:
            taken.append(item)
            yield item

    with Workers(2, (detector, MOST, False)) as workers:
        assert len(list(islice(workers.records(endless()), 10))) == 10
    assert len(taken) <= 10 + 2 * WINDOW + 2 * AHEAD


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_worker_that_is_killed_is_started_again(detector, sample_frame):
    items = some_items(sample_frame, 24)
    expected = [(item.key, Search(detector, MOST, False).record(item)) for item in items]
    with Workers(2, (detector, MOST, False)) as workers:
        found, kills, at = [], 0, 3
        for result in workers.records(iter(items)):
            found.append(result)
            if kills < 2 and len(found) >= at:
                # An image whose worker ends twice is a failure, so none is hit by both kills.
                at = max(workers._workers[0].tasks, default=at) + 2
                os.kill(workers._workers[0].process.pid, signal.SIGKILL)
                kills += 1
        assert kills == 2
        assert found == expected


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interrupt_does_not_reach_workers_while_they_start(detector):
    with Workers(1, (detector, MOST, False)) as workers:
        status = Path(f"/proc/{workers._workers[0].process.pid}/status").read_text()
    blocked = next(line for line in status.splitlines() if line.startswith("SigBlk:"))
    assert int(blocked.split()[1], 16) & 1 << signal.SIGINT - 1
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_an_image_that_ends_its_worker_twice_is_a_failure(detector, sample_frame):
    items = some_items(sample_frame, 8)
    items[3] = Item("deadly.jpg", SimpleNamespace(read=os._exit))
    with Workers(2, (detector, MOST, False)) as workers:
        found = list(workers.records(iter(items)))
    assert [key for key, _ in found] == [item.key for item in items]
    errors = [record["error"] for _, record in found]
    assert errors.pop(3) == (
        "cannot search deadly.jpg: the worker process ended with status 128, 2 times"
    )
    assert errors == [None] * 7


def too_large() -> None:
    raise MemoryError


class TooLarge:
    """Takes more memory than a worker has, as it arrives."""

    def __reduce__(self) -> tuple[object, tuple[()]]:
        return too_large, ()


def test_an_item_for_which_a_worker_has_too_little_memory_is_a_failure(detector, sample_frame):
    items = some_items(sample_frame, 8)
    items[3] = Item("large.jpg", TooLarge())
    with Workers(2, (detector, MOST, False)) as workers:
        found = list(workers.records(iter(items)))
    assert [key for key, _ in found] == [item.key for item in items]
    errors = [record["error"] for _, record in found]
    assert errors.pop(3) == (
        "cannot search large.jpg: the worker process ended with status 12, 2 times: " + NO_MEMORY
    )
    assert errors == [None] * 7


def test_an_image_for_which_there_is_too_little_memory_is_a_failure(detector):
    item = Item("large.jpg", SimpleNamespace(read=lambda _: too_large()))
    record = Search(detector, MOST, False).record(item)
    assert record["error"] == f"cannot search large.jpg: {NO_MEMORY}"


@pytest.mark.parametrize(
    ("size", "by"), [(20, 1), (39, 1), (40, 2), (79, 2), (80, 4), (159, 4), (160, 8), (1000, 8)]
)
def test_the_smallest_faces_keep_20_pixels(size, by):
    assert reduction_for(size) == by


def test_reduced_images_are_upright_and_have_the_size_of_before(sample_frame):
    content = encoded(sample_frame[:, :331])
    turned = content[:2] + exif(6) + content[2:]
    image = reduced_jpeg(turned, 4, MOST)
    assert image.size == (360, 331)
    assert image.pixels.shape == (83, 90, 3)
    assert image.scale == (4.0, 331 / 83)
    assert reduced_jpeg(turned, 1, MOST) is None
    assert reduced_jpeg(turned, 4, 1000) is None
    assert reduced_jpeg(encoded(sample_frame, ".png"), 4, MOST) is None
    assert reduced_jpeg(content[:-2], 4, MOST) is None


@pytest.mark.parametrize("place", ["two", "after the size"])
def test_reduced_images_are_as_upright_as_whole_ones(sample_frame, place):
    """Their size was that of the stored image, and boxes were stretched."""
    content = encoded(sample_frame)
    if place == "two":  # the first one counts
        turned = content[:2] + exif(6) + exif(1) + content[2:]
    else:
        at = content.index(b"\xff\xc0") + 19
        turned = content[:at] + exif(6) + content[at:]
    image = reduced_jpeg(turned, 4, MOST)
    assert image.size == decode_image(turned, "whole").shape[1::-1] == (360, 640)
    assert image.pixels.shape == (160, 90, 3)
    assert image.scale == (4.0, 4.0)


def exif(orientation: int) -> bytes:
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00" + bytes([orientation, 0, 0, 0])
    block = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + b"\0\0\0\0"
    return b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block


@pytest.mark.parametrize("name", ["ivan.jpg", "multiface.jpg", "paul_rudd.jpg", "test1.jpg"])
@pytest.mark.parametrize("size", [40, 80])
def test_reduced_jpeg_files_have_nearly_the_same_faces(media, name, size):
    """Boxes overlap by 0.75 and more, and at most one face, with a score below 0.99, is missed."""
    detector = MTCNN(min_face_size=size, threads=1)
    item = Item(name, Bytes((media / name).read_bytes()))
    whole = Search(detector, MOST, False).record(item)
    reduced = Search(detector, MOST, True).record(item)
    assert (whole["width"], whole["height"]) == (reduced["width"], reduced["height"])
    overlaps = [best_iou(face, reduced["faces"]) for face in whole["faces"] if face["score"] > 0.99]
    assert min(overlaps) > 0.75
    assert 0 <= len(whole["faces"]) - len(reduced["faces"]) <= 1


def best_iou(face, others) -> float:
    return max((iou(face["box"], other["box"]) for other in others), default=0.0)


def iou(one, other) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)


def test_a_worker_that_is_started_again_refuses_another_model(tmp_path, sample_frame):
    """Before, the images after a crash had the faces of another model."""
    folder = tmp_path / "model"
    shutil.copytree(MODELS / "distilled", folder)
    items = some_items(sample_frame, 8)
    items[4] = Item("deadly.jpg", SimpleNamespace(read=os._exit))
    with MTCNN(model=folder) as detector, Workers(1, (detector, MOST, False)) as workers:
        records = workers.records(iter(items))
        assert next(records)[1]["faces"]
        shutil.rmtree(folder)
        shutil.copytree(MODELS / "published", folder)
        with pytest.raises(WorkerError, match=r"model: the model has changed since the job began"):
            list(records)
        shutil.rmtree(folder)
        with pytest.raises(
            WorkerError, match=r"^a worker cannot open the model: .*model\.json: No"
        ):
            SentDetector.of(detector).opened()


def test_a_worker_that_does_not_start_ends_the_others(detector, monkeypatch):
    """Before, those that had started went on, and their pipes stayed open."""
    descriptors = Path("/proc/self/fd")
    opened = [len(os.listdir(descriptors)) if descriptors.exists() else 0]
    started = []
    start = SpawnProcess._Popen

    def start_two(process):
        if len(started) == 2:
            raise OSError("no more processes")
        started.append(process)
        return start(process)

    monkeypatch.setattr(SpawnProcess, "_Popen", staticmethod(start_two))
    with pytest.raises(OSError, match="no more processes"):
        Workers(5, (detector, MOST, False))
    assert [process.is_alive() for process in started] == [False, False]
    for process in started:
        process.close()
    if descriptors.exists():
        opened.append(len(os.listdir(descriptors)))
        assert opened[1] <= opened[0] + 1  # the tracker of resources, which Python starts once
