"""Tests of the rights of a live view: tokens, host names, and pages of other sites."""

import json
import secrets
import socket

import numpy as np
import pytest

from mtcnn_rt.live import access
from mtcnn_rt.live.status import Status

GRAY = np.full((24, 32, 3), 99, np.uint8)
WATCHED = ("/status", "/stream", "/page-stream", "/snapshot.jpg")
WRONG = ("", "x", "\xff", "A" * 22, "A" * 9000)


@pytest.fixture(params=[{"host": "0.0.0.0"}, {"allowed_hosts": ["cam.example"]}])
def guarded(new_view, request):
    """Returns a view that others reach: off loopback, or through a proxy."""
    view = new_view(**request.param)
    view.show(GRAY, Status())
    return view


def statuses(ask, view, path, method="GET", **headers):
    return ask(view, method, path, **headers)[0].status


def test_watching_needs_a_token_where_others_reach_the_view(guarded, ask):
    watch, control = guarded.access.watch_token, guarded.access.control_token
    assert watch != control
    assert min(len(watch), len(control)) >= 22  # 128 bits
    for path in WATCHED:
        assert statuses(ask, guarded, path) == 401
        for wrong in (*WRONG, watch[:-1], watch + "x"):
            assert statuses(ask, guarded, path, X_Mtcnn_Rt_Token=wrong) == 401
        for token in (watch, control):
            assert statuses(ask, guarded, path, X_Mtcnn_Rt_Token=token) == 200
            assert statuses(ask, guarded, path, Authorization=f"Bearer {token}") == 200
            assert statuses(ask, guarded, f"{path}?token={token}") == 200
            assert statuses(ask, guarded, path, Authorization=f"Basic {token}") == 401
    assert statuses(ask, guarded, "/") == 200  # the page, which shows nothing by itself


@pytest.mark.parametrize("arguments", [{}, {"host": "0.0.0.0", "public": True}])
def test_watching_needs_no_token_on_loopback_or_in_public(new_view, ask, arguments):
    view = new_view(**arguments)
    view.show(GRAY, Status())
    assert view.access.watch_token is None
    assert view.watch_url == view.url
    for path in WATCHED:
        for token in (None, *WRONG[1:]):
            headers = {} if token is None else {"X_Mtcnn_Rt_Token": token}
            assert statuses(ask, view, path, **headers) == 200


@pytest.mark.parametrize(
    "arguments", [{}, {"host": "0.0.0.0"}, {"host": "0.0.0.0", "public": True}]
)
def test_controls_need_their_token(new_view, ask, arguments):
    view = new_view(**arguments)
    tokens = (*WRONG, view.access.watch_token or "")
    for action in ("snapshot", "pause", "tracking", "anonymize"):
        path = f"/do/{action}"
        assert statuses(ask, view, path, "POST") == 401
        for token in tokens:
            assert statuses(ask, view, path, "POST", X_Mtcnn_Rt_Token=token) == 401
    assert view.show(None, Status()) == []
    right = {"X_Mtcnn_Rt_Token": view.access.control_token}
    assert statuses(ask, view, "/do/pause", "GET", **right) == 404
    assert view.show(None, Status()) == []
    assert statuses(ask, view, "/do/pause", "POST", **right) == 204
    assert view.show(None, Status()) == ["pause"]


def test_the_page_learns_what_its_token_allows(guarded, ask):
    watch, control = guarded.access.watch_token, guarded.access.control_token
    for token, controls in ((watch, False), (control, True)):
        status = json.loads(ask(guarded, "GET", "/status", X_Mtcnn_Rt_Token=token)[1])
        assert status["controls"] is controls
        assert status["watch_token"] == watch


def test_no_answer_has_the_token_to_control(guarded, ask, capfd):
    control = guarded.access.control_token
    for path in ("/", "/status", "/snapshot.jpg", "/other", f"/other?token={control}"):
        for token in ("", guarded.access.watch_token, control):
            answer, body = ask(guarded, "GET", path, X_Mtcnn_Rt_Token=token)
            assert control not in str(answer.headers)
            assert control.encode() not in body
            assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert capfd.readouterr() == ("", "")  # nor is it logged


def test_links_have_tokens_where_no_request_does(guarded):
    assert guarded.watch_url == f"{guarded.url}#token={guarded.access.watch_token}"
    assert guarded.control_url == f"{guarded.url}#token={guarded.access.control_token}"


def test_tokens_are_compared_in_constant_time(view, ask, monkeypatch):
    compared = []
    monkeypatch.setattr(
        access.secrets,
        "compare_digest",
        lambda a, b, compare=secrets.compare_digest: compared.append((a, b)) or compare(a, b),
    )
    assert statuses(ask, view, "/do/pause", "POST", X_Mtcnn_Rt_Token="guess") == 401
    assert compared == [(b"guess", view.access.control_token.encode())]


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
def test_pages_of_other_sites_get_and_control_nothing(view, ask, headers):
    view.show(GRAY, Status())
    right = {"X_Mtcnn_Rt_Token": view.access.control_token}
    assert statuses(ask, view, "/do/pause", "POST", **right, **headers) == 403
    for path in WATCHED:
        assert statuses(ask, view, path, **right, **headers) == 403
    assert view.show(None, Status()) == []


def test_links_on_other_pages_open_the_view(view, ask):
    opened = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "document"}
    view.show(GRAY, Status())
    for path in ("/", *WATCHED):
        assert statuses(ask, view, path, **opened) == 200
    assert statuses(ask, view, "/do/pause", "POST", **opened) == 403


@pytest.mark.parametrize("path", ["/", *WATCHED])
def test_other_host_names_are_refused(view, ask, path):
    """A page of another site may point its own host name here (DNS rebinding)."""
    view.show(GRAY, Status())
    for host in ("elsewhere.example:8000", "127.0.0.1.elsewhere.example", "192.0.2.1", "[", ""):
        answer, body = ask(view, "GET", path, Host=host)
        assert answer.status == 403
        assert b"viewers" not in body
        assert b"--allow-host NAME" in body


def test_allowed_names_are_answered(new_view, ask):
    view = new_view(allowed_hosts=["cam.example", "Other.Example.", "192.0.2.7", "2001:db8::7"])
    allowed = ("cam.example", "CAM.example:8000", "cam.example.", "other.example", "192.0.2.7:80")
    for host in (*allowed, "[2001:db8::7]:80", "localhost", f"127.0.0.1:{view.port}"):
        assert statuses(ask, view, "/", Host=host) == 200
    for host in ("example", "x.cam.example", "cam.example.evil.example", "192.0.2.8"):
        assert statuses(ask, view, "/", Host=host) == 403
    right = {"X_Mtcnn_Rt_Token": view.access.control_token, "Host": "cam.example"}
    for origin in ("http://cam.example", "https://cam.example"):  # the second behind a proxy
        assert statuses(ask, view, "/do/pause", "POST", Origin=origin, **right) == 204
    assert statuses(ask, view, "/do/pause", "POST", Origin="http://other.example", **right) == 403


def test_a_view_on_all_addresses(new_view, ask):
    view = new_view("0.0.0.0", public=True)
    assert view.url == f"http://{socket.gethostname()}:{view.port}/"
    for host in ("127.0.0.1", "192.0.2.1:80", socket.gethostname()):
        assert statuses(ask, view, "/status", Host=host) == 200
    assert statuses(ask, view, "/status", Host="elsewhere.example") == 403
    named = new_view("0.0.0.0", allowed_hosts=["cam.example"])
    assert named.url == f"http://cam.example:{named.port}/"
