"""Measurements of live views."""

import io

import cv2
import numpy as np
import pytest
from helpers.clips import write_steady

from benchmarks import chromium, live
from benchmarks.chromium import why_no_chromium
from benchmarks.live import Latency
from benchmarks.stamps import read_stamp, write_stamp


@pytest.mark.parametrize("number", [0, 1, 300, 40000, 65535])
@pytest.mark.parametrize("quality", [100, 60])
def test_a_stamp_survives_jpeg(number, quality):
    image = np.random.default_rng(0).integers(0, 256, (48, 320, 3), np.uint8)
    write_stamp(image, number)
    _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert read_stamp(cv2.imdecode(jpeg, cv2.IMREAD_COLOR)) == number


def test_images_are_read_one_by_one_from_the_stream():
    images = [np.full((16, 32, 3), gray, np.uint8) for gray in (0, 120, 250)]
    parts = [b"--frame\r\n"]
    for image in images:
        jpeg = cv2.imencode(".jpg", image)[1].tobytes()
        parts.append(b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
        parts.append(jpeg + b"\r\n--frame\r\n")
    found = list(live.images_of(io.BytesIO(b"".join(parts))))
    assert [image.shape for image in found] == [(16, 32, 3)] * 3
    assert [round(float(image.mean())) for image in found] == [0, 120, 250]


def test_an_image_counts_when_it_is_seen_first(monkeypatch):
    monkeypatch.setattr(live, "WARM_UP", 1)
    captured = [1.0, 2.0, 3.0, 4.0]
    seen = [(0, 1.5), (1, 2.25), (1, 2.5), (3, 4.125)]
    assert live.latencies(captured, seen) == [0.25, 0.125]


def test_the_report_has_milliseconds_and_reasons():
    seconds = [0.01] * 99 + [0.05]
    report = live.as_markdown([Latency("here", seconds, 200), Latency("there", [], 0, "no screen")])
    assert "| here | 10.0 | 49.6 | 50.0 | 185 | 100 |" in report
    assert report.endswith("Not measured: there (no screen).")


def test_a_browser_view_is_measured_end_to_end(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "WARM_UP", 0)
    clip = write_steady(tmp_path / "clip.mp4", 25, size=(320, 96))
    handed, decoded = live._in_browser(clip, 3.0)
    assert handed.where == "handed to the browser view"
    assert handed.frames == decoded.frames
    assert 0 < min(handed.seconds) < min(decoded.seconds)


@pytest.mark.skipif(why_no_chromium() is not None, reason=str(why_no_chromium()))
def test_chromium_draws_what_the_camera_gives(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "WARM_UP", 0)
    monkeypatch.setattr(live, "START_OF_CHROMIUM", 4.0)
    drawn = live._in_chromium(write_steady(tmp_path / "clip.mp4", 25, size=(320, 96)), 3.0)
    assert drawn.where == "drawn by Chromium"
    assert 20 < len(drawn.seconds) <= drawn.frames
    assert 0 < min(drawn.seconds) < 1


def test_without_chromium_there_is_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(chromium, "NAMES", ("no-such-browser",))
    drawn = live._in_chromium(tmp_path / "clip.mp4", 3.0)
    assert live.as_markdown([drawn]).endswith(
        "Not measured: drawn by Chromium (Chromium is not installed)."
    )
