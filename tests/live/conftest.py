"""Sends requests to live views, and checks that views end all of their threads."""

import http.client
import threading

import pytest

from mtcnn_rt.live.browser import WebView


@pytest.fixture
def new_view(caplog):
    """Returns a function that opens a view; all are closed at the end, with their threads."""
    before, views = set(threading.enumerate()), []

    def new(host="127.0.0.1", **arguments):
        views.append(WebView(host, 0, **arguments))
        return views[-1]

    yield new
    for view in views:
        view.close()
    assert set(threading.enumerate()) == before
    assert not caplog.records


@pytest.fixture
def view(new_view):
    return new_view()


@pytest.fixture
def ask():
    """Returns a function that sends a request to a view, and returns the answer and its body."""

    def send(view, method, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", view.port, timeout=5)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=names)
        answer = connection.getresponse()
        # A stream has no end.
        body = answer.read() if "Content-Length" in answer.headers else b""
        connection.close()
        return answer, body

    return send
