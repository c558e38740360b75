"""Where the events of a STIS exposure lie against its extracted spectrum."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstlc.model import ExtractedSpectrum, Floats, Ints, Shift
from hstlc.science.mama import HIGH, LOW, between, cumulative

LARGEST = 4  # high-resolution pixels
LAGS = tuple(range(-LARGEST, LARGEST + 1))
SIGNIFICANT = 25.0  # difference of chi2
LEAST_GAIN = 0.01  # of the counts in the box: less is the wing of the slit's image, not a wrong place
LEAST_COUNTS = 100


def register(counts: NDArray[Any], spectra: tuple[ExtractedSpectrum, ...]) -> Shift:
    """Return by how many high-resolution pixels the events must be moved to lie where the x1d has the spectrum.

    Along the dispersion: the lag at which counts per column follow the x1d's GROSS best. Across it: the shift that puts most
    counts into the extraction boxes. Either is 0 unless chi2 improves by more than 25.

    Parameters
    ----------
    counts : (2048, 2048) int
        Events per high-resolution pixel [AXIS2 - 1, AXIS1 - 1].
    spectra : tuple of ExtractedSpectrum
        Rows of the x1d; 1024 columns each.
    """
    traced = tuple(s for s in spectra if s.centre is not None and s.height and len(s.centre) == LOW and np.any(s.centre))
    gross = np.concatenate([s.gross for s in traced]) if traced else np.zeros(0)
    if not np.any(gross) or counts.sum() < LEAST_COUNTS:
        return Shift()
    sums = cumulative(counts)
    x = _lag(sums, traced, gross)
    return Shift(x=x, y=_offset(sums, traced, x))


def _in_box(sums: Floats, spectrum: ExtractedSpectrum, lag: int, lower: float, upper: float) -> Floats:
    """Return the events between two distances from the trace, low-resolution rows, per high-resolution column moved by `lag`.

    High-resolution pixels 1 and 2 make low-resolution pixel 1: they span 0.5 to 1.5.
    """
    trace = spectrum.centre if spectrum.centre is not None else np.zeros(LOW)
    centre = trace[_low(lag)]
    return between(sums, 2 * (centre + upper - 0.5)) - between(sums, 2 * (centre + lower - 0.5))


def _low(lag: int) -> Ints:
    """Return the index of the low-resolution column that each high-resolution one moves to; the outermost beyond the ends."""
    return np.clip((np.arange(HIGH) + lag) // 2, 0, LOW - 1)


def _lag(sums: Floats, spectra: tuple[ExtractedSpectrum, ...], gross: Floats) -> int:
    profiles = {lag: _profile(sums, spectra, lag) for lag in LAGS}
    variance = np.maximum(sum(profiles.values()) / len(profiles), 1.0)
    chi2 = {lag: _misfit(profile, gross, variance) for lag, profile in profiles.items()}
    best = min(LAGS, key=lambda lag: (chi2[lag], abs(lag)))
    return best if chi2[0] - chi2[best] > SIGNIFICANT else 0


def _profile(sums: Floats, spectra: tuple[ExtractedSpectrum, ...], lag: int) -> Floats:
    """Return the events in the box of each low-resolution column of each order."""
    halves = [(spectrum, (spectrum.height or 0.0) / 2) for spectrum in spectra]
    parts = [np.bincount(_low(lag), _in_box(sums, spectrum, lag, -half, half), LOW) for spectrum, half in halves]
    return np.asarray(np.concatenate(parts), np.float64)


def _misfit(profile: Floats, gross: Floats, variance: Floats) -> float:
    """Return chi2 of a profile against a multiple of another plus a constant: GROSS lacks dark and live time."""
    weight = 1 / np.sqrt(variance)
    terms = np.column_stack([gross * weight, weight])
    solution = np.linalg.lstsq(terms, profile * weight, rcond=None)[0]
    return float(np.sum((profile * weight - terms @ solution) ** 2))


def _offset(sums: Floats, spectra: tuple[ExtractedSpectrum, ...], lag: int) -> int:
    inside = float(_profile(sums, spectra, lag).sum())
    gains = {shift: _gain(sums, spectra, lag, shift / 2) for shift in LAGS}
    best = max(LAGS, key=lambda shift: (gains[shift][0], -abs(shift)))
    gain, moved = gains[best]
    return best if gain > 0 and gain**2 / moved > SIGNIFICANT and gain > LEAST_GAIN * inside else 0


def _gain(sums: Floats, spectra: tuple[ExtractedSpectrum, ...], lag: int, rows: float) -> tuple[float, float]:
    """Return the events that the boxes gain when all events move up by some rows, and how many enter or leave."""
    gain = moved = 0.0
    for spectrum in spectra:
        half = (spectrum.height or 0.0) / 2
        enter = float(_in_box(sums, spectrum, lag, -half - rows, -half).sum())  # negative: leave
        leave = float(_in_box(sums, spectrum, lag, half - rows, half).sum())
        gain += enter - leave
        moved += abs(enter) + abs(leave)
    return gain, max(moved, 1.0)
