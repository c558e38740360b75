"""All added statistics of a light curve, the fields x_* of `Statistics`."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hstlc.model import DAY_S, Band, BandKind, EpisodeKind, LightCurve, Period, Statistics, Thresholds
from hstlc.science.bands import band_variability, colour_constancy, fractional
from hstlc.science.dispersion import c_statistic, chi_square
from hstlc.science.episodes import Blocks, blocks, episodes
from hstlc.science.interest import interest, score
from hstlc.science.periods import best, is_own, strongest_periods
from hstlc.science.series import Series, series
from hstlc.science.variability import (
    between_exposures,
    centred,
    excess_variance,
    rank_correlation,
    serial_correlation,
    trend,
)

VERSION = 2  # raised when the same light curve gives other numbers
MOST_EPISODES = 50
Values = dict[str, Any]


def add(to: Statistics, lc: LightCurve, thresholds: Thresholds, curves: Sequence[tuple[Band, Series]] = ()) -> Statistics:
    """Return the original's statistics with the added ones.

    Parameters
    ----------
    to : Statistics
        The original's.
    lc : LightCurve
        Of one exposure or many; may have no bin.
    thresholds : Thresholds
        By what to judge; part of the result.
    curves : sequence of (Band, Series)
        From `hstlc.science.bands.band_curves`, where the exposure's dynamic spectrum is at hand.

    Returns
    -------
    Statistics
        Numbers that do not exist are None, never NaN; `x_note` says why.
    """
    values: Values = {'x_version': VERSION, 'x_thresholds': thresholds}
    found = series(lc)
    values['x_bins'] = len(found)
    reason = _why_not(lc, found, thresholds.min_events)
    if reason:
        return replace(to, **values, x_note=reason)
    values |= _noise(found, thresholds) | _between(found, thresholds) | _trend(found)
    periods, residual = strongest_periods(found, thresholds)
    values |= _periods(found, periods, residual, thresholds) | _episodes(found, thresholds) | _bands(curves, thresholds)
    parts = interest(
        episodes=values['x_episodes'],
        periods=periods,
        chi2_p=values['x_chi2_p'],
        fvar=values['x_fvar'],
        between_p=values['x_between_p'],
        between_range=values['x_between_range'],
        thresholds=thresholds,
    )
    values |= {'x_interest_parts': parts, 'x_interest': score(parts, thresholds), 'x_note': _missing(found, periods)}
    return replace(to, **{name: _finite(value) for name, value in values.items()})


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _why_not(lc: LightCurve, found: Series, min_events: int) -> str | None:
    if len(found) == 0:
        return 'no bin has both live time and finite counts without the flag LOWEXP' if len(lc.mjd) else 'no bin'
    if len(found) < 2:
        return 'only one bin'
    if len(found) == found.n_datasets:
        return 'only one bin in each exposure'
    if found.n_src.sum() < min_events:
        return f'only {int(found.n_src.sum())} source events'
    return None if bool(np.all(found.variance > 0)) else 'no noise is known for its counts'


def _missing(found: Series, periods: tuple[Period, ...]) -> str | None:
    notes = []
    if not found.mean > 0:
        notes.append('no net rate: no relative numbers')
    if not periods:
        notes.append('too few bins, too short, or constant: no periods')
    return '; '.join(notes) or None


def _noise(found: Series, thresholds: Thresholds) -> Values:
    chi2, dof, p = chi_square(found)
    cstat, cstat_p = c_statistic(found)
    excess, fvar = excess_variance(found, thresholds.firm_mean)
    return {
        'x_chi2': chi2,
        'x_dof': dof,
        'x_chi2_p': p,
        'x_cstat': cstat,
        'x_cstat_p': cstat_p,
        'x_exvar': excess.value,
        'x_exvar_err': excess.error,
        'x_fvar': fvar.value,
        'x_fvar_err': fvar.error,
        'x_variable': p < thresholds.variable_p,
    }


def _between(found: Series, thresholds: Thresholds) -> Values:
    means = between_exposures(found, thresholds.calibration_error)
    return {'x_between_p': means.p, 'x_between_range': means.value}


def _trend(found: Series) -> Values:
    line, rank = trend(found), rank_correlation(found)
    return {
        'x_trend': line.value,
        'x_trend_err': line.error,
        'x_trend_p': line.p,
        'x_spearman': rank.value,
        'x_spearman_p': rank.p,
    }


def _periods(found: Series, periods: tuple[Period, ...], residual: Any, thresholds: Thresholds) -> Values:
    left = serial_correlation(found, residual)
    chosen = best(periods, thresholds.period_fap)
    values: Values = {
        'x_periods': periods,
        'x_acf1': serial_correlation(found, centred(found)),
        'x_red_noise': left > thresholds.red_noise if left is not None else None,
    }
    if chosen is None:
        return values
    return values | {
        'x_period_s': chosen.period_s,
        'x_period_err_s': chosen.error_s,
        'x_period_power': chosen.power,
        'x_period_amplitude': chosen.amplitude,
        'x_period_fap': chosen.fap,
        'x_alias': chosen.alias,
        'x_periodic': is_own(chosen, thresholds.period_fap),
    }


def _episodes(found: Series, thresholds: Thresholds) -> Values:
    cut = blocks(found, thresholds.block_p0)
    every = episodes(found, cut, thresholds)
    strongest = sorted(sorted(every, key=lambda one: -one.sigma)[:MOST_EPISODES], key=lambda one: one.start_mjd)
    return {
        'x_blocks': sum(len(one) for one in cut),
        'x_flares': sum(one.kind is EpisodeKind.FLARE for one in every),
        'x_eclipses': sum(one.kind is EpisodeKind.ECLIPSE for one in every),
        'x_episodes': tuple(strongest),
        'x_block_edges_mjd': tuple(edge for one in cut for edge in _edges(found, one)),
    }


def _edges(found: Series, one: Blocks) -> list[float]:
    first = one.rows.start + one.first[1:]
    return [float(edge) for edge in found.mjd[first] - 0.5 * found.width_s[first] / DAY_S]


def _bands(curves: Sequence[tuple[Band, Series]], thresholds: Thresholds) -> Values:
    if not curves:
        return {}
    return {
        'x_bands': band_variability(curves, thresholds),
        'x_line_fvar': fractional(curves, BandKind.LINE, thresholds.firm_mean),
        'x_continuum_fvar': fractional(curves, BandKind.CONTINUUM, thresholds.firm_mean),
        'x_colour_p': colour_constancy(curves, thresholds.colour_counts),
    }
