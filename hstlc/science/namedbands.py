"""Named bands, emission lines and continuum windows, as light curves of their own."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from hstlc.model import Band as NamedBand
from hstlc.model import BandKind, Bools, Cells, DynamicSpectrum, LightCurve
from hstlc.science.band import Band, choose_band
from hstlc.science.composite import combine
from hstlc.science.lightcurve import light_curve

HELD = 0.8  # part of a band's width that must have been measured
Windows = tuple[tuple[float, float], ...]


def band_cells(
    spectrum: DynamicSpectrum, named: NamedBand, windows: Windows, wmin_aa: float | None = None, wmax_aa: float | None = None
) -> Band | None:
    """Return the cells of a named band, None where the exposure does not hold the band.

    A band is held if at least 80 % of its width were measured within the limits and outside the windows; of a line, whose
    profile would be cut, every cell.

    Parameters
    ----------
    spectrum : DynamicSpectrum
        One without wavelengths holds no band.
    named : NamedBand
        From the table of bands.
    windows : tuple of (from, to), Angstrom
        What is left out of every light curve: geocoronal lines.
    wmin_aa, wmax_aa : float or None
        Limits, Angstrom.
    """
    if not spectrum.has_wavelength:
        return None
    inside = sorted(named.windows_aa)
    gaps = tuple((one[1], other[0]) for one, other in itertools.pairwise(inside))
    lower, upper = inside[0][0], inside[-1][1]
    limits = (lower if wmin_aa is None else max(lower, wmin_aa), upper if wmax_aa is None else min(upper, wmax_aa))
    band = choose_band(spectrum, (*windows, *gaps), *limits)
    width = sum(stop - start for start, stop in inside)
    complete = np.count_nonzero(band.cells) * spectrum.wave_step_aa >= width or named.kind is BandKind.CONTINUUM
    return band if complete and band.width_aa >= HELD * width else None


def band_light_curves(
    spectrum: DynamicSpectrum,
    bands: Iterable[NamedBand],
    whole: LightCurve,
    windows: Windows,
    *,
    limits_aa: tuple[float | None, float | None] = (None, None),
    step_s: float,
    min_fracexp: float,
) -> dict[str, LightCurve]:
    """Return the light curves of the bands that an exposure holds, by name.

    Parameters
    ----------
    spectrum : DynamicSpectrum
        Of the exposure.
    bands : iterable of NamedBand
        The table of bands.
    whole : LightCurve
        The exposure's light curve over all wavelengths with the same step; gives key and airglow.
    windows : tuple of (from, to), Angstrom
        Geocoronal windows.
    limits_aa : (float or None, float or None)
        Limits of the wavelengths, Angstrom.
    step_s : float
        Bin width, s.
    min_fracexp : float
        Bins with a smaller live part are flagged LOWEXP.
    """
    held = {named.name: band for named in bands if (band := band_cells(spectrum, named, windows, *limits_aa)) is not None}
    small = _narrowed(spectrum, list(held.values()))
    curves = {name: light_curve(small, band, whole.key, step_s=step_s, min_fracexp=min_fracexp) for name, band in held.items()}
    return {name: replace(curve, airglow=whole.airglow) for name, curve in curves.items()}


def _narrowed(spectrum: DynamicSpectrum, bands: list[Band]) -> DynamicSpectrum:
    """Return the spectrum with the cells of some bands only: each band is then a sum over few cells."""
    wanted: Bools = np.zeros(spectrum.n_wave, bool)
    for band in bands:
        wanted |= band.cells
    return replace(spectrum, source=_of(spectrum.source, wanted), background=_of(spectrum.background, wanted))


def _of(cells: Cells, wanted: Bools) -> Cells:
    rows = wanted[cells.wave]
    return Cells(**{name: getattr(cells, name)[rows] for name in ('time', 'wave', 'n', 'w', 'w2', 'f', 'f2')})


def combine_bands(members: Sequence[Mapping[str, LightCurve]]) -> dict[str, LightCurve]:
    """Return the composites of the bands that all members hold, by name, from their light curves in the order of their start."""
    names = [name for name in members[0] if all(name in member for member in members)] if members else []
    return {name: combine([member[name] for member in members]) for name in names}
