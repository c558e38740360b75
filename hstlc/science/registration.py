"""Where the events of a STIS exposure lie against its extracted spectrum (science.md 6.4)."""

import numpy as np

from hstlc.model import ExtractedSpectrum, Floats, Ints, Shift
from hstlc.science.mama import HIGH, LOW, between

LARGEST = 4  # high-resolution pixels
LAGS = tuple(range(-LARGEST, LARGEST + 1))
SIGNIFICANT = 25.0  # difference of chi2
LEAST_GAIN = 0.01  # of the counts in the box: less is the wing of the slit's image, not a wrong place
LEAST_COUNTS = 100


def register(counts: Ints, spectra: tuple[ExtractedSpectrum, ...]) -> Shift:
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
    x = _lag(counts, traced, gross)
    return Shift(x=x, y=_offset(_cumulative(counts, x), traced))


def _cumulative(counts: Ints, lag: int) -> Floats:
    """Return cumulative sums along the rows for low-resolution columns after a shift in x, (2049, 1024) float64."""
    moved = np.zeros((HIGH, HIGH), counts.dtype)
    source = slice(max(-lag, 0), HIGH - max(lag, 0))
    moved[:, max(lag, 0) : HIGH + min(lag, 0)] = counts[:, source]
    columns = moved.reshape(HIGH, LOW, 2).sum(axis=2)
    return np.vstack([np.zeros(LOW), np.cumsum(columns, axis=0, dtype=np.float64)])


def _at(sums: Floats, row: Floats) -> Floats:
    """Return cumulative sums at low-resolution rows: high-resolution pixels 1 and 2 span 0.5 to 1.5."""
    return between(sums, 2 * (row - 0.5))


def _profile(sums: Floats, spectra: tuple[ExtractedSpectrum, ...]) -> Floats:
    return np.concatenate([_at(sums, upper) - _at(sums, lower) for lower, upper in map(_box, spectra)])


def _box(spectrum: ExtractedSpectrum) -> tuple[Floats, Floats]:
    centre = spectrum.centre if spectrum.centre is not None else np.zeros(LOW)
    half = (spectrum.height or 0.0) / 2
    return centre - half, centre + half


def _lag(counts: Ints, spectra: tuple[ExtractedSpectrum, ...], gross: Floats) -> int:
    profiles = {lag: _profile(_cumulative(counts, lag), spectra) for lag in LAGS}
    variance = np.maximum(sum(profiles.values()) / len(profiles), 1.0)
    chi2 = {lag: _misfit(profile, gross, variance) for lag, profile in profiles.items()}
    best = min(LAGS, key=lambda lag: (chi2[lag], abs(lag)))
    return best if chi2[0] - chi2[best] > SIGNIFICANT else 0


def _misfit(profile: Floats, gross: Floats, variance: Floats) -> float:
    """Return chi2 of a profile against a multiple of another plus a constant: GROSS lacks dark and live time."""
    weight = 1 / np.sqrt(variance)
    terms = np.column_stack([gross * weight, weight])
    solution = np.linalg.lstsq(terms, profile * weight, rcond=None)[0]
    return float(np.sum((profile * weight - terms @ solution) ** 2))


def _offset(sums: Floats, spectra: tuple[ExtractedSpectrum, ...]) -> int:
    inside = float(_profile(sums, spectra).sum())
    gains: dict[int, tuple[float, float]] = {}
    for lag in LAGS:
        gain = moved = 0.0
        for lower, upper in map(_box, spectra):
            bottom = float((_at(sums, lower) - _at(sums, lower - lag / 2)).sum())  # signed: enters where the box moves down
            top = float((_at(sums, upper) - _at(sums, upper - lag / 2)).sum())
            gain += bottom - top
            moved += abs(bottom) + abs(top)
        gains[lag] = gain, max(moved, 1.0)
    best = max(LAGS, key=lambda lag: (gains[lag][0], -abs(lag)))
    gain, moved = gains[best]
    return best if gain > 0 and gain**2 / moved > SIGNIFICANT and gain > LEAST_GAIN * inside else 0
