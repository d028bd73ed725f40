"""Tests of the painting options, with ids and hidden faces."""

from __future__ import annotations

from collections.abc import Callable

import click
import numpy as np
import pytest
from click.testing import CliRunner

from mtcnn_rt import Faces
from mtcnn_rt.cli.painting import PaintOptions, paint_options
from mtcnn_rt.drawing import anonymize, covering, overlay
from mtcnn_rt.drawing.painter import CoveringPainter, DrawingPainter, Found

FACES = Faces(
    np.array([(20, 20, 60, 70)], np.float32),
    np.array([0.9], np.float32),
    np.array([[(30, 40), (50, 40), (40, 50), (32, 60), (48, 60)]], np.float32),
)
HIDDEN = np.array([(80, 30, 110, 70)], np.float32)


def parsed(*words: str) -> PaintOptions:
    """Returns the options that a command gets for these words."""
    found = []

    @click.command
    @paint_options
    def command(painting: PaintOptions) -> None:
        found.append(painting)

    result = CliRunner().invoke(command, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return found[0]


@pytest.fixture
def painted() -> Callable[..., np.ndarray]:
    """Returns a function that paints a light image with the given options."""

    def paint_it(*words: str, ids=None, hidden=None) -> np.ndarray:
        image = np.full((100, 140, 3), 200, np.uint8)
        parsed(*words).painter().paint(image, Found(FACES, ids, hidden))
        return image

    return paint_it


def test_ids_are_drawn_and_hidden_faces_are_not(painted):
    color = overlay.color_of(7)
    image = painted(ids=[7], hidden=HIDDEN)
    assert (image[45, 20] == color).all()
    assert (image[30:71, 80:111] == 200).all()
    assert (painted()[45, 20] == overlay.ACCENT).all()


def test_hidden_faces_are_covered_as_the_others(painted):
    image = painted("--anonymize", "solid", "--shape", "box", ids=[7], hidden=HIDDEN)
    assert (image[20:70, 20:60] == 0).all()
    assert (image[30:70, 80:110] == 0).all()
    assert (painted("--anonymize", "solid")[30:70, 80:110] == 200).all()


def test_the_defaults_are_those_of_python(painted):
    expected = np.full((100, 140, 3), 200, np.uint8)
    anonymize(expected, FACES.boxes, "solid")
    assert (painted("--anonymize", "solid") == expected).all()


def test_the_choices_are_those_of_python():
    choices = {option.name: option.type for option in _options()}
    assert tuple(choices["style"].choices) == overlay.STYLES
    assert tuple(choices["anonymize"].choices) == covering.METHODS
    assert tuple(choices["shape"].choices) == covering.SHAPES


def _options() -> list[click.Parameter]:
    return click.command(paint_options(lambda painting: None)).params


def test_a_live_view_draws_first_and_covers_by_every_method():
    painting = parsed("--style", "corners", "--no-scores")
    assert painting.name == "off"
    assert painting.painters() == {
        "off": DrawingPainter("corners", scores=False),
        "blur": CoveringPainter("blur"),
        "pixelate": CoveringPainter("pixelate"),
        "solid": CoveringPainter("solid"),
    }


def test_a_live_view_covers_first_if_asked():
    painting = parsed("--anonymize", "solid", "--shape", "box", "--margin", "0.5")
    assert painting.name == "solid"
    assert list(painting.painters()) == ["blur", "pixelate", "solid"]  # none of them draws
    assert painting.painters()["blur"] == CoveringPainter("blur", 0.5, "box")
    assert painting.painter() == CoveringPainter("solid", 0.5, "box")
