"""The outputs of a live view: a recording, and what is sent on."""

import errno

import pytest
from helpers.clips import frame

from mtcnn_rt.faces import Faces
from mtcnn_rt.live.outputs import LiveOutputs, LiveRecords
from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sinks.records import JsonLinesWriter


class Taken:
    """Holds the frames that are written; fails from a number of them on."""

    def __init__(self, most: int = 100) -> None:
        self.indices: list[int] = []
        self._most = most

    def write(self, frame) -> None:
        if len(self.indices) >= self._most:
            raise VideoError("rtsp://a: cannot be written: Broken pipe")
        self.indices.append(frame.index)


def write(outputs: LiveOutputs, frames: int) -> None:
    for index in range(frames):
        outputs.write(frame(index))


def test_both_get_every_frame():
    recording, sender = Taken(), Taken()
    write(LiveOutputs(recording, sender, pytest.fail), 5)
    assert recording.indices == sender.indices == list(range(5))


def test_a_lost_connection_is_reported_once_and_ends_no_recording():
    lines = []
    recording, sender = Taken(), Taken(2)
    outputs = LiveOutputs(recording, sender, lines.append)
    write(outputs, 5)
    assert recording.indices == list(range(5))
    assert sender.indices == [0, 1]
    assert lines == ["rtsp://a: cannot be written: Broken pipe"]
    assert str(outputs.failure) == lines[0]


def test_an_error_of_the_recording_is_raised():
    outputs = LiveOutputs(Taken(1), None, pytest.fail)
    outputs.write(frame(0))
    with pytest.raises(VideoError):
        outputs.write(frame(1))


def test_one_of_them_is_enough():
    sender = Taken()
    write(LiveOutputs(None, sender, pytest.fail), 3)
    assert sender.indices == [0, 1, 2]


class FullDisk(JsonLinesWriter):
    """Fails from the third frame on."""

    def _write(self, index, time, faces):
        if index >= 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        super()._write(index, time, faces)


def test_records_end_where_their_disk_is_full(tmp_path):
    lines = []
    with LiveRecords(FullDisk(tmp_path / "faces.jsonl"), lines.append) as records:
        for index in range(5):
            records.write(index, index / 25, Faces.empty())
    assert lines == [
        f"{tmp_path / 'faces.jsonl'}: No space left on device: no more faces are recorded"
    ]
    assert records.failure.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []  # whole or absent


def test_records_are_whole_at_the_end(tmp_path):
    with LiveRecords(JsonLinesWriter(tmp_path / "faces.jsonl"), pytest.fail) as records:
        records.write(0, 0.0, Faces.empty())
    assert records.failure is None
    assert (tmp_path / "faces.jsonl").read_text().count("\n") == 1
