"""Tests of full detections that are spread over the frames of an interval."""

from pathlib import Path

import numpy as np
from helpers import reference

import mtcnn_rt
from mtcnn_rt import MTCNN, Tracker, stream

CLIP = Path(mtcnn_rt.__file__).parent / "sample.mp4"


def test_a_spread_search_follows_the_same_faces_as_a_whole_one():
    detector = MTCNN(40, threads=1)
    whole = list(stream(CLIP, Tracker(detector)))
    tracker = Tracker(detector, spread=True)
    parts = list(stream(CLIP, tracker))
    assert len(whole) == len(parts) == 125
    found = kept = 0
    for one, other in zip(whole, parts, strict=True):
        for box in one.faces.boxes:
            found += 1
            kept += reference.iou(box, other.faces.boxes).max(initial=0) > 0.7
    assert found >= 450
    assert kept >= 0.98 * found
    ids = [sorted({int(i) for result in results for i in result.ids}) for results in (whole, parts)]
    assert ids[0] == ids[1]
    # At least one in five frames ends a search of the whole image.
    assert 25 <= tracker.full_detections < 125
    assert np.isfinite(parts[-1].faces.scores).all()
