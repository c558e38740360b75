"""Bursts, gaps and trips are flagged where they were put, and quiet exposures stay quiet."""

import numpy as np
import pytest

from hstlc.model import Cells, DynamicSpectrum, FluxSource, Quality
from hstlc.science.oddities import annotate, poisson_isf, strong_airglow
from tests.builders import make_exposure

N = 600


def cells(counts):
    bins = np.flatnonzero(counts)
    n = counts[bins].astype(np.int32)
    w = n.astype(float)
    return Cells(time=bins.astype(np.int32), wave=np.zeros(len(bins), np.int16), n=n, w=w, w2=w, f=w, f2=w)


def spectrum(source, background, **changes):
    values = {
        'exposure': make_exposure(), 't0_mjd': 58000.0, 'start_s': 0.0, 'step_s': 1.0, 'live_s': np.ones(N),
        'bjd_offset_s': np.zeros(N), 'sun_alt_deg': np.full(N, np.nan), 'quality': np.zeros(N, np.int64), 'wave0_aa': 1300.0,
        'wave_step_aa': 1.0, 'good_width_aa': np.ones(1), 'x1d_background': np.full(1, np.nan),
        'x1d_background_flux': np.full(1, np.nan), 'source': cells(source), 'background': cells(background),
        'gti_s': np.array([[0.0, N]]), 'flux_source': FluxSource.X1D, 'hstpos': 'NONE', 'time_error_s': 0.032, 'wmin_aa': 1300.0,
        'wmax_aa': 1301.0,
    }  # fmt: skip
    return DynamicSpectrum(**{**values, **changes})


@pytest.fixture
def quiet():
    rng = np.random.default_rng(1)
    return rng.poisson(8.0, N), rng.poisson(3.0, N)


@pytest.mark.parametrize('rate', [0.05, 0.5, 3.0, 50.0])
def test_poisson_noise_raises_nothing(rate):
    rng = np.random.default_rng(2)
    odd = [annotate(spectrum(rng.poisson(2 * rate, N), rng.poisson(rate, N))).warnings for _ in range(50)]
    assert sum(bool(item) for item in odd) <= 1


def test_a_burst_flags_its_bins_and_no_others(quiet):
    source, background = quiet
    background[200:204] += 60
    found = annotate(spectrum(source, background))
    assert found.warnings == ('W_BURST',)
    assert np.flatnonzero(found.quality & int(Quality.BURST)).tolist() == [200, 201, 202, 203]


def test_a_flare_of_the_source_is_no_burst(quiet):
    source, background = quiet
    source[200:210] += 200
    assert annotate(spectrum(source, background)).warnings == ()


def test_compressed_times_show_in_source_and_background(quiet):
    source, background = quiet
    source[300] += 80
    background[300] += 40
    assert 'W_COMPRESS' in annotate(spectrum(source, background)).warnings


def test_a_lost_buffer_and_a_trip(quiet):
    source, background = quiet
    source[100:110] = background[100:110] = 0
    assert annotate(spectrum(source, background)).warnings == ('W_GAP',)
    source[560:] = background[560:] = 0
    assert set(annotate(spectrum(source, background)).warnings) == {'W_GAP', 'W_TRIP'}


def test_day_and_narrow_slits(quiet):
    sun = np.linspace(-20.0, 20.0, N)
    assert annotate(spectrum(*quiet, sun_alt_deg=sun)).warnings == ('W_DAY',)
    exposure = make_exposure(instrume='STIS', detector='FUV-MAMA', opt_elem='G140M', aperture='52X0.05')
    from dataclasses import replace

    from hstlc.model import Instrument

    assert annotate(spectrum(*quiet, exposure=replace(exposure, instrume=Instrument.STIS))).warnings == ('W_SLIT',)


def test_strong_airglow_is_relative_to_the_source():
    assert strong_airglow(np.full(9, 350.0), np.full(9, 0.2))
    assert not strong_airglow(np.full(9, 350.0), np.full(9, 90.0))
    assert not strong_airglow(np.full(9, np.nan), np.full(9, 0.2))


def test_a_limit_of_counts_is_that_of_scipy():
    from scipy import stats

    means = np.concatenate([np.geomspace(1e-3, 1e6, 2001), np.random.default_rng(1).uniform(0, 200, 2000)])
    for sigma in (3.0, 6.0, 8.0):
        chance = float(stats.norm.sf(sigma))
        assert np.array_equal(poisson_isf(chance, means), stats.poisson.isf(chance, means))
