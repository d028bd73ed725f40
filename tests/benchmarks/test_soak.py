"""Tests that growth is noticed, and that no scenario grows within a few seconds."""

import sys

import pytest

from benchmarks import soak
from benchmarks.soak import Course, Sample, measure

LENGTHS = [
    pytest.param(4, 60.0, id="short"),  # a few steps, in which allocators still grow
    pytest.param(60, soak.MEGABYTES, id="long", marks=pytest.mark.slow),
]


def course(megabytes=100.0, descriptors=9, threads=3, leaks=(0.0, 0, 0), count=200):
    memory, opened, started = leaks
    samples = [
        Sample(megabytes + memory * i, descriptors + opened * i // 10, threads + started * i // 10)
        for i in range(count)
    ]
    return Course("any", samples, 5)


def test_growth_is_noticed():
    assert not course().grows()
    assert not course(leaks=(0.01, 0, 0)).grows()
    assert course(leaks=(0.2, 0, 0)).grows()
    assert course(leaks=(0, 1, 0)).grows()
    assert course(leaks=(0, 0, 1)).grows()


def test_a_warm_up_does_not_count():
    rising = [Sample(i, i, i) for i in range(50)] + [Sample(50, 50, 50)] * 150
    assert Course("any", rising, 1).growth() == Sample(0, 0, 0)


def test_what_comes_and_goes_does_not_count():
    """Decoders have threads, which a busy machine may miss in one quarter and see in another."""
    samples = [Sample(100, 9 + (i % 40 > 36), 3 + 7 * (i % 40 > 36)) for i in range(180)]
    samples += [Sample(100, 19, 10), Sample(100, 9, 3)] * 10
    assert Course("any", samples, 1).growth() == Sample(0, 0, 0)


def test_the_report_has_a_row_for_each_scenario():
    lines = soak.report([course(), course(leaks=(1, 0, 0))]).splitlines()
    assert [line.count("grows") for line in lines[2:]] == [0, 1]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("seconds", "megabytes"), LENGTHS)
@pytest.mark.parametrize("scenario", soak.SCENARIOS)
def test_no_scenario_grows(scenario, seconds, megabytes):
    measured = measure(scenario, seconds)
    assert measured.steps > 3
    assert not measured.grows(megabytes), soak.report([measured])
