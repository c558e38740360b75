"""Tests of constancy against scipy and against the moments of the multinomial."""

import numpy as np
import pytest
from builders import make_lightcurve
from scipy import stats

from hstlc.science.dispersion import c_statistic, chi_square, deviance, upper_tail
from hstlc.science.series import series
from tests.validation.statistics import constant


def poisson(mean, n, seed=1, **options):
    return series(make_lightcurve(np.random.default_rng(seed).poisson(mean, n), **options))


def test_chi_square_of_equal_bins_is_the_dispersion_test():
    found = poisson(7.0, 400)
    expected = stats.chisquare(found.n_src)
    chi2, dof, _ = chi_square(found)
    assert chi2 == pytest.approx(expected.statistic)
    assert dof == 399


def test_probability_is_the_textbooks_at_many_counts():
    found = poisson(2000.0, 300)
    chi2, dof, p = chi_square(found)
    assert p == pytest.approx(stats.chi2.sf(chi2, dof), abs=0.002)
    cstat, cstat_p = c_statistic(found)
    assert cstat == pytest.approx(chi2, rel=0.01)
    assert cstat_p == pytest.approx(stats.chi2.sf(cstat, dof), abs=0.01)


def test_upper_tail_has_the_moments_it_was_given():
    x = np.linspace(-20, 200, 400001)
    density = -np.gradient([upper_tail(float(v), 10.0, 30.0, 100.0) for v in x[::100]], x[::100])
    grid = x[::100]
    mean = np.trapezoid(grid * density, grid)
    assert mean == pytest.approx(10.0, rel=1e-3)
    assert np.trapezoid((grid - mean) ** 2 * density, grid) == pytest.approx(30.0, rel=1e-3)
    assert np.trapezoid((grid - mean) ** 3 * density, grid) == pytest.approx(100.0, rel=1e-2)


def test_deviance_is_cashs():
    n, mu = np.array([0.0, 1.0, 7.0]), np.array([0.5, 2.0, 7.0])
    expected = [2 * (stats.poisson.logpmf(k, k) - stats.poisson.logpmf(k, m)) if k else 2 * m for k, m in zip(n, mu, strict=True)]
    np.testing.assert_allclose(deviance(n, mu), expected, atol=1e-12)


def test_live_time_and_background_are_no_variability():
    rng = np.random.default_rng(3)
    live = np.where(np.arange(900) % 3 == 0, 0.7, 2.0)
    ramp = np.linspace(1, 4, 900)  # the background rises fourfold
    n_bkg = rng.poisson(10 * ramp * live)
    gross = rng.poisson(5 * live) + rng.poisson(2 * ramp * live)
    lc = make_lightcurve(gross, background=0.2 * n_bkg, n_bkg=n_bkg, variance=gross + 0.04 * n_bkg, exptime_s=live)
    found = series(lc)
    assert chi_square(found)[2] > 0.01
    assert c_statistic(found)[1] > 0.01
    constant_model = make_lightcurve(gross, variance=gross.astype(float), exptime_s=live)
    assert chi_square(series(constant_model))[2] < 1e-6  # the same counts without their background do vary


def test_a_variable_source_is_not_constant():
    found = series(make_lightcurve(np.random.default_rng(2).poisson(20 * (1 + 0.3 * np.sin(np.arange(1000) / 9)))))
    assert chi_square(found)[2] < 1e-12
    assert c_statistic(found)[1] < 1e-12


def test_each_exposure_has_its_own_constant():
    rng = np.random.default_rng(5)
    counts = np.concatenate([rng.poisson(5, 300), rng.poisson(50, 300)])
    lc = make_lightcurve(counts, dataset=np.repeat([1, 2], 300))
    chi2, dof, p = chi_square(series(lc))
    assert dof == 598
    assert p > 0.001
    assert chi2 == pytest.approx(sum(stats.chisquare(part).statistic for part in (counts[:300], counts[300:])))


@pytest.mark.parametrize(('mean', 'background'), [(0.2, 0.0), (1.0, 0.0), (50.0, 0.0), (1.0, 2.0)])
def test_probabilities_are_uniform_for_constant_sources(mean, background):
    rng = np.random.default_rng([round(10 * mean), round(background)])
    many = [series(constant(rng, mean, 150, background)) for _ in range(250)]
    for p in (np.array([chi_square(one)[2] for one in many]), np.array([c_statistic(one)[1] for one in many])):
        assert 0.40 < np.mean(p < 0.5) + 0.08 * (mean < 1) < 0.60  # half a step off makes few counts conservative
        assert stats.binom.sf(np.sum(p < 0.05) - 1, 250, 0.05) > 1e-3
