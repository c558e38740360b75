"""Tests of constancy that hold at few counts: chi-square and C-statistic with their own distributions.

With few counts neither is distributed as the textbook's chi-square. Here the first three cumulants of each are computed, with the
mean estimated from the same counts, and a gamma distribution of the same cumulants (Pearson's type III) gives the probability.
"""

import numpy as np
from scipy import special

from hstlc.model import Floats
from hstlc.science.series import Series, dataset_mean, per_dataset

FINE = 50  # classes of expectation per factor e that the C-statistic's cumulants are computed for
REACH = 12.0  # standard deviations of Poisson's distribution that are summed


def chi_square(found: Series) -> tuple[float, int, float]:
    """Return chi-square against a constant rate in each exposure, degrees of freedom, and the probability of at least as much.

    For a sum over bins of z^2, z in units of the model's noise, the model's mean being estimated from the same bins: mean 1,
    variance 2 + k4 (1 - v)^2 and third cumulant 8 + 4 k3^2 per bin, where k3 and k4 are skewness and excess kurtosis of z and v is
    the bin's variance over the mean variance. For equal bins of a Poisson process these are the moments of the multinomial
    dispersion test (2 and 8 + 4 / mu). The statistic has steps of 2 / mu; half a step is taken off it.
    """
    z = (found.net - dataset_mean(found.net, found.live_s, found.dataset)) / found.sd
    dof = len(found) - found.n_datasets
    w, a, v = found.source_weight, found.background_weight, found.variance
    source, background = found.source_part / v, 1 - found.source_part / v
    skew = (w * source - a * background) / np.sqrt(v)
    kurtosis = (w**2 * source + a**2 * background) / v
    ratio = v / dataset_mean(v, np.ones_like(v), found.dataset)
    shape = dof / len(found)
    second = float(np.sum(2 + kurtosis * (1 - ratio) ** 2)) * shape
    third = float(np.sum(8 + 4 * skew**2)) * shape
    chi2 = float(np.sum(z**2))
    step = float(np.mean(2 * w**2 * source / v))
    return chi2, dof, upper_tail(chi2 - step / 2, float(dof), second, third)


def c_statistic(found: Series) -> tuple[float, float]:
    """Return C = 2 sum(n ln(n / mu) - n + mu) of source-region events against a constant source, and the probability of as much.

    mu is the expectation for a constant net rate in each exposure on the smoothed background (Cash 1979). The cumulants
    are sums over Poisson's distribution (as in Kaastra 2017) of what is left of C after a linear regression on n: the mean is
    estimated from the same events.
    """
    mu = _expected_events(found)
    n = found.n_src.astype(np.float64)
    value = float(np.sum(deviance(n, mu)))
    key = np.round(FINE * np.log(mu)).astype(np.int64)
    classes, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    cumulants = np.array([_cumulants(float(mu[k])) for k in first]).reshape(len(classes), 3)[inverse].sum(axis=0)
    shape = 1 - found.n_datasets / len(found)
    middle = max(1.0, float(np.round(mu.mean())))
    near = deviance(middle + np.arange(-1.0, 2.0), np.full(3, float(mu.mean())))
    step = float(near[0] - 2 * near[1] + near[2])
    centre = float(cumulants[0]) - found.n_datasets
    return value, upper_tail(value - step / 2, centre, float(cumulants[1]) * shape, float(cumulants[2]) * shape)


def deviance(n: Floats, mu: Floats) -> Floats:
    """Return 2 (n ln(n / mu) - n + mu), elementwise."""
    return np.asarray(2 * (special.xlogy(n, n / mu) - n + mu), np.float64)


def upper_tail(value: float, mean: float, variance: float, third: float) -> float:
    """Return the probability of at least `value` for the shifted gamma distribution with these cumulants (third > 0)."""
    shape = 4 * variance**3 / third**2
    scale = third / (2 * variance)
    return float(special.gammaincc(shape, max((value - mean) / scale + shape, 0.0)))


def _expected_events(found: Series) -> Floats:
    """Return the expected source-region events of each bin, scaled so that each exposure's sum is the observed one."""
    rate = np.maximum(dataset_mean(found.net, found.live_s, found.dataset), 0.0)
    shape = np.maximum(rate * found.live_s + found.smooth_background, 1e-9 * found.live_s)
    return np.maximum(shape * per_dataset(found.n_src, found.dataset) / per_dataset(shape, found.dataset), 1e-12)


def _cumulants(mu: float) -> tuple[float, float, float]:
    reach = REACH * np.sqrt(mu) + 20
    n = np.arange(max(0.0, np.floor(mu - reach)), np.ceil(mu + reach))
    probability = np.exp(special.xlogy(n, mu) - mu - special.gammaln(n + 1))
    c = deviance(n, np.full(len(n), mu))
    mean = float(probability @ c)
    left = c - mean - float(probability @ (c * (n - mu))) / mu * (n - mu)
    return mean, float(probability @ left**2), float(probability @ left**3)
