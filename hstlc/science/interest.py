"""The interest score, which orders the site: flares, eclipses, pulsators and outbursts first, noise and HST's orbit last."""

from dataclasses import fields

import numpy as np

from hstlc.model import SPURIOUS, Episode, EpisodeKind, Interest, Period, Thresholds
from hstlc.science.periods import best, is_own


def score(parts: Interest, thresholds: Thresholds) -> float:
    """Return 100 (1 - product of (1 - weight * part)): 0 where nothing happens, 70 for one certain flare.

    Weights are `weight_flares` and so on, 0 to 1: how far the score reaches with this part alone.
    """
    left = [1 - getattr(thresholds, f'weight_{part.name}') * getattr(parts, part.name) for part in fields(Interest)]
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

    flares, eclipses: significance of the strongest, from `flare_sigma` (0) to `full_sigma` (1). period: certainty of the best
    period that is the source's own, from `period_fap` (0) to `certain_p` (1). outburst: certainty that the exposures differ, times
    their range up to `full_range`. variability: certainty that the rate is not constant, times the fractional variability up to
    `full_fvar`, less the part of the variance that orbit, sampling, background and trends have.
    """
    chosen = best(periods, thresholds.period_fap)
    own = chosen is not None and is_own(chosen, thresholds.period_fap)
    explained = sum(one.power for one in periods if one.alias & int(SPURIOUS))
    outburst = _certainty(between_p, thresholds.variable_p, thresholds)
    variable = _certainty(chi2_p, thresholds.variable_p, thresholds)
    return Interest(
        flares=_strongest(episodes, EpisodeKind.FLARE, thresholds),
        eclipses=_strongest(episodes, EpisodeKind.ECLIPSE, thresholds),
        period=_certainty(chosen.fap, thresholds.period_fap, thresholds) if own and chosen is not None else 0.0,
        outburst=outburst * min(1.0, (between_range or 0.0) / thresholds.full_range),
        variability=variable * min(1.0, (fvar or 0.0) / thresholds.full_fvar) * max(0.0, 1 - explained),
    )


def _certainty(p: float | None, threshold: float, thresholds: Thresholds) -> float:
    """Return 0 for a probability at the threshold or above, 1 at `certain_p`, linear in its logarithm."""
    certain = thresholds.certain_p
    if p is None or p >= threshold:
        return 0.0
    return float(min(1.0, np.log(threshold / max(p, certain)) / np.log(threshold / certain))) if p > certain else 1.0


def _strongest(episodes: tuple[Episode, ...], kind: EpisodeKind, thresholds: Thresholds) -> float:
    least, full = thresholds.flare_sigma, thresholds.full_sigma
    sigma = max((one.sigma for one in episodes if one.kind is kind), default=0.0)
    return float(np.clip((sigma - least) / (full - least), 0.0, 1.0)) if sigma < full else 1.0
