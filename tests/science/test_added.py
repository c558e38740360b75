"""All added statistics together: edge cases, the bands, and that the numbers of a record are numbers."""

import json
import math
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest
from builders import make_lightcurve
from hypothesis import given
from hypothesis import strategies as st

from hstlc.files.records import from_plain, to_json, to_plain
from hstlc.files.tables import load_bands
from hstlc.model import BandKind, Quality, Statistics, Thresholds
from hstlc.science.added import add
from hstlc.science.bands import band_curves, band_variability, colour_constancy, fractional
from hstlc.science.series import series
from hstlc.science.statistics import statistics
from hstlc.settings import Settings

THRESHOLDS = Thresholds()
NUMBERS = ('x_chi2', 'x_fvar', 'x_trend', 'x_spearman', 'x_acf1', 'x_period_s', 'x_blocks', 'x_interest')


def everything(lc, **options):
    found = add(statistics(lc, composite=False), lc, THRESHOLDS, **options)
    plain = to_plain(found)
    assert json.loads(to_json(plain)) == plain  # no NaN, nothing that JSON does not know
    assert from_plain(plain, Statistics) == found
    assert not any(isinstance(value, float) and not math.isfinite(value) for value in vars(found).values())
    return found


@pytest.mark.parametrize(
    ('gross', 'said'),
    [
        ([], 'no bin'),
        ([5], 'only one bin'),
        ([0] * 50, 'only 0 source events'),
        ([0] * 49 + [1], 'only 1 source events'),
        ([np.nan] * 20, 'no bin has both'),
    ],
)
def test_where_nothing_can_be_said_a_reason_is(gross, said):
    found = everything(make_lightcurve(gross))
    assert all(getattr(found, name) is None for name in NUMBERS)
    assert said in found.x_note
    assert found.x_thresholds == THRESHOLDS


@pytest.mark.parametrize('gross', [[300, 400], [0] * 49 + [50], [7.0] * 50, [0, 9] * 4, [np.nan, *range(10)]])
def test_odd_light_curves_have_numbers_without_nan(gross):
    found = everything(make_lightcurve(gross))
    assert found.x_chi2 is not None
    assert found.x_chi2_p is not None
    assert (found.x_periods == ()) == ('no periods' in (found.x_note or ''))


def test_all_flagged_and_partly_flagged():
    counts = np.random.default_rng(1).poisson(20, 60)
    assert 'LOWEXP' in everything(make_lightcurve(counts, quality=np.full(60, int(Quality.LOWEXP)))).x_note
    half = everything(make_lightcurve(counts, quality=np.where(np.arange(60) % 2, int(Quality.LOWEXP), 0)))
    assert half.x_bins == 30


def test_one_bin_in_each_exposure():
    assert everything(make_lightcurve([20, 30, 25], dataset=np.array([1, 2, 3]))).x_note == 'only one bin in each exposure'


def test_more_background_than_source():
    rng = np.random.default_rng(2)
    found = everything(make_lightcurve(rng.poisson(3, 200), background=5.0))
    assert 'no net rate' in found.x_note
    assert found.x_fvar is None
    assert found.x_chi2_p is not None


@given(
    st.lists(st.one_of(st.integers(0, 30), st.just(float('nan'))), max_size=40),
    st.lists(st.integers(1, 3), min_size=40, max_size=40),
    st.floats(0, 20),
)
def test_no_light_curve_is_too_odd(gross, dataset, background):
    n = len(gross)
    everything(make_lightcurve(gross, background=background, dataset=np.sort(dataset[:n])))


def test_the_originals_numbers_stay():
    lc = make_lightcurve(np.random.default_rng(3).poisson(10, 300))
    before, after = statistics(lc, composite=False), everything(lc)
    kept = [item.name for item in fields(Statistics) if not item.name.startswith('x_')]
    assert len(kept) == 12
    assert all(getattr(before, name) == getattr(after, name) for name in kept)


def test_thresholds_are_the_settings_and_act(tmp_path):
    settings = Settings(home=tmp_path)
    assert {item.name: getattr(settings, item.name) for item in fields(Thresholds)} == to_plain(Thresholds())
    lc = make_lightcurve(np.random.default_rng(4).poisson(20 * (1 + 0.2 * np.sin(np.arange(900) / 5))))
    assert everything(lc).x_periodic
    strict = replace(THRESHOLDS, period_fap=1e-300, variable_p=1e-300)
    found = add(statistics(lc, composite=False), lc, strict)
    assert not found.x_periodic
    assert not found.x_variable
    assert found.x_thresholds == strict


def test_interest_orders_what_happens():
    rng = np.random.default_rng(5)
    second = (np.arange(1000) + 0.5) * 2
    flare = 1 + 5 * np.exp(-np.clip(second - 900, 0, None) / 40) * (second > 900)
    scores = [
        everything(make_lightcurve(rng.poisson(10 * shape))).x_interest
        for shape in (flare, 1 + 0.3 * np.sin(second / 6), np.ones(1000))
    ]
    assert min(scores[:2]) > 60
    assert scores[2] == 0


def band_series(line, continuum):
    line_band, continuum_band = (next(one for one in load_bands() if one.kind is kind) for kind in BandKind)
    return [(line_band, series(make_lightcurve(line))), (continuum_band, series(make_lightcurve(continuum)))]


def test_lines_against_continuum():
    rng = np.random.default_rng(6)
    wave = 1 + 0.5 * np.sin(np.arange(1000) / 60)
    lines_only = band_series(rng.poisson(10 * wave), rng.poisson(10, 1000))
    assert fractional(lines_only, BandKind.LINE, 5.0) == pytest.approx(0.5 / np.sqrt(2), abs=0.05)
    assert fractional(lines_only, BandKind.CONTINUUM, 5.0) < 0.1
    assert colour_constancy(lines_only, 30.0) < 1e-6
    together = band_series(rng.poisson(10 * wave), rng.poisson(4 * wave))
    assert colour_constancy(together, 30.0) > 1e-3
    assert [one.kind for one in band_variability(together, THRESHOLDS)] == list(BandKind)
    assert colour_constancy(band_series(rng.poisson(0.01, 1000), rng.poisson(5, 1000)), 30.0) is None
    assert everything(make_lightcurve([9] * 9), curves=together).x_line_fvar is not None


def test_colours_of_constant_sources_are_uniform():
    rng = np.random.default_rng(7)
    p = [colour_constancy(band_series(rng.poisson(3, 300), rng.poisson(1, 300)), 30.0) for _ in range(200)]
    assert 0.35 < np.mean(np.array(p) < 0.5) < 0.65


def test_no_curves_without_wavelengths():
    assert band_curves(SimpleNamespace(has_wavelength=False), load_bands(), None, step_s=2.0, min_fracexp=0.1) == []
