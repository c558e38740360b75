"""Bands: which wavelength cells of a dynamic spectrum are summed, and what is left out."""

from dataclasses import dataclass

import numpy as np

from hstlc.model import Bools, DynamicSpectrum, Exposure, Instrument
from hstlc.science.selection import airglow_windows

ZERO_POINT_PIXELS = 20  # a STIS spectrum lies that far from its nominal place, low-resolution pixels, until a wavecal says
STIS_DISPERSION = {  # Angstrom per low-resolution pixel (STIS Instrument Handbook, chapter 13)
    'G140L': 0.6,
    'G140M': 0.05,
    'G230L': 1.58,
    'G230M': 0.09,
    'E140M': 0.015,
    'E140H': 0.006,
    'E230M': 0.039,
    'E230H': 0.01,
    'PRISM': 2.4,
}


@dataclass(frozen=True, kw_only=True)
class Band:
    """Which wavelength cells are summed, and what was left out."""

    cells: Bools  # (n_wave,)
    wmin_aa: float | None
    wmax_aa: float | None
    removed_aa: tuple[tuple[float, float], ...]
    width_aa: float


def choose_band(
    spectrum: DynamicSpectrum, windows: tuple[tuple[float, float], ...], wmin_aa: float | None = None, wmax_aa: float | None = None
) -> Band:
    """Return the cells of a dynamic spectrum between two wavelengths and outside the windows.

    Parameters
    ----------
    spectrum : DynamicSpectrum
        One without wavelengths gives its one cell.
    windows : tuple of (from, to), Angstrom
        What is left out, e.g. geocoronal lines.
    wmin_aa, wmax_aa : float or None
        Limits, Angstrom; None: as far as the spectrum goes.
    """
    if not spectrum.has_wavelength:
        return Band(cells=np.ones(1, bool), wmin_aa=None, wmax_aa=None, removed_aa=(), width_aa=0.0)
    lower = spectrum.wave0_aa + spectrum.wave_step_aa * np.arange(spectrum.n_wave, dtype=np.float64)
    upper = lower + spectrum.wave_step_aa
    within = np.ones(spectrum.n_wave, bool)
    if wmin_aa is not None:
        within &= lower >= wmin_aa
    if wmax_aa is not None:
        within &= upper <= wmax_aa
    cells = within & (spectrum.good_width_aa > 0)
    removed = []
    for start, stop in windows:
        hit = (upper > start) & (lower < stop)
        if np.any(cells & hit):
            removed.append((float(start), float(stop)))
        cells = cells & ~hit
    chosen = np.flatnonzero(cells)
    return Band(
        cells=cells,
        wmin_aa=float(lower[chosen[0]]) if len(chosen) else None,
        wmax_aa=float(upper[chosen[-1]]) if len(chosen) else None,
        removed_aa=tuple(removed),
        width_aa=float(spectrum.good_width_aa[cells].sum()),
    )


def default_windows(spectrum: DynamicSpectrum, preset: str) -> tuple[tuple[float, float], ...]:
    """Return the geocoronal windows of a preset for a dynamic spectrum, Angstrom."""
    return windows_of(spectrum.exposure, preset, has_x1d=spectrum.x1d_file is not None)


def windows_of(exposure: Exposure, preset: str, *, has_x1d: bool) -> tuple[tuple[float, float], ...]:
    """Return the geocoronal windows of a preset for an exposure, Angstrom.

    Where no x1d gives the zero point of STIS wavelengths they are wider by as much as it may be off.
    """
    dispersion = dispersion_aa(exposure.opt_elem)
    lines = airglow_windows(preset, exposure.instrume, exposure.opt_elem, exposure.aperture, dispersion)
    unsure = exposure.instrume is Instrument.STIS and not has_x1d
    more = float(np.ceil(ZERO_POINT_PIXELS * dispersion)) if unsure else 0.0
    return tuple((start - more, stop + more) for _, start, stop in lines)


def dispersion_aa(opt_elem: str) -> float:
    """Return the dispersion of a STIS grating, Angstrom per low-resolution pixel."""
    return STIS_DISPERSION.get(opt_elem, 0.6)
