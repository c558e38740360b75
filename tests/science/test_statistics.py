"""The original's statistics against closed forms."""

import json

import numpy as np
import pytest
from builders import make_lightcurve

from hstlc.files.records import to_json, to_plain
from hstlc.model import FluxSource, Quality
from hstlc.science.statistics import statistics, whole_bins

NUMBERS = ('mean', 'mu', 'stdev', 'poisson_factor', 'pearson_r', 'pearson_p', 'best_period_s', 'best_power')


def test_closed_forms():
    found = statistics(make_lightcurve([2, 4, 6, 8], background=1.0), composite=False)
    assert (found.total, found.mean, found.mu) == (16, 4.0, 2.0)
    assert found.stdev == pytest.approx(np.sqrt(5.0))
    assert found.poisson_factor == pytest.approx(np.sqrt(5.0) / 2)
    assert found.pearson_r == pytest.approx(1.0)
    assert found.deliver is False


def test_poisson_counts_have_factor_one():
    rng = np.random.default_rng(6)
    found = statistics(make_lightcurve(rng.poisson(100, 4000)), composite=False)
    assert found.poisson_factor == pytest.approx(1.0, abs=4 / np.sqrt(2 * 4000))
    assert found.periodogram is False


def test_partial_bins_are_left_out():
    lc = make_lightcurve([10, 11, 12, 3], exptime_s=[2, 2, 2, 0.5])
    assert whole_bins(lc).tolist() == [True, True, True, False]
    assert statistics(lc, composite=False).total == 33


def test_all_bins_are_taken_where_fewer_than_three_are_whole():
    lc = make_lightcurve([10, 11, 3, 4], exptime_s=[2, 2, 1, 0.5])
    assert whole_bins(lc).all()
    assert statistics(lc, composite=False).total == 28


def test_total_is_truncated_towards_zero():
    assert statistics(make_lightcurve([1.9, 1.9, 1.9]), composite=False).total == 5
    assert statistics(make_lightcurve([0.1, 0.1, 0.1], background=1.0), composite=False).total == -2


@pytest.mark.parametrize(('gross', 'background'), [([], 0), ([0], 0), ([0] * 9, 0), ([1] * 9, 2), ([0.3] * 3, 0)])
def test_without_counts_there_are_no_numbers(gross, background):
    found = statistics(make_lightcurve(gross, background=background), composite=True)
    assert all(getattr(found, name) is None for name in NUMBERS)
    assert not found.periodogram
    assert not found.deliver
    assert found.note
    assert ('no bin' in found.note) == (not gross)


@pytest.mark.parametrize('n', [1, 2])
def test_one_or_two_bins_have_a_mean_but_no_correlation(n):
    found = statistics(make_lightcurve([9.0, 16.0][:n]), composite=False)
    assert found.mean == pytest.approx([9.0, 12.5][n - 1])
    assert found.pearson_r is None
    assert found.best_period_s is None
    assert 'too few bins' in found.note


def test_constant_counts():
    found = statistics(make_lightcurve([7.0] * 20), composite=False)
    assert (found.stdev, found.poisson_factor, found.pearson_r, found.periodogram) == (0.0, 0.0, None, False)
    assert 'constant' in found.note


def test_nothing_is_ever_nan():
    gross = np.full(40, 5.0)
    gross[::7] = np.nan
    gross[3] = 9
    lc = make_lightcurve(gross, exptime_s=np.where(np.arange(40) == 5, 0.0, 2.0))
    found = statistics(lc, composite=True)
    usable = np.isfinite(gross) & (np.arange(40) != 5)
    assert found.total == int(gross[usable].sum())
    values = to_plain(found)
    assert json.loads(to_json(values)) == values
    assert all(values[name] is not None for name in NUMBERS[:6])


def test_periodogram_flag_and_its_threshold():
    seconds = (np.arange(900) + 0.5) * 2
    lc = make_lightcurve(100 + 50 * np.sin(2 * np.pi * seconds / 150))
    found = statistics(lc, composite=False)
    assert found.periodogram
    assert found.best_period_s == pytest.approx(150, rel=0.02)
    assert 0.3 <= found.best_power <= 1
    assert not statistics(lc, composite=False, periodogram_power=1.0).periodogram


def test_delivered_is_a_calibrated_composite():
    lc = make_lightcurve(np.arange(1.0, 30))
    found = statistics(lc, composite=True)
    assert found.deliver
    assert found.note is None
    assert not statistics(lc, composite=False).deliver


def test_not_delivered_without_flux():
    found = statistics(make_lightcurve(np.arange(1.0, 30), flux_source=FluxSource.NONE), composite=True)
    assert not found.deliver
    assert found.note == 'not delivered: no flux calibration'


@pytest.mark.parametrize(
    ('flag', 'part', 'deliver'),
    [
        (Quality.BURST, 0.5, True),
        (Quality.BURST, 0.6, False),
        (Quality.SAA, 1.0, False),
        (Quality.DAY, 1.0, True),
        (Quality.LOWN | Quality.DAY, 1.0, True),
        (Quality.DAY | Quality.LOWEXP, 1.0, False),
        (1 << 20, 1.0, False),
    ],
)
def test_delivery_and_flags(flag, part, deliver):
    quality = np.where(np.arange(40) < part * 40, int(flag), 0)
    assert statistics(make_lightcurve(np.arange(1.0, 41), quality=quality), composite=True).deliver is deliver
