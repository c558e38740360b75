"""What a dynamic spectrum shows of bursts, lost buffers, trips and airglow: flags and W_ codes; nothing is removed."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.ndimage import uniform_filter1d

from hstlc.model import Bools, DynamicSpectrum, Floats, Instrument, Quality
from hstlc.science.anomaly import background_doubles
from hstlc.science.selection import slit_width

WINDOW_S = 120.0  # neighbourhood of a bin
BURST_SIGMA = 6.0
COMPRESSED_SIGMA = 8.0
TRIP_S = 5.0
CHANCE = 1e-6  # of a gap without events by accident
GAP_S = 1.0
NARROW_SLIT = 0.1  # arcsec: focus and jitter change its throughput around the orbit
STRONG_AIRGLOW = 10.0  # of the net rate


def annotate(spectrum: DynamicSpectrum) -> DynamicSpectrum:
    """Return the dynamic spectrum with the quality bits and warnings that its own counts call for."""
    source, background = _per_bin(spectrum.source.time, spectrum.source.n, spectrum), _background_per_bin(spectrum)
    bursts = _burst_bins(spectrum, background)
    found = {
        'W_BURST': bool(bursts.any()),
        'W_COMPRESS': bool((_above(source, spectrum, COMPRESSED_SIGMA) & _above(background, spectrum, COMPRESSED_SIGMA)).any()),
        'W_TRIP': (tripped := _tripped(source + background, spectrum.live_s)),
        'W_GAP': (gap := _has_gap(source + background, spectrum.live_s)),
        'W_SAA': _near_anomaly(spectrum, complete=not (tripped or gap)),
        'W_DAY': bool((spectrum.sun_alt_deg[spectrum.live_s > 0] > 0).any()),
        'W_FLASH': bool((spectrum.quality & int(Quality.LAMP)).any()) and spectrum.x1d_file is None,
        'W_SLIT': spectrum.exposure.instrume is Instrument.STIS and slit_width(spectrum.exposure.aperture) <= NARROW_SLIT,
    }
    quality = spectrum.quality | np.where(bursts, int(Quality.BURST), 0)
    codes = tuple(code for code, applies in found.items() if applies)
    return replace(spectrum, quality=quality, warnings=tuple(dict.fromkeys((*spectrum.warnings, *codes))))


def _per_bin(time: NDArray[np.int32], n: NDArray[np.int32], spectrum: DynamicSpectrum) -> Floats:
    return np.asarray(np.bincount(time, n, spectrum.n_time), np.float64)


def _background_per_bin(spectrum: DynamicSpectrum) -> Floats:
    return _per_bin(spectrum.background.time, spectrum.background.n, spectrum)


def _above(counts: Floats, spectrum: DynamicSpectrum, sigma: float) -> Bools:
    """Whether bins exceed what their neighbourhood lets expect, by the Poisson probability of so many standard deviations."""
    live = spectrum.live_s > 0.5 * spectrum.step_s
    size = 2 * round(WINDOW_S / 2 / spectrum.step_s) + 1
    if live.sum() < size:
        return np.zeros(len(counts), bool)
    near = uniform_filter1d(counts[live], size, mode='nearest')
    threshold = np.full(len(counts), np.inf)
    threshold[live] = poisson_isf(float(special.ndtr(-sigma)), np.maximum(near, 1.0 / size))
    return np.asarray(live & (counts > threshold), bool)


def poisson_isf(chance: float, mean: Floats) -> Floats:
    """Return the least counts that Poisson variables exceed with at most a given chance.

    It is scipy.stats.poisson.isf, whose import takes half a second.

    Parameters
    ----------
    chance : float
        Probability.
    mean : (n,) float64
        Counts.

    Returns
    -------
    (n,) float64
        Counts.
    """
    above = np.ceil(special.pdtrik(1.0 - chance, mean))
    below = np.maximum(above - 1.0, 0.0)
    return np.asarray(np.where(special.pdtr(below, mean) >= 1.0 - chance, below, above), np.float64)


def _burst_bins(spectrum: DynamicSpectrum, background: Floats) -> Bools:
    if spectrum.exposure.instrume is not Instrument.COS or spectrum.exposure.detector != 'FUV':
        return np.zeros(spectrum.n_time, bool)
    return _above(background, spectrum, BURST_SIGMA)


def _near_anomaly(spectrum: DynamicSpectrum, *, complete: bool) -> bool:
    """Whether a bin lies near the South Atlantic Anomaly, or the background of COS doubles as it does there and no events are lost.

    The dark of the STIS detectors glows with their temperature, and rises without it.
    """
    ours = complete and spectrum.exposure.instrume is Instrument.COS
    rises = ours and background_doubles(spectrum.background, spectrum.live_s)
    return rises or bool((spectrum.quality[spectrum.live_s > 0] & int(Quality.SAA)).any())


def _tripped(counts: Floats, live_s: Floats) -> bool:
    """Whether events stop for good while good time goes on."""
    filled, live = np.flatnonzero(counts), float(live_s.sum())
    if len(filled) == 0 or live <= 0:
        return False
    rate = float(counts.sum()) / live
    return float(live_s[filled[-1] + 1 :].sum()) > max(TRIP_S, 20.0 / rate)


def _has_gap(counts: Floats, live_s: Floats) -> bool:
    """Whether events are missing in good time for longer than chance allows."""
    live = live_s > 0
    if not counts[live].any():
        return False
    rate = counts.sum() / live_s.sum()
    longest, current = 0.0, 0.0
    for empty, seconds in zip((counts[live] == 0).tolist(), live_s[live].tolist(), strict=True):
        current = current + seconds if empty else 0.0
        longest = max(longest, current)
    return bool(longest > GAP_S and counts.sum() * np.exp(-rate * longest) < CHANCE)


def strong_airglow(airglow: Floats, net: Floats) -> bool:
    """Whether the light left out as airglow outshines the source: its wings may reach into the band."""
    known = np.isfinite(airglow)
    if not known.any():
        return False
    return bool(np.mean(airglow[known]) > STRONG_AIRGLOW * max(float(np.mean(net)), 0.0))
