"""Tests the benchmark of turned photographs on drawn faces."""

from benchmarks.rotations import HEADER, report
from mtcnn_rt.annotations import read_annotations


def test_every_turn_has_a_row_with_and_without_rotations(drawn):
    images = read_annotations(drawn).images[:2]
    text = report(images, threads=1, min_face_size=40)
    lines = text.splitlines()
    assert lines[0] == "2 photographs, 4 faces"
    assert lines[2] == f"| {' | '.join(HEADER)} |"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[4:]]
    assert [row[:2] for row in rows] == [
        [f"{degrees}°", rotations]
        for degrees in (0, 90, 180, 270)
        for rotations in ("0", "0, 90, 180, 270")
    ]
    turned = {tuple(row[2:4]) for row in rows if row[1] != "0"}
    assert len(turned) == 1  # the same recall and false positives, whatever the turn
