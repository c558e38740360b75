"""Good time intervals, live time and airglow windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hstlc.model import Instrument
from hstlc.science.selection import (
    airglow_windows,
    inside,
    intersect_intervals,
    live_time,
    merge_intervals,
    slit_width,
    total_length,
)

intervals = st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 1000)), max_size=12).map(
    lambda pairs: np.array([(start / 10, (start + length) / 10) for start, length in pairs], float).reshape(-1, 2)
)


@given(intervals)
def test_merged_intervals_cover_the_same_points_once(raw):
    merged = merge_intervals(raw)
    assert np.all(merged[1:, 0] > merged[:-1, 1])
    points = np.linspace(0, 1000, 2001) + np.pi / 1e4
    covered = np.array([np.any((raw[:, 0] <= p) & (p <= raw[:, 1])) for p in points])
    assert np.array_equal(inside(points, merged)[0], covered)


@given(intervals, intervals)
def test_intersection_is_what_lies_in_both(one, other):
    a, b = merge_intervals(one), merge_intervals(other)
    points = np.linspace(-5, 1005, 1999) + np.pi / 1e4
    assert np.array_equal(inside(points, intersect_intervals(a, b))[0], inside(points, a)[0] & inside(points, b)[0])


@given(intervals, st.floats(0.5, 50))
def test_live_time_of_bins_sums_to_the_good_time(raw, step):
    gti = merge_intervals(raw)
    edges = np.arange(-10, 1100 + step, step)
    live = live_time(gti, edges) if len(gti) else np.zeros(len(edges) - 1)
    assert live.sum() == pytest.approx(total_length(gti), abs=1e-9)
    assert np.all(live >= -1e-12)
    assert np.all(live <= step + 1e-9)


def test_live_time_is_the_overlap_of_each_bin():
    gti = np.array([[0.5, 2.25], [4.0, 9.0]])
    assert live_time(gti, np.arange(0.0, 11.0)) == pytest.approx([0.5, 1, 0.25, 0, 1, 1, 1, 1, 1, 0])


def test_airglow_windows_are_whole_angstroms_and_hold_their_line():
    for args in (('auto', Instrument.COS, 'G130M', 'PSA', 0.01), ('auto', Instrument.STIS, 'G140L', '52X0.2', 0.6)):
        for name, start, stop in airglow_windows(*args):
            assert start == int(start)
            assert stop == int(stop)
            if name == 'Ly alpha':
                assert start < 1215.67 < stop
    assert airglow_windows('none', Instrument.COS, 'G130M', 'PSA', 0.01) == ()
    assert [w[1:] for w in airglow_windows('hstlc', Instrument.COS, 'G130M', 'PSA', 0.01)] == [(1208, 1225), (1298, 1312)]


@pytest.mark.parametrize(
    ('name', 'width'), [('52X0.1', 0.1), ('0.2X0.06ND', 0.06), ('6X6', 6.0), ('F25SRF2', 25.0), ('52X0.2F1', 0.2)]
)
def test_slit_width_comes_from_the_name(name, width):
    assert slit_width(name) == width


def test_times_at_the_end_of_an_interval_fall_into_its_last_bin():
    gti = np.array([[0.0, 10.0], [20.0, 30.0]])
    within, clipped = inside(np.array([0.0, 10.0, 10.5, 20.0, 30.0]), gti)
    assert within.tolist() == [True, True, False, True, True]
    assert np.floor(clipped[within]).tolist() == [0, 9, 20, 29]
