"""Lomb-Scargle periodograms on frequency grids that miss nothing, and how often noise gives as high a peak."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import nifty_ls  # noqa: F401  registers the method fastnifty with astropy
import numpy as np
from astropy.timeseries import LombScargle
from scipy import special

from hstlc.model import Floats, Ints
from hstlc.science.series import is_constant

HOUR_S = 3600.0
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {'short': (0.0, 600.0), 'medium': (600.0, HOUR_S), 'long': (HOUR_S, 10 * HOUR_S)}
)  # s; short begins at two bins
OVERSAMPLE = 5  # grid points per 1 / span
MOST_FREQUENCIES = 2_000_000
FEWEST = 5  # bins of a part that has a periodogram
WINDOW = 75  # least grid points over which the level of noise is judged: 15 independent ones
SPREAD = 1.5  # widest ratio of frequencies of such a window, where it holds more
RED_WIDTH = 0.3  # width of a window in 1 / (longest part) where the noise is red


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """A periodogram, perhaps of several parts of a light curve (exposures) whose powers are added without their phases."""

    frequency_hz: Floats  # (n,), evenly spaced
    power: Floats  # (n,) 0 to 1: part of the variance explained; for several parts their mean, weighted with their bins
    score: Floats  # (n,) sum over parts of -ln(probability of the power at one frequency); noise gives a gamma distribution
    parts: int  # that have a periodogram
    spread_s: float  # standard deviation of the times, root mean square over parts

    @property
    def step_hz(self) -> float:
        """Distance of neighbouring frequencies."""
        return float(self.frequency_hz[1] - self.frequency_hz[0]) if len(self.frequency_hz) > 1 else 0.0


def grid(span_s: float, longest_s: float, shortest_s: float) -> Floats:
    """Return frequencies between two periods, 5 for each 1 / span, Hz, (n,) float64; empty where the span is too short.

    Never more than 2 million: then from the longest period to as short a one as they reach.
    """
    low, high = 1 / min(span_s, longest_s), 1 / shortest_s
    if not high > low:
        return np.empty(0)
    n = min(int(OVERSAMPLE * span_s * (high - low)) + 1, MOST_FREQUENCIES)
    return low + np.arange(n, dtype=np.float64) / (OVERSAMPLE * span_s)


def spectrum(time_s: Floats, values: Floats, sd: Floats, parts: Ints, frequency_hz: Floats) -> Spectrum | None:
    """Return the periodogram of the parts of a light curve, their powers added; None where no part has one.

    Parameters
    ----------
    time_s, values, sd : (n_bins,) float64
        Times, rates, and the noise that weighs them.
    parts : (n_bins,) int64
        Which part a bin belongs to, in order.
    frequency_hz : (n,) float64
        From `grid`.
    """
    power, score = np.zeros(len(frequency_hz)), np.zeros(len(frequency_hz))
    used, bins, spread = 0, 0, 0.0
    starts = np.flatnonzero(np.diff(parts, prepend=parts[0] - 1))
    for rows in (slice(a, b) for a, b in zip(starts, [*starts[1:], len(parts)], strict=True)):
        n = rows.stop - rows.start
        if n < FEWEST or is_constant(values[rows]):
            continue
        one = one_power(time_s[rows], values[rows], sd[rows], frequency_hz)
        power += n * one
        score += single_score(one, n)
        used, bins, spread = used + 1, bins + n, spread + float(np.var(time_s[rows]))
    if used == 0 or len(frequency_hz) == 0:
        return None
    return Spectrum(frequency_hz=frequency_hz, power=power / bins, score=score, parts=used, spread_s=float(np.sqrt(spread / used)))


def one_power(time_s: Floats, values: Floats, sd: Floats, frequency_hz: Floats) -> Floats:
    """Return the power of astropy's generalised periodogram (floating mean, standard normalisation), (n,) float64, 0 to 1."""
    model = LombScargle(time_s - time_s[0], values, sd, fit_mean=True, center_data=True)
    # One thread: the order of the sums, and so the last bit of the result, is always the same.
    if len(frequency_hz) > 1:
        found = model.power(frequency_hz, method='fastnifty', assume_regular_frequency=True, method_kwds={'nthreads': 1})
    else:
        found = model.power(frequency_hz, method='cython')
    return np.clip(np.nan_to_num(np.asarray(found, np.float64)), 0.0, 1 - 1e-12)


def single_score(power: Floats, n_bins: int) -> Floats:
    """Return -ln of the probability that noise gives at least this power at one given frequency: (1 - P)^((N - 3) / 2)."""
    return np.asarray(-0.5 * (n_bins - 3) * np.log1p(-power), np.float64)


def false_alarm(score: float, width_hz: float, spread_s: float, parts: int) -> float:
    """Return the probability that noise anywhere in a range of frequencies gives a score at least this high.

    Baluev's (2008, MNRAS 385, 1279) upper bound without aliases, for the sum of `parts` periodograms: a chi-square process with
    2 parts degrees of freedom crosses the level that often (Rice's formula; Worsley 1994, table of expected Euler characteristics).
    """
    if score <= 0:
        return 1.0
    log_rise = (parts - 0.5) * np.log(2 * score) - score - (parts - 1) * np.log(2) - special.gammaln(parts)
    crossings = width_hz * 2 * np.pi * spread_s / np.sqrt(2 * np.pi) * np.exp(min(log_rise, 700.0))
    single = float(special.gammaincc(parts, score))
    return float(single * np.exp(-crossings) - np.expm1(-crossings))


def noise_level(found: Spectrum) -> Floats:
    """Return by how much the score lies above that of white noise around every frequency, (n,) float64, at least 1.

    Medians over windows of at least 15 independent frequencies, over the median of white noise. A period lifts its own
    neighbourhood alone.
    """
    middle, level = _medians(found, WINDOW, SPREAD)
    return np.maximum(1.0, np.interp(np.arange(len(found.frequency_hz)), middle, level))


def red_noise_level(found: Spectrum, longest_s: float) -> Floats:
    """Return the same for noise that is not white, (n,) float64: in narrow windows, and along the slope they have.

    Flickering lifts low frequencies most; gaps give its spectrum a structure as fine as 1 / `longest_s`, the longest part.
    """
    points = int(RED_WIDTH / longest_s / found.step_hz) if found.step_hz > 0 else 1
    middle, level = _medians(found, max(points, -(-WINDOW // min(found.parts, 5))), 1.0)
    x, y = np.log(found.frequency_hz), np.log(level)
    at = np.interp(middle, np.arange(len(x)), x)
    inside = np.interp(x, at, y)
    if len(at) > 1:
        below, above = x < at[0], x > at[-1]
        inside[below] = y[0] + min((y[1] - y[0]) / (at[1] - at[0]), 0.0) * (x[below] - at[0])
        inside[above] = y[-1] + max((y[-1] - y[-2]) / (at[-1] - at[-2]), 0.0) * (x[above] - at[-1])
    return np.maximum(1.0, np.exp(inside))


def _medians(found: Spectrum, least: int, spread: float) -> tuple[Floats, Floats]:
    """Return the medians of the score over those of white noise, in windows of at least so many points, and their middles."""
    n = len(found.frequency_hz)
    edges = [0]
    while edges[-1] < n:
        here = edges[-1]
        ahead = int(np.searchsorted(found.frequency_hz, spread * found.frequency_hz[here]))
        edges.append(min(n, max(here + least, ahead)))
    if len(edges) > 2 and edges[-1] - edges[-2] < least:
        del edges[-2]
    middle = np.array([0.5 * (a + b - 1) for a, b in pairwise(edges)])
    medians = np.array([np.median(found.score[a:b]) for a, b in pairwise(edges)])
    return middle, np.maximum(medians / float(special.gammaincinv(found.parts, 0.5)), 1e-3)
