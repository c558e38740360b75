"""Variability beyond noise: excess variance, trend, rank and serial correlation, exposures against one another."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from hstlc.model import Floats
from hstlc.science.series import Series, dataset_mean, is_constant, relative

ADJACENT = 1.5  # bin widths between the centres of bins that follow each other
TIGHT = 1e-12


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A number, its error and the probability that noise alone gives as much; None where one does not exist."""

    value: float | None = None  # the number
    error: float | None = None  # one standard deviation
    p: float | None = None  # that noise alone gives as much


def excess_variance(found: Series, firm_mean: float) -> tuple[Measured, Measured]:
    """Return the normalised excess variance within exposures and its root, the fractional variability F_var.

    (S^2 - <sigma^2>) / mean^2 with rates in units of their exposure's mean (where all means are `firm_mean` times their error), S^2
    with N - (number of exposures) degrees of freedom and sigma the noise of a constant source. Errors from Vaughan et al. 2003
    (MNRAS 345, 1271), equation 11.
    """
    values, sd, scaled = relative(found, found.dataset, firm_mean)
    dof = len(found) - found.n_datasets
    if not scaled or dof < 1:
        return Measured(), Measured()
    noise = float(np.mean(sd**2))
    excess = float(np.sum(values**2)) / dof - noise
    fvar = float(np.sqrt(max(excess, 0.0)))
    n = len(found)
    error = float(np.hypot(np.sqrt(2 / n) * noise, np.sqrt(noise / n) * 2 * fvar))
    return Measured(value=excess, error=error), Measured(value=fvar, error=error / (2 * fvar) if fvar > 0 else None)


def between_exposures(found: Series, calibration_error: float) -> Measured:
    """Return the range of the exposures' means over the mean of all, and the probability that they are one.

    Of flux where all bins are calibrated, of net rate otherwise; `calibration_error`, relative, is added to every exposure's error.
    """
    if found.n_datasets < 2:
        return Measured()
    means, errors = exposure_means(found)
    overall = float(np.average(means, weights=1 / errors**2))
    total = np.hypot(errors, calibration_error * abs(overall))
    weight = 1 / total**2
    chi2 = float(np.sum(weight * (means - np.average(means, weights=weight)) ** 2))
    p = float(special.chdtrc(len(means) - 1, chi2))
    return Measured(value=float(np.ptp(means)) / overall if overall > 0 else None, p=p)


def exposure_means(found: Series) -> tuple[Floats, Floats]:
    """Return mean flux (net rate where not all bins are calibrated) of every exposure and its error, (n_datasets,) each."""
    calibrated = bool(np.isfinite(found.flux).all() and np.isfinite(found.flux_variance).all() and (found.flux_variance > 0).any())
    values, variance = (found.flux, found.flux_variance) if calibrated else (found.net, found.sd**2)
    live = np.bincount(found.dataset, found.live_s)
    mean = np.bincount(found.dataset, values * found.live_s) / live
    error = np.sqrt(np.bincount(found.dataset, variance * found.live_s**2)) / live
    return mean, np.where(error > 0, error, np.max(error, initial=1e-300))


def trend(found: Series) -> Measured:
    """Return the change over the whole span in units of the mean: a straight line, weighted with the noise of a constant source.

    One exposure: of its bins. More: of the exposures' means. The error is widened by the scatter about the line where that exceeds
    the noise.
    """
    if found.n_datasets > 1:
        values, sd = exposure_means(found)
        time = np.bincount(found.dataset, found.time_s) / np.bincount(found.dataset)
    else:
        values, sd, time = found.net, found.sd, found.time_s
    if len(values) < 3 or np.ptp(time) <= 0:
        return Measured()
    weight = 1 / sd**2
    mean = float(np.average(values, weights=weight))
    since = (time - np.average(time, weights=weight)) / np.ptp(time)
    information = float(np.sum(weight * since**2))
    slope = float(np.sum(weight * since * (values - mean))) / information
    scatter = float(np.sum(weight * (values - mean - slope * since) ** 2)) / (len(values) - 2)
    error = float(np.sqrt(max(1.0, scatter) / information))
    p = float(2 * special.ndtr(-abs(slope) / error))
    return Measured(value=slope / mean, error=error / mean, p=p) if mean > 0 else Measured(p=p)


def rank_correlation(found: Series) -> Measured:
    """Return Spearman's rank correlation of net rate and time."""
    if len(found) < 3 or is_constant(found.net) or np.ptp(found.time_s) <= 0:
        return Measured()
    rho = float(np.corrcoef(_ranks(found.time_s), _ranks(found.net))[0, 1])
    dof = len(found) - 2
    t = rho * np.sqrt(dof / max((1 - rho) * (1 + rho), 1e-300))
    return Measured(value=rho, p=float(2 * special.stdtr(dof, -abs(t))))


def _ranks(values: Floats) -> Floats:
    """Return ranks from 1; equal values share the mean of theirs, (n,) float64."""
    _, inverse, times = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    return np.asarray((last - 0.5 * (times - 1))[inverse], np.float64)


def serial_correlation(found: Series, values: Floats) -> float | None:
    """Return the lag-1 autocorrelation of standardised values over neighbouring bins of an exposure; None without any."""
    z = values / found.sd
    z = z - dataset_mean(z, np.ones_like(z), found.dataset)
    near = np.diff(found.time_s) <= ADJACENT * found.width_s[1:]
    pairs = near & (np.diff(found.dataset) == 0)
    power = float(np.mean(z**2))
    if not pairs.any() or power <= TIGHT:
        return None
    return float(np.mean((z[:-1] * z[1:])[pairs])) / power


def centred(found: Series) -> Floats:
    """Return net rates with their exposure's mean subtracted, count/s, (n_bins,) float64."""
    return found.net - dataset_mean(found.net, found.live_s, found.dataset)
