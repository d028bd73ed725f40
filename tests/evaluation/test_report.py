"""Tests tables, plots and the report."""

import base64
import json
import sys
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from mtcnn_rt import _packages
from mtcnn_rt.evaluation.measurement import Curve, Evaluation, Measurement, Plot
from mtcnn_rt.evaluation.plots import as_png
from mtcnn_rt.evaluation.report import Example, as_html
from mtcnn_rt.evaluation.tables import as_json, as_text

EVIL = '<script>alert("1")</script> & $x_1$'
NAN = float("nan")


def curve(*y):
    return Curve(np.linspace(0, 1, len(y)), np.array(y, float))


@pytest.fixture
def evaluation():
    measurements = {
        "published": Measurement(
            {"AP": 0.75, "missed": 3}, {"left": curve(1, 0.5), "right": curve()}
        ),
        EVIL: Measurement(
            {"AP": NAN, "missed": 12}, {"left": curve(NAN, 0.25), "right": curve(1, 1)}
        ),
        "_mine": Measurement(
            {"AP": 1 / 3, "missed": 0}, {"left": curve(1, 1), "right": curve(0, 0)}
        ),
    }
    axes = (Plot("left", "recall", "precision", 1), Plot("right", "x", "y"))
    return Evaluation("Precision", {"data": EVIL}, axes, measurements)


def test_the_text_has_a_row_for_each_model(evaluation):
    head, *rows = as_text(evaluation).splitlines()
    width = len(EVIL)
    assert head == " " * width + "      AP  missed"
    assert rows[0] == "published".ljust(width) + "  0.7500       3"
    assert rows[1] == EVIL + "     nan      12"
    assert rows[2] == "_mine".ljust(width) + "  0.3333       0"


def test_the_json(evaluation):
    described = json.loads(as_json(evaluation))
    assert described["title"] == "Precision"
    assert described["about"] == {"data": EVIL}
    assert described["results"]["published"] == {
        "numbers": {"AP": 0.75, "missed": 3},
        "curves": {"left": {"x": [0, 1], "y": [1, 0.5]}, "right": {"x": [], "y": []}},
    }
    assert described["results"][EVIL]["numbers"] == {"AP": None, "missed": 12}
    assert described["results"][EVIL]["curves"]["left"]["y"] == [None, 0.25]


def test_the_plots_show_every_detector(evaluation):
    plot = cv2.imdecode(np.frombuffer(as_png(evaluation), np.uint8), cv2.IMREAD_COLOR)
    height, width = plot.shape[:2]
    assert width == pytest.approx(2 * height, rel=0.01)
    # matplotlib's first three colors, in BGR.
    for color in ((180, 119, 31), (14, 127, 255), (44, 160, 44)):
        near = np.abs(plot.astype(int) - color).max(axis=2) < 12
        assert near[:, : width // 2].any()
        assert near[:, width // 2 :].any()


def test_plots_without_measurements():
    nothing = Evaluation("Precision", {}, (Plot("left", "x", "y"),), {})
    assert as_png(nothing).startswith(b"\x89PNG")


def test_without_matplotlib(evaluation, monkeypatch):
    monkeypatch.setattr(_packages, "_has", lambda name: False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"^plotting needs Matplotlib: pip install matplotlib "):
        as_png(evaluation)


class Page(HTMLParser):
    """Collects the tags, with attributes, and the text of a page."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def test_the_report_needs_no_other_files(evaluation):
    jpeg = b"\xff\xd8 an image"
    examples = [Example(EVIL, {name: jpeg for name in evaluation.measurements})]
    page = Page(as_html(evaluation, b"\x89PNG a plot", examples).decode())
    sources = [attributes["src"] for _, attributes in page.tags if "src" in attributes]
    assert sources[0] == "data:image/png;base64," + base64.b64encode(b"\x89PNG a plot").decode()
    assert sources[1:] == ["data:image/jpeg;base64," + base64.b64encode(jpeg).decode()] * 3
    assert not [a for _, attributes in page.tags for a in attributes if a in ("href", "srcset")]
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe")]
    assert "url(" not in "".join(page.text)


def test_the_report_escapes_names(evaluation):
    page = Page(as_html(evaluation, b"", [Example(EVIL, {EVIL: b""})]).decode())
    # In the description, in the table, above the example and below its image.
    assert page.text.count(EVIL) == 4
    assert [a["alt"] for tag, a in page.tags if tag == "img"] == [
        "The curves of all detectors",
        EVIL,
    ]
    cells = [text for text in page.text if text in ("AP", "0.7500", "nan", "12")]
    assert cells == ["AP", "0.7500", "nan", "12"]


def test_names_that_are_not_utf_8(evaluation):
    assert b"caf?" in as_html(evaluation, b"", [Example("caf\udce9", {})])
