"""The original's statistics against a straightforward evaluation of their definitions with numpy and scipy."""

import numpy as np
import pytest
from builders import make_lightcurve
from scipy import signal, stats

from hstlc.science.statistics import statistics

RANGES_D = [(5 / 86400, 600 / 86400), (600 / 86400, 1 / 24), (1 / 24, 10 / 24)]


def plain(lc):
    """Return total, mean, mu, stdev, poisson_factor, pearson_r, pearson_p, periodogram as the original defined them."""
    counts, net = lc.gross - lc.background, (lc.gross - lc.background) / lc.exptime_s
    mean, stdev = counts.mean(), counts.std()
    flag = False
    for low, high in RANGES_D:
        periods = np.linspace(low, high, len(net))
        power = signal.lombscargle(lc.mjd - lc.mjd[0], net - net.mean(), 2 * np.pi / periods) * 2 / (len(net) * net.std() ** 2)
        line = power.mean() + 3 * power.std()
        peaks = [k for k in range(1, len(power) - 1) if power[k] > max(power[k - 1], power[k + 1], line)]
        flag |= any(power[k] >= 0.30 for k in peaks)
    pearson = stats.pearsonr(lc.mjd - lc.mjd[0], counts)
    return int(counts.sum()), mean, np.sqrt(mean), stdev, stdev / np.sqrt(mean), pearson.statistic, pearson.pvalue, flag


def curves():
    """Return noise, sinusoids that the original saw or missed, a slope, a background, and a gap."""
    rng = np.random.default_rng(1)
    second = (np.arange(600) + 0.5) * 2
    shapes = {
        'noise': 0 * second,
        'seen': 0.6 * np.sin(2 * np.pi * second / 250),
        'missed': 0.2 * np.sin(2 * np.pi * second / 7.3),
        'near the line': 0.23 * np.sin(2 * np.pi * second / 300),
        'slope': 0.5 * second / 1200,
    }
    found = {name: make_lightcurve(rng.poisson(30 * (1 + shape)), background=2.5) for name, shape in shapes.items()}
    mjd = 58000 + (second + 5740 * (second > 600)) / 86400
    found['gap'] = make_lightcurve(rng.poisson(30 * (1 + 0.5 * np.sin(2 * np.pi * second / 400))), mjd=mjd)
    return found


@pytest.mark.parametrize(('name', 'lc'), curves().items())
def test_the_same_numbers_as_a_plain_evaluation(name, lc):
    found = statistics(lc, composite=False)
    total, *numbers, flag = plain(lc)
    assert found.total == total
    mine = [found.mean, found.mu, found.stdev, found.poisson_factor, found.pearson_r, found.pearson_p]
    np.testing.assert_allclose(mine, numbers, rtol=1e-9, atol=1e-12)
    assert found.periodogram == flag


def test_the_cases_are_of_both_kinds():
    flags = {name: plain(lc)[-1] for name, lc in curves().items()}
    assert flags['seen']
    assert flags['gap']
    assert not flags['missed']
    assert not flags['noise']
