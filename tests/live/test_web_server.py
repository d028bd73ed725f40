"""Tests of the server under senders that are slow, idle, many, or send nonsense."""

import socket
import time
from contextlib import ExitStack, contextmanager

import numpy as np
import pytest

from fuzz.http_requests import Fuzz
from mtcnn_rt.live import web_server
from mtcnn_rt.live.connections import Connections, sender_of
from mtcnn_rt.live.status import Status

GRAY = np.full((24, 32, 3), 99, np.uint8)
GOOD = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect(view):
    return socket.create_connection(("127.0.0.1", view.port), timeout=10)


def exchange(view, request):
    """Sends bytes, and returns the status of the answer; None if there was no answer."""
    with connect(view) as connection:
        connection.sendall(request)
        answer = connection.makefile("rb").read()
    return int(answer.split()[1]) if answer else None


@contextmanager
def attackers(view, number, begin):
    """Opens connections that send `begin` and stay."""
    with ExitStack() as opened:
        sockets = [opened.enter_context(connect(view)) for _ in range(number)]
        for each in sockets:
            each.sendall(begin)
        yield sockets


def drip(sockets):
    for each in sockets:
        try:
            each.sendall(b"x")
        except OSError:
            continue  # it was ended


@pytest.mark.parametrize("number", [64, 300])
@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nX: "])
def test_idle_and_dripping_connections_shut_nobody_out(view, ask, number, begin):
    with attackers(view, number, begin) as sockets:
        for _ in range(40):
            if begin:
                drip(sockets)
            start = time.monotonic()
            assert ask(view, "GET", "/status")[0].status == 200
            assert time.monotonic() - start < 5


def test_clients_that_do_not_read_shut_nobody_out(view, ask):
    view.show(np.random.default_rng(1).integers(0, 256, (1080, 1920, 3), np.uint8), Status())
    with attackers(view, 100, b"GET /snapshot.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        for _ in range(40):
            assert ask(view, "GET", "/status")[0].status == 200


def test_a_request_has_a_deadline_however_it_drips(view, monkeypatch):
    monkeypatch.setattr(web_server, "REQUEST_SECONDS", 0.5)
    with connect(view) as idle, connect(view) as dripping:
        dripping.settimeout(0.05)
        start = time.monotonic()
        ended = False
        while not ended:
            assert time.monotonic() - start < 5
            drip([dripping])
            try:
                ended = dripping.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True
        assert time.monotonic() - start > 0.4
        assert idle.recv(1) == b""


def test_a_stream_ends_where_its_viewer_does_not_read(view, monkeypatch):
    monkeypatch.setattr(web_server, "SEND_SECONDS", 0.3)
    noise = np.random.default_rng(1).integers(0, 256, (720, 1280, 3), np.uint8)
    with connect(view) as connection:
        connection.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        counts, end = set(), time.monotonic() + 20
        while counts != {1, 0} or view.newest.viewers:
            assert time.monotonic() < end
            view.show(noise.copy(), Status())
            counts.add(view.newest.viewers)
            time.sleep(0.02)
            counts.discard(0 if 1 not in counts else None)


def test_too_many_viewers_of_one_address_are_refused(view, monkeypatch):
    view.show(GRAY, Status())
    ask_stream = b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with attackers(view, web_server.STREAMS, ask_stream) as viewers:
        for viewer in viewers:
            assert viewer.recv(64).startswith(b"HTTP/1.1 200 ")
        assert exchange(view, ask_stream) == 503
        assert exchange(view, GOOD) == 200
    end = time.monotonic() + 5
    while view.newest.viewers:
        assert time.monotonic() < end
        time.sleep(0.01)
    with attackers(view, 1, ask_stream) as (viewer,):
        assert viewer.recv(64).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET http://[::1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: loc\0alhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost:" + b" " * 16000 + b"\x7f\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost:" + b" \t" * 4000 + b"localhost \t \r\n\r\n", 200),
        (b"GET /?" + b"&".join([b"a=b"] * 99) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\0\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 403),
        (b"GET / HTTP/1.1\r\n\r\n", 403),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * (1 << 15), 431),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * (1 << 20) + b"\r\n\r\n", 431),
        (b"POST /do/pause HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
    ],
)
def test_malformed_requests_get_a_status(view, capfd, request_, status):
    assert exchange(view, request_) == status
    assert exchange(view, GOOD) == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("length", "status"),
    [
        *((b"9" * 5000, 400), (b"-1", 400), (b"x", 400), (b"", 400), (b"\xb2", 400), (b"1_0", 400)),
        *((b"1025", 413), (b"100000000", 413), (b"0", 401), (b"4", 401)),
    ],
)
def test_the_length_of_a_body(view, capfd, length, status):
    head = b"POST /do/pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
    assert exchange(view, head + length + b"\r\n\r\nbody") == status
    assert capfd.readouterr() == ("", "")


def test_mutated_requests_get_a_status_or_a_closed_connection(capfd):
    fuzz = Fuzz(seed=1)
    fuzz.run(seconds=5)
    assert sum(fuzz.answers.values()) > 300
    assert {0, 200, 204, 400, 403} <= set(fuzz.answers)
    assert capfd.readouterr() == ("", "")


def test_an_error_of_the_server_is_reported_and_answered(view, ask, monkeypatch, caplog):
    def broken():
        raise KeyError("broken")

    monkeypatch.setattr(view._server, "_answer", lambda _: broken())
    assert ask(view, "GET", "/")[0].status == 500
    assert "cannot answer a request" in caplog.text
    assert "KeyError" in caplog.text
    caplog.clear()


class Task:
    """Stands for the task of a connection."""

    canceled = False

    def cancel(self):
        self.canceled = True


def test_the_address_with_the_most_connections_gives_way():
    held = Connections(4)
    tasks = [Task() for _ in range(7)]
    for task, sender in zip(tasks, "abbb", strict=False):
        held.add(task, sender)
    held.add(tasks[4], "c")
    held.add(tasks[5], "a")
    assert [task.canceled for task in tasks] == [False, True, True, False, False, False, False]
    held.remove(tasks[0])
    held.add(tasks[6], "b")
    assert sum(task.canceled for task in tasks) == 2


def test_lasting_connections_push_out_only_those_of_greedier_addresses():
    held = Connections(4)
    tasks = [Task() for _ in range(8)]
    for task, sender in zip(tasks, "abbb", strict=False):
        assert held.add_fairly(task, sender)
    assert not held.add_fairly(tasks[4], "b")
    assert held.add_fairly(tasks[5], "a")
    assert [task.canceled for task in tasks[:4]] == [False, True, False, False]
    assert not held.add_fairly(tasks[6], "a")
    assert held.add_fairly(tasks[7], "c")
    assert sum(task.canceled for task in tasks) == 2


def test_a_sender_is_an_address_or_a_network_of_ipv6():
    assert sender_of(("192.0.2.1", 5)) == sender_of(("::ffff:192.0.2.1", 5, 0, 0)) == "192.0.2.1"
    one, same, other = (
        sender_of((f"2001:db8:0:{net}::{host}", 5, 0, 0)) for net, host in ((1, 1), (1, 2), (2, 1))
    )
    assert one == same != other
    assert sender_of(("fe80::1%eth0", 5, 0, 2)) == "fe80::/64"
    assert sender_of(None) == sender_of("") == ""


def test_answers_come_while_a_viewer_watches(view, ask):
    view.show(GRAY, Status())
    with attackers(view, 3, b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n") as viewers:
        assert all(viewer.recv(64) for viewer in viewers)
        start = time.monotonic()
        for _ in range(20):
            assert ask(view, "GET", "/snapshot.jpg")[0].status == 200
        assert time.monotonic() - start < 5
