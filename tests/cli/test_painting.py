"""The options of the look: what a command gets for painting, with ids and hidden faces."""

from __future__ import annotations

from collections.abc import Callable

import click
import numpy as np
import pytest
from click.testing import CliRunner

from mtcnn_rt import Faces, anonymize, draw
from mtcnn_rt.cli import painting as look
from mtcnn_rt.cli.painting import look_options

FACES = Faces(
    np.array([(20, 20, 60, 70)], np.float32),
    np.array([0.9], np.float32),
    np.array([[(30, 40), (50, 40), (40, 50), (32, 60), (48, 60)]], np.float32),
)
HIDDEN = np.array([(80, 30, 110, 70)], np.float32)


@pytest.fixture
def painted() -> Callable[..., np.ndarray]:
    """What `paint` makes of a light picture for given options."""

    def paint_it(*words: str, ids=None, hidden=None) -> np.ndarray:
        image = np.full((100, 140, 3), 200, np.uint8)

        @click.command
        @look_options
        def command(paint: look.Paint) -> None:
            paint(image, FACES, ids, hidden)

        result = CliRunner().invoke(command, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return image

    return paint_it


def test_ids_are_drawn_and_hidden_faces_are_not(painted):
    color = draw.color_of(7)
    image = painted(ids=[7], hidden=HIDDEN)
    assert (image[45, 20] == color).all()
    assert (image[30:71, 80:111] == 200).all()
    assert (painted()[45, 20] == draw.ACCENT).all()


def test_hidden_faces_are_covered_as_the_others(painted):
    image = painted("--anonymize", "solid", "--shape", "box", ids=[7], hidden=HIDDEN)
    assert (image[20:70, 20:60] == 0).all()
    assert (image[30:70, 80:110] == 0).all()
    assert (painted("--anonymize", "solid")[30:70, 80:110] == 200).all()


def test_the_defaults_are_those_of_python(painted):
    expected = np.full((100, 140, 3), 200, np.uint8)
    anonymize.anonymize(expected, FACES.boxes, "solid")
    assert (painted("--anonymize", "solid") == expected).all()


def test_the_choices_are_those_of_python():
    assert look._STYLES == draw.STYLES
    assert look._METHODS == anonymize.METHODS
    assert look._SHAPES == anonymize.SHAPES
