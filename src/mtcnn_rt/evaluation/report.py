"""A report in one HTML file, which needs neither other files nor a network."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from mtcnn_rt.evaluation.measurement import Evaluation
from mtcnn_rt.evaluation.tables import as_table

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; margin: 2rem auto; max-width: 80rem;
  padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0 1rem; }
dd { margin: 0; }
img { max-width: 100%; }
.pictures { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 1rem; }
figure { margin: 0; }
figcaption { color: #666; overflow-wrap: anywhere; }
"""


@dataclass(frozen=True)
class Example:
    """One image with what the detectors found in it: a JPEG file by the name of the detector."""

    name: str
    pictures: Mapping[str, bytes]


def as_html(evaluation: Evaluation, plot: bytes, examples: Sequence[Example]) -> bytes:
    """The numbers, the plots (a PNG file) and the examples of all detectors side by side."""
    title = escape(evaluation.title)
    parts = [
        f"<h1>{title}</h1>",
        _about(evaluation.about),
        _table(evaluation),
        _image("image/png", plot, "The curves of all detectors"),
        *(_example(example) for example in examples),
    ]
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    page = "\n".join(["<!doctype html>", '<html lang="en">', head, *parts, "</html>", ""])
    return page.encode("utf-8", errors="replace")  # names of files may be no UTF-8


def _about(about: Mapping[str, str]) -> str:
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in about.items())
    return f"<dl>{rows}</dl>"


def _table(evaluation: Evaluation) -> str:
    head, *rows = as_table(evaluation)
    lines = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
    lines += ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _example(example: Example) -> str:
    figures = "".join(
        f"<figure>{_image('image/jpeg', picture, detector)}"
        f"<figcaption>{escape(detector)}</figcaption></figure>"
        for detector, picture in example.pictures.items()
    )
    return f'<h3>{escape(example.name)}</h3><div class="pictures">{figures}</div>'


def _image(kind: str, content: bytes, description: str) -> str:
    data = base64.b64encode(content).decode("ascii")
    return f'<img alt="{escape(description)}" src="data:{kind};base64,{data}">'
