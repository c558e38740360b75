"""The interest score, which orders the site: flares, eclipses, pulsators and outbursts first, noise and HST's orbit last."""

import numpy as np

from hstlc.model import SPURIOUS, Episode, EpisodeKind, Interest, Period, Thresholds
from hstlc.science.periods import best, is_own

# How far the score reaches with one part alone, 0 to 1.
WEIGHTS = {'flares': 0.7, 'eclipses': 0.7, 'period': 0.7, 'outburst': 0.6, 'variability': 0.4}
CERTAIN = 1e-12  # probability at which a part is full
FULL_SIGMA = 20.0
FULL_FVAR = 0.2
FULL_RANGE = 0.5


def score(parts: Interest) -> float:
    """Return 100 (1 - product of (1 - weight * part)): 0 where nothing happens, 70 for one certain flare."""
    left = [1 - weight * getattr(parts, name) for name, weight in WEIGHTS.items()]
    return float(100 * (1 - np.prod(left)))


def interest(
    *,
    episodes: tuple[Episode, ...],
    periods: tuple[Period, ...],
    chi2_p: float | None,
    fvar: float | None,
    between_p: float | None,
    between_range: float | None,
    thresholds: Thresholds,
) -> Interest:
    """Return the parts of the score.

    flares, eclipses: significance of the strongest, from `flare_sigma` (0) to 20 (1). period: certainty of the best period that is
    the source's own, from `period_fap` (0) to 1e-12 (1). outburst: certainty that the exposures differ, times their range up to
    half the mean. variability: certainty that the rate is not constant, times the fractional variability up to 0.2, less the part
    of the variance that orbit, sampling, background and trends have.
    """
    chosen = best(periods, thresholds.period_fap)
    own = chosen is not None and is_own(chosen, thresholds.period_fap)
    explained = sum(one.power for one in periods if one.alias & int(SPURIOUS))
    return Interest(
        flares=_strongest(episodes, EpisodeKind.FLARE, thresholds.flare_sigma),
        eclipses=_strongest(episodes, EpisodeKind.ECLIPSE, thresholds.flare_sigma),
        period=_certainty(chosen.fap, thresholds.period_fap) if own and chosen is not None else 0.0,
        outburst=_certainty(between_p, thresholds.variable_p) * min(1.0, (between_range or 0.0) / FULL_RANGE),
        variability=_certainty(chi2_p, thresholds.variable_p) * min(1.0, (fvar or 0.0) / FULL_FVAR) * max(0.0, 1 - explained),
    )


def _certainty(p: float | None, threshold: float) -> float:
    """Return 0 for a probability at the threshold or above, 1 at 1e-12, linear in its logarithm."""
    if p is None or p >= threshold:
        return 0.0
    return float(min(1.0, np.log(threshold / max(p, CERTAIN)) / np.log(threshold / CERTAIN)))


def _strongest(episodes: tuple[Episode, ...], kind: EpisodeKind, least: float) -> float:
    sigma = max((one.sigma for one in episodes if one.kind is kind), default=0.0)
    return float(np.clip((sigma - least) / (FULL_SIGMA - least), 0.0, 1.0))
