"""Whether a period is the source's own: the orbit of HST, the day, the times of observation, background, airglow and lamps."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from hstlc.model import Alias, Bools, Floats, Ints
from hstlc.science.lombscargle import spectrum
from hstlc.science.series import Series

ORBIT_S = (5718.0, 5802.0)  # 95.3 to 96.7 minutes: HST's orbital period since 2009
SIDEREAL_DAY_S = 86164.1
HARMONICS = np.arange(1, 7)
FEWEST_ORBITS = 2.0  # shorter data cannot tell the orbit from other periods
FEWEST_DAYS = 2.0
WINDOW_POWER = 0.5
SINGLE_P = 0.01  # that background, airglow or lamps have no power at the period
BACKGROUND_PART = 0.3  # of the amplitude of the net rate, from which the background may be its cause


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Sinusoids of one frequency, one for each part of a light curve."""

    model: Floats  # (n_bins,)
    amplitude: float  # root mean square over parts, freed of what noise adds where there are several


def fit(time_s: Floats, values: Floats, sd: Floats, parts: Ints, frequency_hz: float) -> Fit:
    """Fit a constant and a sinusoid of given frequency to each part, weighted; parts with fewer than 5 bins get none."""
    model = np.zeros(len(values))
    squares, weights = 0.0, 0
    several = bool(parts[-1] > parts[0])
    for part in np.unique(parts):
        rows = parts == part
        if np.count_nonzero(rows) < 5:
            continue
        phase = 2 * np.pi * frequency_hz * (time_s[rows] - time_s[rows][0])
        terms = np.column_stack([np.ones(len(phase)), np.cos(phase), np.sin(phase)])
        scaled = terms / sd[rows, None]
        found = np.linalg.lstsq(scaled.T @ scaled, scaled.T @ (values[rows] / sd[rows]), rcond=1e-12)[0]
        model[rows] = terms @ found
        n = len(phase)
        noise = 4 * float(np.mean((values[rows] - model[rows]) ** 2)) / n if several else 0.0
        squares += n * (float(found[1] ** 2 + found[2] ** 2) - noise)
        weights += n
    return Fit(model=model, amplitude=float(np.sqrt(max(squares, 0.0) / weights)) if weights else 0.0)


def aliases(
    found: Series,
    parts: Ints,
    frequency_hz: float,
    error_hz: float,
    *,
    longest_s: float,
    orbit_tolerance: float,
    orbit_margin_hz: float = 0.0,
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
    longest_s : float
        Span of the longest part that has the signal's phase throughout.
    orbit_tolerance : float
        Relative to the frequency.
    orbit_margin_hz : float
        Least distance from the orbit's harmonics: what is left after the orbit's own signal was taken out lies around them.
    """
    span = float(np.ptp(found.time_s))
    flags = Alias(0)
    resolved = span >= FEWEST_ORBITS * ORBIT_S[1]
    margin = max(orbit_margin_hz, min(3 * error_hz, 0.5 / span) if resolved else 0.0)
    if bool(orbital(np.array([frequency_hz]), orbit_tolerance, margin)[0]):
        flags |= Alias.ORBIT
    if _daily(frequency_hz, span):
        flags |= Alias.DAY
    if window_power(found.time_s, found.live_s, parts, frequency_hz) > WINDOW_POWER:
        flags |= Alias.WINDOW
    if frequency_hz * longest_s < 2 * (1 - 1e-9):
        flags |= Alias.LONG
    return flags | _housekeeping(found, parts, frequency_hz)


def window_power(time_s: Floats, weight: Floats, parts: Ints, frequency_hz: float) -> float:
    """Return the power, 0 to 1, of the times of observation themselves at a frequency; the mean over parts."""
    index = parts - parts[0]
    phase = 2 * np.pi * frequency_hz * time_s
    sums = np.hypot(np.bincount(index, weight * np.cos(phase)), np.bincount(index, weight * np.sin(phase)))
    total = np.bincount(index, weight)
    return float(np.average((sums[total > 0] / total[total > 0]) ** 2, weights=total[total > 0]))


def orbital(frequency_hz: Floats, tolerance: float, margin_hz: float) -> Bools:
    """Return which frequencies lie at a harmonic of the orbit, within a relative tolerance and a margin, (n,) bool."""
    margin = np.maximum(margin_hz, tolerance * frequency_hz)[:, None]
    low, high = HARMONICS / ORBIT_S[1] - margin, HARMONICS / ORBIT_S[0] + margin
    return np.asarray(np.any((frequency_hz[:, None] >= low) & (frequency_hz[:, None] <= high), axis=1), np.bool_)


def _daily(frequency_hz: float, span_s: float) -> bool:
    if span_s < FEWEST_DAYS * SIDEREAL_DAY_S:
        return False
    return bool(np.any(np.abs(frequency_hz - HARMONICS / SIDEREAL_DAY_S) < 1 / span_s))


def _housekeeping(found: Series, parts: Ints, frequency_hz: float) -> Alias:
    """Tell whether background or airglow vary enough at a frequency to explain the net rate's sinusoid, and whether lamps flash."""
    flags = Alias(0)
    source = fit(found.time_s, found.net, found.sd, parts, frequency_hz).amplitude
    background = _amplitude(found, found.background, parts, frequency_hz)
    if background > BACKGROUND_PART * source:
        flags |= Alias.NOT_SOURCE
    if np.isfinite(found.airglow).all() and found.mean > 0 and float(found.airglow.mean()) > 0:
        glow = _amplitude(found, found.airglow, parts, frequency_hz) / float(found.airglow.mean())
        if glow > 1.5 * source / found.mean:  # the source's own light lies in the lines' windows, too
            flags |= Alias.NOT_SOURCE
    if found.lamp.any() and _amplitude(found, found.lamp.astype(np.float64), parts, frequency_hz) > 0:
        flags |= Alias.LAMP
    return flags


def _amplitude(found: Series, values: Floats, parts: Ints, frequency_hz: float) -> float:
    """Return the amplitude of a housekeeping series at one frequency, 0 where it may be noise."""
    even = np.ones(len(values))
    one = spectrum(found.time_s, values, even, parts, np.array([frequency_hz]))
    if one is None or special.gammaincc(one.parts, one.score[0]) > SINGLE_P:
        return 0.0
    return fit(found.time_s, values, even, parts, frequency_hz).amplitude
