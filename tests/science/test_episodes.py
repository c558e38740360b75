"""Flares and eclipses."""

import numpy as np
import pytest
from builders import make_lightcurve

from hstlc.model import EpisodeKind, Thresholds
from hstlc.science.episodes import blocks, episodes
from hstlc.science.series import series

N = 1000
STEP_S = 2.0
TIME_S = (np.arange(N) + 0.5) * STEP_S


def find(counts, **options):
    found = series(make_lightcurve(counts, step_s=STEP_S, **options))
    return episodes(found, blocks(found, 0.003), Thresholds())


def seconds(mjd):
    return (mjd - 58000.0) * 86400


def flaring(rng, height=4.0, decay_s=60.0, start_s=800.0, quiet=20.0):
    return rng.poisson(quiet * (1 + height * np.exp(-np.clip(TIME_S - start_s, 0, None) / decay_s) * (start_s <= TIME_S)))


def test_a_flare_has_its_time_its_peak_and_its_energy():
    (flare,) = find(flaring(np.random.default_rng(1)))
    assert flare.kind is EpisodeKind.FLARE
    assert flare.complete
    assert seconds(flare.start_mjd) == pytest.approx(800, abs=3)
    assert 800 <= seconds(flare.peak_mjd) <= 830
    assert 900 < seconds(flare.end_mjd) < 1150
    assert 3 < flare.ratio < 5.5
    assert flare.equivalent_s == pytest.approx(4 * 60, rel=0.15)
    # the builder's flux is 1e-15 erg / s / cm2 / A over 100 A for every count of a bin
    assert flare.fluence == pytest.approx(flare.equivalent_s * 20 * 1e-13, rel=0.1)


def test_an_eclipse_has_negative_energy():
    counts = np.random.default_rng(2).poisson(np.where((TIME_S > 900) & (TIME_S < 1000), 4, 20))
    (eclipse,) = find(counts)
    assert eclipse.kind is EpisodeKind.ECLIPSE
    assert seconds(eclipse.start_mjd) == pytest.approx(900, abs=4)
    assert seconds(eclipse.end_mjd) == pytest.approx(1000, abs=4)
    assert eclipse.ratio == pytest.approx(0.2, abs=0.07)
    assert eclipse.equivalent_s == pytest.approx(-80, rel=0.1)


@pytest.mark.parametrize('seed', range(3))
def test_noise_steps_and_slow_slopes_are_neither(seed):
    rng = np.random.default_rng(seed)
    assert find(rng.poisson(5, N)) == ()
    assert find(rng.poisson(np.where(TIME_S > 1000, 40, 20))) == ()
    assert find(rng.poisson(20 * (1 + TIME_S / 4000))) == ()


def test_a_rise_of_the_background_is_no_flare():
    rng = np.random.default_rng(4)
    burst = np.where((TIME_S > 700) & (TIME_S < 800), 8.0, 1.0)
    n_bkg = rng.poisson(50 * burst)
    gross = rng.poisson(10, N) + rng.poisson(10 * burst)
    assert find(gross, background=0.2 * n_bkg, n_bkg=n_bkg, variance=gross + 0.04 * n_bkg) == ()
    spill = rng.poisson(10, N) + rng.poisson(16 * burst)  # the background region sees but a part of it
    assert find(spill, background=0.2 * n_bkg, n_bkg=n_bkg, variance=spill + 0.04 * n_bkg) == ()


def test_a_rise_that_the_airglow_shares_is_no_flare():
    rng = np.random.default_rng(5)
    rise = np.where((TIME_S > 700) & (TIME_S < 900), 1.0, 0.0)
    counts = rng.poisson(20 * (1 + rise))
    assert len(find(counts)) == 1
    assert find(counts, airglow=30 * (1 + 3 * rise)) == ()
    assert len(find(counts, airglow=30 * (1 + 0.3 * rise))) == 1


def test_each_exposure_has_its_own_undisturbed_rate():
    rng = np.random.default_rng(6)
    dataset = np.repeat([1, 2], N // 2)
    assert find(rng.poisson(np.where(dataset == 1, 5, 50)), dataset=dataset) == ()
    flare = np.where((TIME_S > 1500) & (TIME_S < 1600), 3.0, 1.0)
    (one,) = find(rng.poisson(10 * flare), dataset=dataset)
    assert one.dataset == 2


def test_a_flare_that_is_cut_by_the_end_is_not_complete():
    counts = flaring(np.random.default_rng(7), height=6, decay_s=300.0, start_s=1700.0)
    (flare,) = find(counts)
    assert not flare.complete
