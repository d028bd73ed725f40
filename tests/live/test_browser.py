"""Tests of the web page: its content, its images and buttons, and viewers that do not read."""

import asyncio
import json
import socket
import time

import cv2
import numpy as np
import pytest
from helpers.live_pages import stream_of_images

from mtcnn_rt.live.browser import WebView
from mtcnn_rt.live.newest_image import NewestImage
from mtcnn_rt.live.status import Status
from mtcnn_rt.video.frame import VideoError

GRAY = np.full((120, 160, 3), 99, np.uint8)


def stream(view):
    """Requests the images; gives a file of the answer."""
    return stream_of_images(view.port, timeout=5)


def next_image(answer):
    """Returns the next image of a multipart answer; None at its end."""
    length = None
    while (line := answer.readline()) != b"\r\n" or length is None:
        if not line:
            return None
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    data = answer.read(length)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def read_to(answer, end):
    """Returns the bytes up to `end`, none of which is left out."""
    data = b""
    while not data.endswith(end):
        data += answer.read(1)
    return data.removesuffix(end)


def wait_for(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_the_page_loads_nothing_from_other_sites(view, ask):
    answer, body = ask(view, "GET", "/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    nonce = policy.split("script-src 'nonce-")[1].split("'")[0]
    assert body.decode().count(f'nonce="{nonce}"') == 2
    assert b"http://" not in body
    assert b"https://" not in body
    assert nonce not in ask(view, "GET", "/")[1].decode()


def test_the_status(view, ask):
    view.show(GRAY, Status(fps=24.5, latency=31.0, dropped=7, faces=2, message="hello"))
    answer, body = ask(view, "GET", "/status")
    assert answer.headers["Content-Type"] == "application/json"
    status = json.loads(body)
    assert status == {
        **{"fps": 24.5, "latency": 31.0, "dropped": 7, "faces": 2, "message": "hello"},
        **{"paused": False, "tracking": False, "anonymize": "off", "recording": False},
        **{"viewers": 0, "always_covered": False, "controls": False, "watch_token": None},
    }


def test_the_last_image_comes_at_once_and_others_as_they_are_shown(view):
    view.show(GRAY, Status())
    with stream(view) as answer:
        assert np.abs(next_image(answer).astype(int) - GRAY).max() <= 2
        wait_for(lambda: view.status()["viewers"] == 1)
        view.show(GRAY // 2, Status())
        assert np.abs(next_image(answer).astype(int) - GRAY // 2).max() <= 2
    view.show(GRAY, Status())
    view.show(GRAY, Status())
    wait_for(lambda: view.show(GRAY, Status()) == [] and view.status()["viewers"] == 0)


def test_the_page_gets_each_image_with_the_head_of_the_next(view):
    """Chromium draws an image when the head of the next one comes."""
    head = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n"
    with stream_of_images(view.port, timeout=5, path="/page-stream") as answer:
        wait_for(lambda: view.status()["viewers"] == 1)
        assert read_to(answer, head).endswith(b"\r\n\r\n")  # of the answer itself
        for gray in (99, 40, 200):
            view.show(np.full((120, 160, 3), gray, np.uint8), Status())
            jpeg = read_to(answer, b"\r\n" + head)
            image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
            assert np.abs(image.astype(int) - gray).max() <= 2


def test_a_viewer_that_does_not_read_delays_no_other(view):
    noise = np.random.default_rng(1).integers(0, 256, (720, 1280, 3), np.uint8)
    with stream(view), stream(view) as reading:
        wait_for(lambda: view.status()["viewers"] == 2)
        longest = 0.0
        for number in range(40):
            noise[:40, :40] = 6 * number
            begin = time.perf_counter()
            view.show(noise.copy(), Status())
            longest = max(longest, time.perf_counter() - begin)
            image = next_image(reading)
            assert abs(int(image[20, 20, 0]) - 6 * number) <= 6
        assert longest < 0.25  # seconds; it never waits for a viewer, but others use the machine


def test_an_image_is_encoded_once_and_only_if_there_are_viewers(view, monkeypatch):
    encoded = []
    encode = cv2.imencode
    monkeypatch.setattr(
        "mtcnn_rt.live.newest_image.cv2.imencode", lambda *a: encoded.append(1) or encode(*a)
    )
    for _ in range(5):
        view.show(GRAY, Status())
    assert encoded == []
    with stream(view) as one, stream(view) as other:
        assert next_image(one) is not None
        assert next_image(other) is not None
    assert len(encoded) == 1


@pytest.fixture
def press(ask):
    """Returns a function that sends an action as the page of its controller does."""
    return lambda view, action, **headers: ask(
        view, "POST", f"/do/{action}", X_Mtcnn_Rt_Token=view.access.control_token, **headers
    )


def test_buttons_give_actions(view, press):
    for action in ("snapshot", "pause", "tracking", "anonymize"):
        answer, _ = press(view, action, Origin=f"http://127.0.0.1:{view.port}")
        assert answer.status == 204
    assert view.show(None, Status()) == ["snapshot", "pause", "tracking", "anonymize"]
    assert view.show(None, Status()) == []


def test_no_more_than_16_actions_wait(view, press):
    statuses = [press(view, "pause")[0].status for _ in range(20)]
    assert statuses == [204] * 16 + [429] * 4
    assert view.show(None, Status()) == ["pause"] * 16
    assert press(view, "pause")[0].status == 204


def test_the_newest_image_is_a_jpeg_of_its_own(view, ask):
    answer, _ = ask(view, "GET", "/snapshot.jpg")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    for image in (GRAY, GRAY // 2):
        view.show(image, Status())
        answer, body = ask(view, "GET", "/snapshot.jpg")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
        shown = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
        assert np.abs(shown.astype(int) - image).max() <= 2


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/other", 404),
        ("GET", "/do/pause", 404),
        ("POST", "/do/quit", 404),
        ("POST", "/do/", 404),
        ("POST", "/", 404),
        ("PUT", "/", 501),
    ],
)
def test_unknown_pages_are_refused(view, method, path, status, ask):
    token = view.access.control_token
    assert ask(view, method, path, X_Mtcnn_Rt_Token=token)[0].status == status
    assert view.show(None, Status()) == []


def test_closing_is_quick_and_frees_the_port():
    view = WebView("127.0.0.1", 0)
    port = view.port
    view.show(GRAY, Status())
    with socket.create_connection(("127.0.0.1", port)), stream(view) as watching:
        assert next_image(watching) is not None
        begin = time.monotonic()
        view.close()
        assert time.monotonic() - begin < 1
        assert next_image(watching) is None
    view.close()  # does no harm
    with WebView("127.0.0.1", port) as again:
        assert again.port == port


def test_a_port_in_use_is_named(view):
    with pytest.raises(VideoError, match=rf"^127\.0\.0\.1:{view.port}: .*[Aa]ddress"):
        WebView("127.0.0.1", view.port)


@pytest.mark.parametrize("address", [("256.0.0.1", 0), ("127.0.0.1", 70000)])
def test_an_invalid_address_is_named(address):
    with pytest.raises(VideoError, match=rf"^{address[0]}:{address[1]}: "):
        WebView(*address)


def test_the_newest_image_skips_missed_ones():
    newest = NewestImage()

    async def first():
        async for jpeg in newest.jpegs():
            return jpeg

    for shade in (10, 20, 30):
        newest.put(np.full((8, 8, 3), shade, np.uint8))
    decoded = cv2.imdecode(np.frombuffer(asyncio.run(first()), np.uint8), cv2.IMREAD_COLOR)
    assert abs(int(decoded.mean()) - 30) <= 1
    newest.close()
