"""Periodograms against astropy's own, and false-alarm probabilities against Baluev's, the gamma distribution and noise."""

import numpy as np
import pytest
from astropy.timeseries import LombScargle
from scipy import stats

from hstlc.science.lombscargle import (
    MOST_FREQUENCIES,
    false_alarm,
    grid,
    noise_level,
    one_power,
    red_noise_level,
    single_score,
    spectrum,
)


def noise(n=500, seed=1, step_s=2.0):
    rng = np.random.default_rng(seed)
    time_s = np.arange(n) * step_s
    return time_s, rng.normal(size=n), np.ones(n)


def test_power_is_astropys():
    rng = np.random.default_rng(2)
    time_s = np.sort(rng.uniform(0, 3000, 400))
    sd = rng.uniform(0.5, 2, 400)
    values = rng.normal(0, sd) + 3
    frequency = grid(3000.0, 36000.0, 10.0)
    expected = LombScargle(time_s, values, sd).power(frequency, method='cython')
    np.testing.assert_allclose(one_power(time_s, values, sd, frequency), expected, atol=1e-7)
    assert one_power(time_s, values, sd, frequency[40:41])[0] == pytest.approx(expected[40])


def test_grid_misses_no_period():
    frequency = grid(2000.0, 36000.0, 4.0)
    assert 1 / frequency[0] == 2000
    assert frequency[-1] == pytest.approx(0.25, abs=1e-4)
    np.testing.assert_allclose(np.diff(frequency), 1 / (5 * 2000))
    assert len(grid(3.0, 36000.0, 4.0)) == 0
    assert len(grid(1e9, 36000.0, 10.0)) == MOST_FREQUENCIES
    assert 1 / grid(50000.0, 36000.0, 600.0)[0] == 36000


@pytest.mark.parametrize('goal', [0.1, 0.01, 1e-4])
def test_false_alarm_of_one_part_is_baluevs(goal):
    time_s, values, sd = noise()
    model = LombScargle(time_s, values, sd)
    power = float(model.false_alarm_level(goal, method='baluev', maximum_frequency=0.25))
    score = float(single_score(np.array([power]), len(time_s))[0])
    assert false_alarm(score, 0.25, float(np.std(time_s)), 1) == pytest.approx(goal, rel=0.05)


def test_false_alarm_without_a_range_is_the_gamma_distribution():
    for parts in (1, 4, 30):
        assert false_alarm(parts + 5.0, 0.0, 100.0, parts) == pytest.approx(stats.gamma.sf(parts + 5.0, parts))
    assert false_alarm(0.0, 1.0, 100.0, 3) == 1.0
    assert 0 <= false_alarm(5000.0, 1.0, 1e8, 3) < 1e-300


@pytest.mark.parametrize('parts', [1, 5])
def test_noise_reaches_a_false_alarm_as_often_as_it_says(parts):
    n, trials, below = 120, 200, 0
    rng = np.random.default_rng(parts)
    time_s = np.tile(np.arange(n) * 2.0, parts) + np.repeat(np.arange(parts) * 6000.0, n)
    part = np.repeat(np.arange(parts), n)
    frequency = grid(240.0, 36000.0, 4.0)
    for _ in range(trials):
        found = spectrum(time_s, rng.normal(size=n * parts), np.ones(n * parts), part, frequency)
        below += false_alarm(float(found.score.max()), float(np.ptp(frequency)), found.spread_s, parts) < 0.1
    assert stats.binom.sf(below - 1, trials, 0.1) > 1e-3
    assert below > 0.03 * trials  # a bound, but not an empty one


def test_score_of_noise_is_exponential():
    time_s, values, sd = noise(3000)
    found = spectrum(time_s, values, sd, np.zeros(3000, int), grid(6000.0, 36000.0, 4.0))
    assert stats.kstest(found.score[::5], 'expon').pvalue > 1e-3
    np.testing.assert_allclose(found.power, one_power(time_s, values, sd, found.frequency_hz), rtol=1e-12)


def test_phases_of_parts_do_not_matter():
    rng = np.random.default_rng(4)
    time_s = np.arange(1000) * 2.0
    part = np.repeat([0, 1], 500)
    frequency = grid(1000.0, 36000.0, 4.0)
    rest = rng.normal(size=1000)
    one, other = (
        spectrum(time_s, rest + np.sin(2 * np.pi * time_s / 50 + phase * part), np.ones(1000), part, frequency)
        for phase in (0.0, np.pi)
    )
    at = int(np.argmin(np.abs(frequency - 0.02)))
    assert one.score[at] > 200
    assert other.score[at] == pytest.approx(one.score[at], rel=0.3)  # without phases: about twice as much, or nothing


def test_level_is_one_for_white_noise_and_follows_red_noise():
    time_s, values, sd = noise(4000, seed=5)
    together, frequency = np.zeros(4000, int), grid(8000.0, 36000.0, 4.0)
    white = noise_level(spectrum(time_s, values, sd, together, frequency))
    assert white.min() >= 1
    assert np.median(white) < 1.2
    walk = spectrum(time_s, np.cumsum(values), sd, together, frequency)
    level = red_noise_level(walk, 8000.0)
    normal = walk.score / level
    assert level[20] > 30 * level[2000]
    assert np.max(normal[20:]) < 25
    assert np.max(walk.score) > 100


def test_constant_or_tiny_parts_have_no_periodogram():
    frequency = grid(100.0, 36000.0, 4.0)
    together = np.zeros(50, int)
    assert spectrum(np.arange(50) * 2.0, np.full(50, 3.3), np.ones(50), together, frequency) is None
    assert spectrum(np.arange(4) * 2.0, np.arange(4.0), np.ones(4), together[:4], frequency) is None
