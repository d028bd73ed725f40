"""What the benchmarks count, against cases worked out by hand."""

import numpy as np

from benchmarks.boxes import count_matches

# Three faces of 100 x 100 pixels that do not overlap.
A, B, C = (0, 0, 100, 100), (200, 0, 300, 100), (400, 0, 500, 100)


def test_boxes_pair_up_one_to_one():
    both = np.array([A, (0, 0, 100, 60)], float)  # the second overlaps A by 0.6
    assert count_matches(both, np.array([A], float)) == 1
    assert count_matches(both, both) == 2
    assert count_matches(both, np.array([A, B, C], float)) == 1
    assert count_matches(np.array([A], float), np.array([(0, 0, 100, 49)], float)) == 0
    assert count_matches(np.zeros((0, 4)), both) == 0
