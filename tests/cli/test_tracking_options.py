"""Options of the tracker: covers follow faces without a lag."""

import click
import numpy as np
import pytest
from click.testing import CliRunner

from mtcnn_rt import MTCNN, Faces, Tracker
from mtcnn_rt.cli.tracking_options import tracking_options


@pytest.fixture(scope="module")
def detector() -> MTCNN:
    return MTCNN(threads=1)


def new_finder(*words: str):
    """Returns the function that the command gets."""
    made = []
    command = click.command()(tracking_options(lambda new_finder: made.append(new_finder)))
    assert CliRunner().invoke(command, words).exit_code == 0
    return made[0]


def lag(tracker: Tracker) -> float:
    """Returns how far a box is behind a face of 100 pixels that begins to move, in pixels."""
    worst = 0.0
    for index in range(40):
        x = 100 + max(0, index - 30) * 30
        box = np.array([[x, 100, x + 100, 200]], np.float32)
        faces = Faces(box, np.ones(1, np.float32), np.repeat(box[:, None, :2], 5, axis=1))
        found = tracker.assign(faces, (400, 800), index / 25)
        worst = max(worst, float(abs(found.faces.boxes - box).max()))
    return worst


def test_covers_do_not_lag_behind_a_sudden_motion(detector):
    assert lag(new_finder()(detector, every_frame=True)) == 0
    assert lag(new_finder("--no-smooth")(detector)) == 0
    assert 5 < lag(new_finder()(detector)) < 10
