"""Errors of few counts: Poisson limits, which are not symmetric."""

import numpy as np
from scipy.special import gammaincinv

from hstlc.model import AsymmetricErrors, Floats, Ints
from hstlc.science.sums import Sums

LOW_COUNTS = 10  # fewer events than this: errors are asymmetric
BELOW, ABOVE = 0.15865525393145707, 0.8413447460685429  # probabilities at one standard deviation


def poisson_errors(n: Floats) -> tuple[Floats, Floats]:
    """Return how far the classical 68 % limits of a Poisson mean lie below and above a number of events.

    The number need not be whole: of weighted events it is the effective one (Gehrels 1986; calcos errFrequentist).
    """
    lower = np.where(n > 0, gammaincinv(np.maximum(n, 1e-12), BELOW), 0.0)
    return n - lower, gammaincinv(n + 1, ABOVE) - n


def few_counts(source: Sums, background: Sums, scales: tuple[float, float]) -> AsymmetricErrors:
    """Return the errors of background-subtracted sums, downwards and upwards.

    A bin of fewer than 10 source events is taken for N = (sum w)^2 / sum w^2 events, each worth sum w^2 / sum w; the variance of
    the background is added in both directions. A bin without source events has nothing to lose, and 1.841 of the exposure's
    mean events to gain. Bins of more events have the root of their variance in both directions.

    Parameters
    ----------
    source, background : Sums
        Of one exposure.
    scales : (float, float)
        What the background is multiplied by, for counts and for flux.

    Returns
    -------
    AsymmetricErrors
        In counts and in erg cm-2; the latter NaN in bins without events where no event says what one would be worth.
    """
    total = float(background.w.sum())
    per_count = float(background.f.sum()) / total if total > 0 else float('nan')
    low, high = _errors(source.n, source.w, source.w2, scales[0] ** 2 * background.w2, 1.0)
    flux_low, flux_high = _errors(source.n, source.f, source.f2, scales[1] ** 2 * background.f2, per_count)
    return AsymmetricErrors(counts_low=low, counts_high=high, band_flux_low=flux_low, band_flux_high=flux_high)


def _errors(n: Ints, total: Floats, squares: Floats, noise: Floats, otherwise: float) -> tuple[Floats, Floats]:
    typical = float(squares.sum() / total.sum()) if total.sum() > 0 else otherwise
    some = (total > 0) & (squares > 0)
    unit = np.divide(squares, total, out=np.full(len(total), typical), where=some)
    number = np.divide(total**2, squares, out=np.zeros(len(total)), where=some)
    below, above = poisson_errors(number)
    below = np.where(some, unit * below, 0.0)
    few, symmetric = n < LOW_COUNTS, np.sqrt(squares + noise)
    low, high = (np.where(few, np.sqrt(side**2 + noise), symmetric) for side in (below, unit * above))
    return low, high
