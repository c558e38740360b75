"""Whether a period is the source's own: the orbit of HST, the day, the times of observation, background, airglow and lamps."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from hstlc.model import Alias, Bools, Floats, Ints, Thresholds
from hstlc.science.lombscargle import FEWEST, spectrum
from hstlc.science.series import Series

SIDEREAL_DAY_S = 86164.1
HARMONICS = np.arange(1, 7)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Sinusoids of one frequency, one for each part of a light curve."""

    model: Floats  # (n_bins,)
    amplitude: float  # root mean square over parts, freed of what noise adds where there are several


def fit(time_s: Floats, values: Floats, sd: Floats, parts: Ints, frequency_hz: float) -> Fit:
    """Fit a constant and a sinusoid of given frequency to each part, weighted; parts with fewer than 5 bins get none."""
    first = np.flatnonzero(np.diff(parts, prepend=parts[0] - 1))
    bins = np.diff(first, append=len(parts))
    phase = 2 * np.pi * frequency_hz * (time_s - np.repeat(time_s[first], bins))
    terms = np.stack([np.ones(len(phase)), np.cos(phase), np.sin(phase)])
    weighted = terms / sd**2
    normal = np.array([[np.add.reduceat(one * other, first) for other in terms] for one in weighted])
    right = np.array([np.add.reduceat(one * values, first) for one in weighted])
    inverse = np.linalg.pinv(normal.transpose(2, 0, 1), rcond=1e-12, hermitian=True)
    found = np.einsum('kij,jk->ik', inverse, right)
    found[:, bins < FEWEST] = 0.0
    model = np.sum(np.repeat(found, bins, axis=1) * terms, axis=0)
    noise = 4 * np.add.reduceat((values - model) ** 2, first) / bins**2 if len(first) > 1 else 0.0
    taken = np.where(bins >= FEWEST, bins, 0)
    squares = float(np.sum(taken * (found[1] ** 2 + found[2] ** 2 - noise)))
    return Fit(model=model, amplitude=float(np.sqrt(max(squares, 0.0) / taken.sum())) if taken.any() else 0.0)


def aliases(
    found: Series,
    parts: Ints,
    frequency_hz: float,
    error_hz: float,
    thresholds: Thresholds,
    *,
    longest_s: float,
    orbit_margin_hz: float,
) -> Alias:
    """Return what a frequency may be besides the source's own (but `AMBIGUOUS`, which needs the whole periodogram).

    Parameters
    ----------
    found : Series
        The light curve.
    parts : (n_bins,) int64
        Whose phases are independent.
    frequency_hz, error_hz : float
        Of the peak.
    thresholds : Thresholds
        `min_cycles` of the orbit or the day that data must span before they can have its period, and so on.
    longest_s : float
        Span of the longest part that has the signal's phase throughout.
    orbit_margin_hz : float
        Least distance from the orbit's harmonics: what is left after the orbit's own signal was taken out lies around them.
    """
    span = float(np.ptp(found.time_s))
    flags = Alias(0)
    resolved = span >= thresholds.min_cycles * thresholds.orbit_longest
    margin = max(orbit_margin_hz, min(3 * error_hz, 0.5 / span) if resolved else 0.0)
    if bool(orbital(np.array([frequency_hz]), thresholds, margin)[0]):
        flags |= Alias.ORBIT
    if span >= thresholds.min_cycles * SIDEREAL_DAY_S and _daily(frequency_hz, span):
        flags |= Alias.DAY
    if window_power(found.time_s, found.live_s, parts, frequency_hz) > thresholds.window_power:
        flags |= Alias.WINDOW
    if frequency_hz * longest_s < thresholds.min_cycles * (1 - 1e-9):
        flags |= Alias.LONG
    return flags | _housekeeping(found, parts, frequency_hz, thresholds)


def window_power(time_s: Floats, weight: Floats, parts: Ints, frequency_hz: float) -> float:
    """Return the power, 0 to 1, of the times of observation themselves at a frequency; the mean over parts."""
    index = parts - parts[0]
    phase = 2 * np.pi * frequency_hz * time_s
    sums = np.hypot(np.bincount(index, weight * np.cos(phase)), np.bincount(index, weight * np.sin(phase)))
    total = np.bincount(index, weight)
    return float(np.average((sums[total > 0] / total[total > 0]) ** 2, weights=total[total > 0]))


def orbital(frequency_hz: Floats, thresholds: Thresholds, margin_hz: float) -> Bools:
    """Return which frequencies lie at a harmonic of the orbit, within `orbit_tolerance` and a margin, (n,) bool."""
    margin = np.maximum(margin_hz, thresholds.orbit_tolerance * frequency_hz)[:, None]
    low, high = HARMONICS / thresholds.orbit_longest - margin, HARMONICS / thresholds.orbit_shortest + margin
    return np.asarray(np.any((frequency_hz[:, None] >= low) & (frequency_hz[:, None] <= high), axis=1), np.bool_)


def _daily(frequency_hz: float, span_s: float) -> bool:
    return bool(np.any(np.abs(frequency_hz - HARMONICS / SIDEREAL_DAY_S) < 1 / span_s))


def _housekeeping(found: Series, parts: Ints, frequency_hz: float, thresholds: Thresholds) -> Alias:
    """Tell whether background or airglow vary enough at a frequency to explain the net rate's sinusoid, and whether lamps flash."""
    flags, p = Alias(0), thresholds.housekeeping_p
    background = _amplitude(found, found.background, parts, frequency_hz, p)
    measured = bool(np.isfinite(found.airglow).all()) and found.mean > 0 and float(found.airglow.mean()) > 0
    glow = _amplitude(found, found.airglow, parts, frequency_hz, p) / float(found.airglow.mean()) if measured else 0.0
    if background > 0 or glow > 0:
        source = fit(found.time_s, found.net, found.sd, parts, frequency_hz).amplitude
        if background > thresholds.background_part * source:
            flags |= Alias.NOT_SOURCE
        if glow * found.mean > thresholds.airglow_ratio * source:
            flags |= Alias.NOT_SOURCE
    if found.lamp.any() and _amplitude(found, found.lamp.astype(np.float64), parts, frequency_hz, p) > 0:
        flags |= Alias.LAMP
    return flags


def _amplitude(found: Series, values: Floats, parts: Ints, frequency_hz: float, least_p: float) -> float:
    """Return the amplitude of a housekeeping series at one frequency, 0 where it may be noise."""
    even = np.ones(len(values))
    one = spectrum(found.time_s, values, even, parts, np.array([frequency_hz]))
    if one is None or special.gammaincc(one.parts, one.score[0]) > least_p:
        return 0.0
    return fit(found.time_s, values, even, parts, frequency_hz).amplitude
