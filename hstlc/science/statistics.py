"""The original system's statistics of a light curve, and whether it is delivered."""

import numpy as np
from scipy import special

from hstlc.model import Bools, Floats, FluxSource, LightCurve, Quality, Statistics
from hstlc.science import periodogram
from hstlc.science.series import is_constant

WHOLE = 0.999  # part of a bin's width that is live time: the original knew whole bins only
FEWEST = 3  # bins

# Flags that live time, errors or a column of the table account for. All others raise a doubt of the numbers themselves.
EXPLAINED = (
    Quality.PARTIAL | Quality.LAMP | Quality.DAY | Quality.LOWN | Quality.BKGFILL | Quality.TIMEJIT | Quality.SEGMISS
)  # fmt: skip


def whole_bins(lc: LightCurve) -> Bools:
    """Return which bins the statistics take, (n_bins,) bool: those with live time in 99.9 % of their width.

    These are the bins of equal width that the original had. Where fewer than 3 are whole, all bins are taken. Bins without a
    finite time and count, or without live time, never.
    """
    usable = np.isfinite(lc.mjd) & np.isfinite(lc.counts) & (lc.exptime_s > 0)
    whole = usable & (lc.exptime_s >= WHOLE * lc.bins_s)
    return whole if np.count_nonzero(whole) >= FEWEST else usable


def series(lc: LightCurve) -> tuple[Floats, Floats]:
    """Return MJD and count rate (count/s) of the bins of `whole_bins`: what the periodogram is made of."""
    rows = whole_bins(lc)
    return lc.mjd[rows], lc.counts[rows] / lc.exptime_s[rows]


def statistics(lc: LightCurve, *, composite: bool, periodogram_power: float = 0.30) -> Statistics:
    """Return the statistics under the original's names, by its definitions.

    total is the whole number of counts (GROSS - BACKGROUND) in the bins of `whole_bins`; mean, stdev (of the population) and mu,
    the square root of the mean, are of counts per bin; poisson_factor = stdev / mu. pearson_r and pearson_p are of counts against
    time. periodogram says whether a significant peak of `hstlc.science.periodogram.original` of the count rate has at least
    `periodogram_power`. (The original's poisson_factor of 9999999 for mu = 0 cannot occur: the total is then 0.)

    Parameters
    ----------
    lc : LightCurve
        May have no bin.
    composite : bool
        Whether it is a composite; others are never delivered.
    periodogram_power : float
        0 to 1; the original's was 0.30.

    Returns
    -------
    Statistics
        Numbers that do not exist are None, never NaN; `note` says why.
    """
    rows = whole_bins(lc)
    counts = lc.counts[rows]
    total = int(np.sum(counts))
    doubt = why_not_delivered(lc, total) if composite else None
    notes = [f'not delivered: {doubt}'] if doubt else []
    if total <= 0:
        return without_counts(total, [_why_no_counts(len(counts)), *notes])
    ranges = periodogram.original(*series(lc))
    best = periodogram.strongest(ranges)
    pearson = _pearson(lc.mjd[rows], counts)
    if reason := _why_no_series(counts, bool(ranges)):
        notes.insert(0, reason)
    mean, stdev = float(np.mean(counts)), float(np.std(counts))
    mu = float(np.sqrt(mean))
    return Statistics(
        total=total,
        mean=mean,
        mu=mu,
        stdev=stdev,
        poisson_factor=stdev / mu,
        pearson_r=pearson[0],
        pearson_p=pearson[1],
        periodogram=best is not None and best[1] >= periodogram_power,
        deliver=composite and doubt is None,
        best_period_s=best[0] if best else None,
        best_power=best[1] if best else None,
        note='; '.join(notes) or None,
    )


def why_not_delivered(lc: LightCurve, total: int) -> str | None:
    """Return why a composite is not delivered, None where it is.

    Delivered is a composite that has flux calibration in all of its exposures, a positive total, and no flag outside
    `EXPLAINED` in more than half of its bins.
    """
    if not lc.flux_sources or FluxSource.NONE in lc.flux_sources or not np.isfinite(lc.flux).any():
        return 'no flux calibration'
    if total <= 0:
        return 'no positive total of counts'
    doubtful = (lc.quality & ~int(EXPLAINED)) != 0
    return 'more than half of its bins are of doubtful quality' if 2 * np.count_nonzero(doubtful) > len(doubtful) else None


def without_counts(total: int, notes: list[str]) -> Statistics:
    """Return statistics without numbers, and why there are none."""
    return Statistics(
        total=total,
        mean=None,
        mu=None,
        stdev=None,
        poisson_factor=None,
        pearson_r=None,
        pearson_p=None,
        periodogram=False,
        deliver=False,
        note='; '.join(notes),
    )


def _why_no_counts(n_bins: int) -> str:
    return 'no counts above the background' if n_bins else 'no bin with live time'


def _why_no_series(counts: Floats, has_periodogram: bool) -> str | None:
    if len(counts) < FEWEST:
        return f'too few bins for a correlation or a periodogram ({len(counts)})'
    if is_constant(counts):
        return 'constant counts: no correlation'
    return None if has_periodogram else 'constant count rate: no periodogram'


def _pearson(mjd: Floats, counts: Floats) -> tuple[float | None, float | None]:
    if len(counts) < FEWEST or is_constant(counts):
        return None, None
    since = mjd - mjd[0]  # the coefficient does not depend on the zero, its rounding does
    if is_constant(since):
        return None, None
    x, y = since - np.mean(since), counts - np.mean(counts)
    r = float(np.clip(np.dot(x / np.linalg.norm(x), y / np.linalg.norm(y)), -1.0, 1.0))
    half = len(counts) / 2 - 1
    return r, float(2 * special.betainc(half, half, 0.5 * (1 - abs(r))))  # as scipy.stats.pearsonr, whose import takes long
