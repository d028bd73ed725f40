"""Writes a report as one HTML file, which needs neither other files nor a network."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from mtcnn_rt.evaluation.measurement import Evaluation
from mtcnn_rt.evaluation.tables import Table, as_table, parts_table

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; margin: 2rem auto; max-width: 80rem;
  padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0 1rem; }
dd { margin: 0; }
img { max-width: 100%; }
.images { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 1rem; }
.crops { display: grid; grid-template-columns: repeat(auto-fill, 12rem); gap: 1rem; }
figure { margin: 0; }
figcaption { color: #666; overflow-wrap: anywhere; }
"""


@dataclass(frozen=True)
class Example:
    """Holds an image with the faces that each detector found.

    Attributes:
        name: The name of the image.
        images: A JPEG file with the faces drawn, by the name of the detector.
    """

    name: str
    images: Mapping[str, bytes]


@dataclass(frozen=True)
class Mistakes:
    """Holds crops of one kind of mistake of one detector, the worst first.

    Attributes:
        title: The title.
        crops: Captions and JPEG files.
    """

    title: str
    crops: Sequence[tuple[str, bytes]]


def as_html(
    evaluation: Evaluation,
    plot: bytes,
    examples: Sequence[Example],
    mistakes: Sequence[Mistakes] = (),
) -> bytes:
    """Writes the report: numbers, plots, the worst mistakes, and examples of all detectors.

    Args:
        evaluation: The evaluation.
        plot: The plots as a PNG file.
        examples: Images with the faces that the detectors found.
        mistakes: The worst mistakes of each detector.

    Returns:
        The HTML file.
    """
    title = escape(evaluation.title)
    parts = [
        f"<h1>{title}</h1>",
        _about(evaluation.about),
        _table(as_table(evaluation)),
        _table(parts_table(evaluation)),
        _image("image/png", plot, "The curves of all detectors"),
        *_mistakes(mistakes),
        *(_figures(one.name, "images", one.images.items()) for one in examples),
    ]
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    page = "\n".join(["<!doctype html>", '<html lang="en">', head, *parts, "</html>", ""])
    return page.encode("utf-8", errors="replace")  # file names may be no valid UTF-8


def _about(about: Mapping[str, str]) -> str:
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in about.items())
    return f"<dl>{rows}</dl>"


def _table(table: Table) -> str:
    if not table:
        return ""
    head, *rows = table
    lines = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
    lines += ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _mistakes(mistakes: Sequence[Mistakes]) -> list[str]:
    shown = [one for one in mistakes if one.crops]
    if not shown:
        return []
    legend = (
        "<h2>The worst mistakes</h2><p>Green: annotated faces that count. Gray: annotated faces "
        "that are ignored. Red: detections.</p>"
    )
    return [legend, *(_figures(one.title, "crops", one.crops) for one in shown)]


def _figures(title: str, kind: str, images: Iterable[tuple[str, bytes]]) -> str:
    """Returns images with their captions below a title; `kind` is a class of `STYLE`."""
    figures = "".join(
        f"<figure>{_image('image/jpeg', image, caption)}"
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for caption, image in images
    )
    return f'<h3>{escape(title)}</h3><div class="{kind}">{figures}</div>'


def _image(kind: str, content: bytes, description: str) -> str:
    data = base64.b64encode(content).decode("ascii")
    return f'<img alt="{escape(description)}" src="data:{kind};base64,{data}">'
