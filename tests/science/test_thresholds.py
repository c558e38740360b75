"""Every threshold changes what is said of some light curve."""

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from hstlc.files.tables import load_bands
from hstlc.model import BandKind, Thresholds
from hstlc.science.added import add
from hstlc.science.bands import band_variability, colour_constancy
from hstlc.science.series import series
from hstlc.science.statistics import statistics
from hstlc.settings import Settings
from tests.builders import make_lightcurve
from tests.validation.statistics import DAY_S, ORBIT_S, observation, visit_starts

CHANGED = {
    'pulsator': {
        'period_fap': 1e-300, 'listed_fap': 1e-300, 'most_periods': 1, 'min_period_bins': 10**5, 'min_cycles': 500.0,
        'background_part': 0.01, 'airglow_ratio': 0.01, 'window_power': 1e-9, 'weight_period': 0.1,
        'certain_p': 1e-290,
    },
    'explained': {'housekeeping_p': 1e-300},
    'flaring': {
        'min_events': 10**6, 'block_p0': 1e-90, 'flare_ratio': 9.0, 'flare_sigma': 80.0, 'flare_background': 1.0,
        'background_sigma': 1e3, 'weight_flares': 0.1, 'weight_eclipses': 0.1, 'full_sigma': 1e3,
    },
    'flickering': {'red_noise': 0.9, 'variable_p': 1e-300, 'weight_variability': 0.1, 'full_fvar': 1e3},
    'visits': {
        'orbit_shortest': 4000.0, 'orbit_longest': 9000.0, 'orbit_tolerance': 0.5, 'calibration_error': 0.5, 'firm_mean': 1e6,
        'visit_gap': 1.0,
        'weight_outburst': 0.1, 'full_range': 1e3,
    },
    'orbital': {'orbit_twin': 0.01},
    'years': {'season_gap': 1000.0, 'longest_season': 1e4},
}  # fmt: skip


def sine(t, period_s, amplitude):
    return amplitude * np.sin(2 * np.pi * t / period_s)


def with_background(lc, n_bkg):
    gross = lc.gross + 0.2 * n_bkg
    return replace(lc, background=0.2 * n_bkg, n_bkg=n_bkg, variance=gross + 0.04 * n_bkg, gross=gross)


def pulsator(exposure_s=3000.0, background=20.0):
    """Two periods; background and airglow follow the first, but only a bright background explains it."""
    rng = np.random.default_rng(1)
    t = np.arange(0.0, exposure_s, 2.0)
    lc = observation(rng, lambda s: 15 * (1 + sine(s, 33, 0.3) + sine(s, 80, 0.2)), [0.0], exposure_s, 2.0)
    n_bkg = rng.poisson(background * (1 + sine(t, 33, 0.3)))
    return replace(with_background(lc, n_bkg), airglow=30 * (1 + sine(t, 33, 0.05)))


def flaring():
    """A flare, an eclipse, and a flare of which the background has three quarters."""
    rng = np.random.default_rng(5)
    t = np.arange(1500) * 2.0
    flares = 1.0 * (abs(t - 800) < 40) + 0.6 * (abs(t - 2000) < 40) - 0.8 * (abs(t - 1400) < 30)
    lc = observation(rng, lambda s: 15 * (1 + np.interp(s, t, flares)), [0.0], 3000.0, 2.0)
    return with_background(lc, rng.poisson(40 + 67 * (abs(t - 2000) < 40)))


def flickering():
    rng = np.random.default_rng(2)
    level = np.exp(0.3 * np.convolve(rng.normal(size=1600), np.ones(20), 'valid')[:1500] / np.sqrt(20))
    return make_lightcurve(rng.poisson(20 * level))


def visits(*days, orbital=0.0, period_s=4500.0):
    rng = np.random.default_rng(3)
    starts = [s for day in days for s in visit_starts(day * DAY_S, 4)]
    levels = np.repeat(1 + 0.3 * np.arange(len(days)), 4)

    def rate(t):
        return 10 * (1 + sine(t, ORBIT_S, orbital) + sine(t, period_s, 0.2))

    return observation(rng, rate, starts, 2000.0, 10.0, levels)


@cache
def curve(name):
    return {
        'pulsator': pulsator,
        'explained': lambda: pulsator(600.0, 60.0),
        'flaring': flaring,
        'flickering': flickering,
        'visits': lambda: visits(0.0, 2.3, 5.1),
        'orbital': lambda: visits(0.0, 2.3, 5.1, orbital=0.1),
        'years': lambda: visits(0.0, 410.2, 450.0),
    }[name]()


def judged(name, **changed):
    """Return all that is said of a light curve, but the thresholds themselves."""
    lc = curve(name)
    return replace(add(statistics(lc, composite=False), lc, Thresholds(**changed)), x_thresholds=None)


@cache
def usual(name):
    return judged(name)


@pytest.mark.parametrize(
    ('name', 'threshold', 'value'), [(name, *item) for name, changed in CHANGED.items() for item in changed.items()]
)
def test_a_threshold_acts(name, threshold, value):
    assert judged(name, **{threshold: value}) != usual(name)


def test_the_same_thresholds_give_the_same():
    assert all(judged(name) == usual(name) for name in CHANGED)


def test_the_originals_power_acts():
    lc = make_lightcurve(np.random.default_rng(3).poisson(20 * (1 + sine(np.arange(1000) * 2.0, 300, 0.3))))
    flags = [statistics(lc, composite=False, periodogram_power=power).periodogram for power in (0.3, 1.0)]
    assert flags == [True, False]


def test_counts_for_a_colour_act():
    rng = np.random.default_rng(4)
    bands = (next(one for one in load_bands() if one.kind is kind) for kind in BandKind)
    pair = [(band, series(make_lightcurve(rng.poisson(mean, 300)))) for band, mean in zip(bands, (3, 1), strict=True)]
    assert colour_constancy(pair, 30.0) != colour_constancy(pair, 60.0)
    assert colour_constancy(pair, 1e4) is None
    assert band_variability(pair, Thresholds(min_events=10**6)) == ()


def test_all_are_tested_and_all_are_settings(tmp_path):
    assert {item.name for item in fields(Thresholds)} == {'periodogram_power', 'colour_counts'}.union(*CHANGED.values())
    assert isinstance(Settings(home=tmp_path), Thresholds)
