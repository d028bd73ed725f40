"""The page: what it serves, to whom, and that nobody holds it up."""

import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager

import cv2
import numpy as np
import pytest

from mtcnn_rt.live.browser import WebView
from mtcnn_rt.live.newest_image import NewestImage
from mtcnn_rt.live.status import Status
from mtcnn_rt.video.frame import VideoError

GREY = np.full((120, 160, 3), 99, np.uint8)


@pytest.fixture
def view():
    before = set(threading.enumerate())
    with WebView("127.0.0.1", 0) as view:
        yield view
    assert set(threading.enumerate()) == before


def ask(view, method, path, **headers):
    """The answer and its body."""
    connection = http.client.HTTPConnection("127.0.0.1", view.port, timeout=5)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=names)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


@contextmanager
def stream(view):
    """Requests the pictures; gives the socket and a file of what comes."""
    with socket.create_connection(("127.0.0.1", view.port), timeout=5) as connection:
        connection.sendall(b"GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n")
        with connection.makefile("rb") as answer:
            yield answer


def next_picture(answer):
    """Decodes the next part of a multipart answer; None at its end."""
    length = None
    while (line := answer.readline()) != b"\r\n" or length is None:
        if not line:
            return None
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    data = answer.read(length)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def wait_for(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_the_page_needs_nothing_from_elsewhere(view):
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


def test_the_status(view):
    view.show(GREY, Status(fps=24.5, latency=31.0, dropped=7, faces=2, message="hello"))
    answer, body = ask(view, "GET", "/status")
    assert answer.headers["Content-Type"] == "application/json"
    told = json.loads(body)
    assert told == {
        **{"fps": 24.5, "latency": 31.0, "dropped": 7, "faces": 2, "message": "hello"},
        **{"paused": False, "tracking": False, "anonymize": "off", "recording": False},
        "viewers": 0,
    }


def test_the_last_picture_comes_at_once_and_others_as_they_are_shown(view):
    view.show(GREY, Status())
    with stream(view) as answer:
        assert np.abs(next_picture(answer).astype(int) - GREY).max() <= 2
        wait_for(lambda: view.status()["viewers"] == 1)
        view.show(GREY // 2, Status())
        assert np.abs(next_picture(answer).astype(int) - GREY // 2).max() <= 2
    view.show(GREY, Status())
    view.show(GREY, Status())
    wait_for(lambda: view.show(GREY, Status()) == [] and view.status()["viewers"] == 0)


def test_a_viewer_who_does_not_read_holds_nobody_up(view):
    noise = np.random.default_rng(1).integers(0, 256, (720, 1280, 3), np.uint8)
    with stream(view), stream(view) as reading:
        wait_for(lambda: view.status()["viewers"] == 2)
        longest = 0.0
        for number in range(40):
            noise[:40, :40] = 6 * number
            begin = time.perf_counter()
            view.show(noise.copy(), Status())
            longest = max(longest, time.perf_counter() - begin)
            picture = next_picture(reading)
            assert abs(int(picture[20, 20, 0]) - 6 * number) <= 6
        assert longest < 0.25  # seconds; it never waits for a viewer, but others use the machine


def test_a_picture_is_encoded_once_and_only_if_somebody_watches(view, monkeypatch):
    encoded = []
    encode = cv2.imencode
    monkeypatch.setattr(
        "mtcnn_rt.live.newest_image.cv2.imencode", lambda *a: encoded.append(1) or encode(*a)
    )
    for _ in range(5):
        view.show(GREY, Status())
    assert encoded == []
    with stream(view) as one, stream(view) as other:
        assert next_picture(one) is not None
        assert next_picture(other) is not None
    assert len(encoded) == 1


def test_buttons(view):
    for action in ("snapshot", "pause", "tracking", "anonymize"):
        answer, _ = ask(view, "POST", f"/do/{action}", Origin=f"http://127.0.0.1:{view.port}")
        assert answer.status == 204
    assert view.show(None, Status()) == ["snapshot", "pause", "tracking", "anonymize"]
    assert view.show(None, Status()) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "elsewhere.example"},
        {"Host": "elsewhere.example", "Origin": "http://elsewhere.example"},
    ],
)
def test_buttons_on_other_pages_do_nothing(view, headers):
    answer, _ = ask(view, "POST", "/do/pause", **headers)
    assert answer.status == 403
    assert view.show(None, Status()) == []


@pytest.mark.parametrize("path", ["/", "/status", "/stream"])
def test_names_that_are_not_ours_see_nothing(view, path):
    """A page elsewhere may have its own name lead here (DNS rebinding)."""
    view.show(GREY, Status())
    for host in ("elsewhere.example:8000", "127.0.0.1.elsewhere.example", "192.0.2.1", "[", ""):
        answer, body = ask(view, "GET", path, Host=host)
        assert answer.status == 403
        assert b"viewers" not in body


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
def test_what_there_is_not(view, method, path, status):
    assert ask(view, method, path)[0].status == status
    assert view.show(None, Status()) == []


@pytest.mark.parametrize("length", ["-1", "x", "100000000"])
def test_a_body_is_not_read_at_any_length(view, length):
    assert ask(view, "POST", "/do/pause", Content_Length=length)[0].status == 413


def test_the_end_is_quick_and_frees_the_port():
    view = WebView("127.0.0.1", 0)
    port = view.port
    view.show(GREY, Status())
    with socket.create_connection(("127.0.0.1", port)), stream(view) as watching:
        assert next_picture(watching) is not None
        begin = time.monotonic()
        view.close()
        assert time.monotonic() - begin < 1
        assert next_picture(watching) is None
    view.close()  # does no harm
    with WebView("127.0.0.1", port) as again:
        assert again.port == port


def test_a_port_in_use_is_told(view):
    with pytest.raises(VideoError, match=rf"^127\.0\.0\.1:{view.port}: .*[Aa]ddress"):
        WebView("127.0.0.1", view.port)


@pytest.mark.parametrize("address", [("256.0.0.1", 0), ("127.0.0.1", 70000)])
def test_an_address_that_is_none_is_told(address):
    with pytest.raises(VideoError, match=rf"^{address[0]}:{address[1]}: "):
        WebView(*address)


def test_everywhere(view):
    with WebView("0.0.0.0", 0) as everywhere:
        assert everywhere.url == f"http://{socket.gethostname()}:{everywhere.port}/"
        for host in ("127.0.0.1", "192.0.2.1:80", socket.gethostname()):
            assert ask(everywhere, "GET", "/status", Host=host)[0].status == 200
        assert ask(everywhere, "GET", "/status", Host="elsewhere.example")[0].status == 403


def test_the_newest_picture_skips_what_was_missed():
    picture = NewestImage()
    jpegs = picture.jpegs()
    for shade in (10, 20, 30):
        picture.put(np.full((8, 8, 3), shade, np.uint8))
    decoded = cv2.imdecode(np.frombuffer(next(jpegs), np.uint8), cv2.IMREAD_COLOR)
    assert abs(int(decoded.mean()) - 30) <= 1
    picture.close()
    assert list(jpegs) == []
