"""Excess variance, trend, correlations, exposures against one another."""

import numpy as np
import pytest
from builders import make_lightcurve
from scipy import stats

from hstlc.science.series import series
from hstlc.science.variability import (
    between_exposures,
    centred,
    excess_variance,
    rank_correlation,
    serial_correlation,
    trend,
)

N = 2000


def of(counts, **options):
    return series(make_lightcurve(counts, **options))


def test_fractional_variability_is_the_injected_one():
    rng = np.random.default_rng(1)
    counts = rng.poisson(100 * (1 + 0.2 * np.sqrt(2) * np.sin(np.arange(N) / 7)))
    excess, fvar = excess_variance(of(counts), 5.0)
    assert fvar.value == pytest.approx(0.2, abs=4 * fvar.error)
    assert excess.value == pytest.approx(fvar.value**2)
    plain = (np.var(counts, ddof=1) - counts.mean()) / counts.mean() ** 2
    assert excess.value == pytest.approx(plain)


def test_error_of_the_excess_variance_is_its_scatter():
    rng = np.random.default_rng(2)
    values = [excess_variance(of(rng.poisson(20, 400)), 5.0)[0] for _ in range(300)]
    scatter = np.std([one.value for one in values])
    assert scatter == pytest.approx(np.median([one.error for one in values]), rel=0.15)


def test_no_relative_number_without_a_net_rate():
    excess, fvar = excess_variance(of(np.arange(30) % 3, background=2.0), 5.0)
    assert excess.value is None
    assert fvar.value is None


def test_trend_is_that_of_a_weighted_line():
    rng = np.random.default_rng(3)
    counts = rng.poisson(50 * (1 + 0.3 * np.linspace(-0.5, 0.5, N)))
    found = of(counts)
    line = trend(found)
    expected = np.polyfit(found.time_s, found.net, 1)[0] * np.ptp(found.time_s) / found.net.mean()
    assert line.value == pytest.approx(expected, rel=1e-6)
    assert line.value == pytest.approx(0.3, abs=4 * line.error)
    assert line.p < 1e-6
    assert trend(of(rng.poisson(50, N))).p > 1e-3


def test_spearman_is_scipys():
    found = of(np.random.default_rng(4).poisson(9, 300))
    expected = stats.spearmanr(found.mjd, found.net)
    rank = rank_correlation(found)
    assert rank.value == pytest.approx(expected.statistic)
    assert rank.p == pytest.approx(expected.pvalue)


def test_serial_correlation_of_a_known_process():
    rng = np.random.default_rng(5)
    walk = np.zeros(N)
    for k in range(1, N):
        walk[k] = 0.6 * walk[k - 1] + rng.normal()
    found = of(1000 + 100 * walk)
    assert serial_correlation(found, centred(found)) == pytest.approx(0.6, abs=0.08)


def test_gaps_and_other_exposures_are_no_neighbours():
    counts = np.tile([10.0, 20.0], 50)
    pairs = 55000 + (np.arange(100) // 2 * 1000 + np.arange(100) % 2 * 2) / 86400
    found = of(counts, mjd=pairs, bjd_tdb=pairs + 2400000.5)
    assert serial_correlation(found, centred(found)) == pytest.approx(-1.0, abs=0.01)
    apart = of(counts, mjd=55000 + np.arange(100) * 0.01, bjd_tdb=2455000.5 + np.arange(100) * 0.01)
    assert serial_correlation(apart, centred(apart)) is None


def test_exposures_that_differ_more_than_calibration_may():
    rng = np.random.default_rng(6)
    dataset = np.repeat([1, 2, 3], 500)
    level = np.repeat([1.0, 1.0, 1.02], 500)
    assert between_exposures(of(rng.poisson(200 * level), dataset=dataset), 0.05).p > 0.01
    assert between_exposures(of(rng.poisson(200 * level), dataset=dataset), 0.0).p < 1e-3
    outburst = between_exposures(of(rng.poisson(200 * level**40), dataset=dataset), 0.05)
    assert outburst.p < 1e-6
    assert outburst.value == pytest.approx(1.02**40 - 1, rel=0.3)
    assert between_exposures(of(rng.poisson(200, 500)), 0.05).p is None
