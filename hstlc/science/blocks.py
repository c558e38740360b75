"""Bayesian blocks: the best cut of a series of counts into pieces of constant rate (Scargle et al. 2013, ApJ 764, 167)."""

import numpy as np

from hstlc.model import Floats, Ints

MOST_BINS = 3000  # longer series are joined in pairs first: time grows with the square
DROP = 16  # bins after which starts that can never win are dropped
TINY = 1e-300  # count/s: 0 ln 0 is 0


def penalty(n_bins: int, p0: float) -> float:
    """Return the log likelihood that another block must gain: Scargle's (2013) equation 21, calibrated on series of N bins.

    Constant series are cut with about the probability p0, from 0.2 to 200 counts per bin and 100 to 1500 bins (the guide has the
    figure).
    """
    return float(4 - np.log(73.53 * p0 * n_bins**-0.478))


def change_points(counts: Ints | Floats, exposure: Floats, p0: float) -> Ints:
    """Return the first bins of the blocks, the first of them 0, (n_blocks,) int64.

    Maximises the sum over blocks of n ln(n / exposure) less `penalty`, by dynamic programming over all cuts; starts that can
    never win any more are dropped (Killick et al. 2012).

    Parameters
    ----------
    counts : (n_bins,) int64
        Events per bin.
    exposure : (n_bins,) float64
        What counts of a constant source are proportional to: live time; all > 0.
    p0 : float
        Probability that a constant series is cut.
    """
    n = len(counts)
    factor = -(-n // MOST_BINS)
    if factor > 1:
        starts = np.arange(0, n, factor)
        return factor * change_points(np.add.reduceat(counts, starts), np.add.reduceat(exposure, starts), p0)
    if n == 0:
        return np.empty(0, np.int64)
    return _traced(_best_starts(np.asarray(counts, np.float64), exposure, penalty(n, p0)))


def _best_starts(counts: Floats, exposure: Floats, cost: float) -> Ints:
    """Return for each bin where the last block begins if the series ended there."""
    n = len(counts)
    total = np.concatenate([[0.0], np.cumsum(counts)])
    lived = np.concatenate([[0.0], np.cumsum(exposure)])
    last = np.zeros(n, np.int64)
    # Of each start that may still win: its bin, counts and live time before it, and what the blocks before it gain.
    starts, open_, fitness = np.zeros(n, np.int64), np.zeros((3, n)), 0.0
    n_open = 0
    for k in range(n):
        starts[n_open], open_[:, n_open] = k, (total[k], lived[k], fitness)
        n_open += 1
        before, lived_before, earlier = open_[:, :n_open]
        inside = total[k + 1] - before
        gain = inside / (lived[k + 1] - lived_before)
        np.log(np.maximum(gain, TINY, out=gain), out=gain)
        gain *= inside
        gain += earlier
        best = int(gain.argmax())
        last[k], fitness = starts[best], float(gain[best]) - cost
        if k % DROP == 0:
            kept = np.flatnonzero(gain >= fitness)
            starts[: len(kept)], open_[:, : len(kept)] = starts[kept], open_[:, kept]
            n_open = len(kept)
    return last


def _traced(last: Ints) -> Ints:
    found = []
    k = len(last)
    while k > 0:
        k = int(last[k - 1])
        found.append(k)
    return np.array(found[::-1], np.int64)
