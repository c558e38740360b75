"""The original's periodogram against a plain evaluation of its definition."""

import numpy as np
import pytest
from scipy import signal

from hstlc.science import periodogram
from hstlc.science.periodogram import RANGES, original, strongest

DAY_S = 86400.0


def times(n, *, step_s=2.0, start=58000.0, gap_s=0.0):
    """Return n bin centres, half of them after a gap."""
    seconds = (np.arange(n) + 0.5) * step_s + gap_s * (np.arange(n) >= n // 2)
    return start + seconds / DAY_S


def plain_power(mjd, net, low_s, high_s):
    """Return the seed's definition in its own words: days, one scipy call for each block of periods."""
    periods = np.linspace(low_s / DAY_S, high_s / DAY_S, len(net))
    days = mjd - mjd[0]
    values = net - net.mean()
    blocks = np.array_split(periods, max(1, len(net) // 100))
    power = [signal.lombscargle(days, values, 2 * np.pi / block) for block in blocks]
    return np.concatenate(power) * 2 / (len(net) * np.std(net) ** 2)


@pytest.mark.parametrize('name', RANGES)
@pytest.mark.parametrize(('n', 'gap_s'), [(30, 0.0), (1000, 3000.0), (1001, 0.0), (2500, 6000.0), (2000, 2.5e5)])
def test_power_is_that_of_scipy(name, n, gap_s):
    rng = np.random.default_rng(n)
    mjd = times(n, gap_s=gap_s)
    net = rng.poisson(20 * (1 + 0.3 * np.sin(2 * np.pi * mjd * DAY_S / 333))) / 2.0
    expected = plain_power(mjd, net, *RANGES[name])
    np.testing.assert_allclose(original(mjd, net)[name].power, expected, rtol=0, atol=1e-9)


def test_both_evaluations_agree_where_they_meet(monkeypatch):
    rng = np.random.default_rng(3)
    mjd, net = times(400, gap_s=4e5), rng.normal(5, 1, 400)
    direct = original(mjd, net)
    monkeypatch.setattr(periodogram, 'DIRECT', 0)
    fast = original(mjd, net)
    for name in RANGES:
        np.testing.assert_allclose(fast[name].power, direct[name].power, rtol=0, atol=1e-9)


def test_sinusoid_on_the_grid_has_all_the_power():
    mjd = times(600)
    period_s = np.linspace(*RANGES['short'], 600)[200]
    found = original(mjd, 10 + 3 * np.sin(2 * np.pi * (mjd - mjd[0]) * DAY_S / period_s))['short']
    assert found.periods_s[np.argmax(found.power)] == pytest.approx(period_s)
    assert found.power.max() == pytest.approx(1.0, abs=1e-3)
    assert found.strongest == (pytest.approx(period_s), pytest.approx(found.power.max()))


def test_grid_is_linear_in_period_with_a_point_for_each_bin():
    rng = np.random.default_rng(1)
    ranges = original(times(77), rng.normal(size=77))
    assert list(ranges) == ['short', 'medium', 'long']
    for name, (low, high) in {'short': (5, 600), 'medium': (600, 3600), 'long': (3600, 36000)}.items():
        assert ranges[name].periods_s[[0, -1]] == pytest.approx([low, high])
        assert len(ranges[name].periods_s) == 77
        assert np.ptp(np.diff(ranges[name].periods_s)) < 1e-9 * high


def test_line_and_peaks_follow_their_definitions():
    rng = np.random.default_rng(5)
    mjd = times(1500)
    one = original(mjd, rng.poisson(50 * (1 + 0.5 * np.sin(2 * np.pi * mjd * DAY_S / 200))).astype(float))['short']
    assert one.three_sigma == pytest.approx(one.mean + 3 * one.power.std())
    assert one.mean == pytest.approx(one.power.mean())
    expected = [k for k in range(1, 1499) if one.power[k] > max(one.power[k - 1], one.power[k + 1], one.three_sigma)]
    assert len(expected) > 0
    np.testing.assert_array_equal(np.flatnonzero(one.peaks), expected)
    np.testing.assert_array_equal(one.significant_s, one.periods_s[expected])


@pytest.mark.parametrize('n', [0, 1, 2])
def test_too_few_bins_have_no_periodogram(n):
    assert original(times(n), np.arange(n, dtype=float)) == {}
    assert strongest({}) is None


@pytest.mark.parametrize('level', [0.0, 0.1, 7.3])
def test_constant_rate_has_no_periodogram(level):
    assert original(times(50), np.full(50, level)) == {}


def test_order_of_bins_is_irrelevant():
    rng = np.random.default_rng(8)
    mjd, net = times(1200), rng.normal(size=1200)
    shuffled = rng.permutation(1200)
    for name, one in original(mjd, net).items():
        np.testing.assert_allclose(original(mjd[shuffled], net[shuffled])[name].power, one.power, rtol=0, atol=1e-10)


def test_strongest_is_the_highest_peak_of_all_ranges():
    mjd = times(1800)
    rng = np.random.default_rng(2)
    ranges = original(mjd, rng.normal(0, 0.3, 1800) + np.sin(2 * np.pi * mjd * DAY_S / 1000))
    best = strongest(ranges)
    assert best == ranges['medium'].strongest
    assert best[0] == pytest.approx(1000, rel=0.03)


def test_same_input_gives_the_same_bits():
    rng = np.random.default_rng(9)
    mjd, net = times(3000), rng.normal(size=3000)
    assert original(mjd, net)['short'].power.tobytes() == original(mjd, net)['short'].power.tobytes()
