"""A few realisations of the validation: what it would find if a kind of exposure were badly biased. The full run is `truth`."""

import numpy as np
import pytest

from tests.validation.truth import CASES, judge, realise

SEEDS = range(4)


@pytest.fixture(scope='module', params=list(CASES))
def verdict(request):
    name = request.param
    bright = [realise(name, seed) for seed in SEEDS]
    return bright, judge(name, bright, [realise(name, seed, dark_only=True) for seed in SEEDS])


def test_the_injected_flux_comes_back_on_average(verdict):
    bright, found = verdict
    error = np.sqrt(sum((item.flux_err / item.truth) ** 2 for item in bright)) / len(bright)
    assert error < 0.02
    assert abs(found.ratio - 1) < 4 * error


def test_errors_are_as_large_as_the_scatter(verdict):
    _, found = verdict
    assert found.n_pulls >= 15 * len(SEEDS)  # short bins of the narrow bands hold fewer than 50 counts
    assert abs(found.pull_std - 1) < 4 / np.sqrt(2 * found.n_pulls)
    assert abs(found.chi2_per_dof - 1) < 4 * found.chi2_err


def test_exposures_without_a_source_have_no_flux(verdict):
    """With the ratio of flux to counts taken from few events, the echelle gave 2.6 % of the source's flux to an empty sky."""
    _, found = verdict
    assert abs(found.dark_flux) < 4 * max(found.dark_err, 0.002)


def test_live_time_is_the_good_time_that_was_simulated(verdict):
    bright, _ = verdict
    assert all(item.live_s == pytest.approx(item.expected_s, abs=1e-6) for item in bright)
