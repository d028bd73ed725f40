"""The load test of the HTTP endpoint."""

import cv2
import pytest

from benchmarks import endpoint


def test_the_endpoint_answers_under_load_and_its_event_loop_goes_on(sample_frame, tmp_path, capsys):
    pytest.importorskip("fastapi", reason="FastAPI is not installed")
    pytest.importorskip("uvicorn", reason="uvicorn is not installed")
    cv2.imwrite(str(tmp_path / "photo.jpg"), sample_frame)
    image = str(tmp_path / "photo.jpg")
    endpoint.main(["--image", image, "--clients", "1", "3", "--seconds", "2"])
    head, _, one, three = capsys.readouterr().out.splitlines()
    assert head.startswith("| clients | requests a second | p50 | p99 |")
    for line, clients in ((one, "1"), (three, "3")):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[0] == clients
        assert float(cells[1]) > 0
        p50, p99, probe_p50, *_ = (float(cell.removesuffix(" ms")) for cell in cells[2:])
        assert p50 <= p99
        assert probe_p50 < p50  # it does not wait for a detection


def test_percentiles_are_in_milliseconds():
    assert endpoint.in_ms([0.001, 0.002, 0.003], 50, 100) == ["2.0 ms", "3.0 ms"]
