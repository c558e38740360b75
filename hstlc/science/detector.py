"""Regions of a detector: which rows of each column hold source, and which background."""

import numpy as np

from hstlc.model import Bools, Box, ExtractedSpectrum, Floats, Region
from hstlc.science.flux import sensitivity

STIS_BAD_COLUMN = 2 | 128 | 256  # lost data, filled, saturated
STIS_SIZE = 1024  # low-resolution rows and columns
TRACE_HEIGHT = 11.0  # low-resolution rows, where no x1d tells
TRACE_BACKGROUND = (30.0, 60.0)  # distance of the background from the trace, rows
NEAR_BOXES = ((-45.0, 30.0), (45.0, 30.0))  # the same as offset and height
IMAGE_HALF = 20  # half the side of a point source's box, pixels
IMAGE_BACKGROUND = (60.0, 100.0)


def cos_regions(
    spectra: tuple[ExtractedSpectrum, ...], boxes: tuple[Box, ...], first_x: int, min_rel_sens: float
) -> tuple[Region, ...]:
    """Return the regions of COS segments or stripes.

    Rows of the x1d's own (two-zone) extraction where it holds them, else the box of the headers.

    Parameters
    ----------
    spectra : tuple of ExtractedSpectrum
        Rows of the exposure's x1d.
    boxes : tuple of Box
        Of the headers; a spectrum without a box of its name is left out.
    first_x : int
        Pixel of column 0 (-X_OFFSET).
    min_rel_sens : float
        Columns below this part of the largest sensitivity are not used.
    """
    by_name = {box.name: box for box in boxes}
    used = [item for item in spectra if item.name in by_name]
    return tuple(_cos_region(item, by_name[item.name], first_x, min_rel_sens) for item in used)


def _cos_region(spectrum: ExtractedSpectrum, box: Box, first_x: int, min_rel_sens: float) -> Region:
    n = len(spectrum.wavelength_aa)
    x = np.arange(n) + float(first_x)
    ones: Floats = np.ones(n)
    origin: Floats
    backgrounds: tuple[tuple[Floats, Floats], ...]
    if spectrum.y_lower is not None and spectrum.y_upper is not None:
        energy = spectrum.enclosed_energy if spectrum.enclosed_energy is not None else ones
        origin, lower, upper = np.zeros(n), spectrum.y_lower - 0.5, spectrum.y_upper + 0.5
        backgrounds = tuple(
            ((round(where) - high // 2 - 0.5) * ones, (round(where) + high // 2 + 0.5) * ones)
            for where, high in zip(box.background_locations, box.background_heights, strict=True)
            if where >= 0 and high > 0
        )
    else:
        energy = ones
        tilt = np.asarray(box.slope * (x - box.x_middle), np.float64)
        origin, lower, upper = box.location + tilt - box.height // 2, -0.5 * ones, (box.height - 0.5) * ones
        backgrounds = tuple(
            (where + tilt - high // 2 - 0.5 - origin, where + tilt - high // 2 - 0.5 + high - origin)
            for where, high in zip(box.background_locations, box.background_heights, strict=True)
            if where >= 0 and high > 0
        )
    sens = sensitivity(spectrum)
    good = (
        (spectrum.dq_weight > 0 if spectrum.dq_weight is not None else spectrum.dq == 0)
        & (spectrum.wavelength_aa > 0)
        & (energy > 0)
    )
    return Region(
        name=spectrum.name,
        first_x=first_x,
        origin=origin,
        lower=lower,
        upper=upper,
        backgrounds=backgrounds,
        area_ratio=_area_ratio(upper - lower, backgrounds),
        wavelength_aa=spectrum.wavelength_aa,
        width_aa=np.abs(np.gradient(spectrum.wavelength_aa)),
        good=good & _sensitive(sens, good, min_rel_sens),
        enclosed_energy=energy,
        sensitivity=sens,
        net=spectrum.net,
        background_rate=_cos_background(spectrum, energy),
    )


def _cos_background(spectrum: ExtractedSpectrum, energy: Floats) -> Floats:
    """Return the background as it lies inside NET, count/s: weighted by flat field and dead time as the source is."""
    two_zone = spectrum.y_lower is not None and bool(np.any(energy != 1.0))
    if two_zone:
        return np.asarray(spectrum.background / np.where(energy > 0, energy, 1.0), np.float64)
    raw = spectrum.gross - spectrum.background
    weight = np.divide(
        spectrum.net, raw, out=np.ones(len(raw)), where=np.abs(raw) > 1e-3 * np.abs(spectrum.gross).max(initial=1e-9)
    )
    return np.asarray(spectrum.background * np.clip(weight, 0.5, 2.0), np.float64)


def _area_ratio(height: Floats, backgrounds: tuple[tuple[Floats, Floats], ...]) -> Floats:
    rows = sum((np.maximum(upper - lower, 0.0) for lower, upper in backgrounds), np.zeros(len(height)))
    ratio: Floats = np.divide(height, rows, out=np.zeros(len(height)), where=rows > 0)
    return ratio


def _sensitive(sens: Floats | None, good: Bools, min_rel_sens: float) -> Bools:
    if sens is None:
        return np.ones(len(good), bool)
    known = np.where(np.isfinite(sens), sens, 0.0)
    return np.asarray(known > min_rel_sens * np.max(known[good], initial=0.0), bool)


def stis_regions(spectra: tuple[ExtractedSpectrum, ...], min_rel_sens: float, n_rows: int = STIS_SIZE) -> tuple[Region, ...]:
    """Return the regions of STIS orders from the x1d's trace and boxes; orders without a trace are left out.

    Rows and columns are counted from 1 as in the x1d. The background of a first-order spectrum is taken near it on both
    sides, not in the x1d's boxes 300 rows away: the dark of the FUV-MAMA glows unevenly (a simulated glow left 20 % of the
    background as a negative flux with the distant boxes), and boxes of 5 rows are noisy.
    """
    first_order = len(spectra) == 1
    return tuple(
        _stis_region(item, min_rel_sens, n_rows, near=first_order)
        for item in spectra
        if item.centre is not None and np.any(item.centre) and item.height
    )


def _stis_region(spectrum: ExtractedSpectrum, min_rel_sens: float, n_rows: int, *, near: bool) -> Region:
    if spectrum.centre is None or spectrum.height is None:
        raise ValueError('a STIS region needs a trace')
    centre, n = spectrum.centre, len(spectrum.centre)
    lower, upper = centre - spectrum.height / 2, centre + spectrum.height / 2
    backgrounds = tuple(
        (np.clip(centre + offset - size / 2, 0.5, n_rows + 0.5), np.clip(centre + offset + size / 2, 0.5, n_rows + 0.5))
        for offset, size in (NEAR_BOXES if near else zip(spectrum.background_offsets, spectrum.background_heights, strict=True))
        if size > 0
    )
    sens = sensitivity(spectrum)
    good = ((spectrum.dq & STIS_BAD_COLUMN) == 0) & (spectrum.wavelength_aa > 0)
    return Region(
        name=spectrum.name,
        first_x=1,
        origin=np.zeros(n),
        lower=lower,
        upper=upper,
        backgrounds=backgrounds,
        area_ratio=_area_ratio(np.full(n, spectrum.height), backgrounds),
        wavelength_aa=spectrum.wavelength_aa,
        width_aa=np.abs(np.gradient(spectrum.wavelength_aa)),
        good=good & _sensitive(sens, good, min_rel_sens),
        enclosed_energy=np.ones(n),
        sensitivity=sens,
        net=spectrum.net,
        background_rate=None,
    )


def trace_region(rows: Floats, wavelength_aa: Floats, first_x: int) -> Region:
    """Return the region of a first-order spectrum without x1d: a box about its brightest row.

    Parameters
    ----------
    rows : (n_rows,) float64
        Counts per detector row; row 0 is at y = 0.
    wavelength_aa : (n_columns,) float64
        From the header's linear dispersion.
    first_x : int
        Pixel of column 0.
    """
    n = len(wavelength_aa)
    centre = brightest(rows, int(TRACE_HEIGHT))
    lower, upper = np.full(n, centre - TRACE_HEIGHT / 2), np.full(n, centre + TRACE_HEIGHT / 2)
    near, far = TRACE_BACKGROUND
    edges = ((centre - far, centre - near), (centre + near, centre + far))
    return _plain_region('trace', first_x, lower, upper, edges, len(rows), wavelength_aa, np.ones(n, bool))


def image_region(rows: Floats, columns: Floats, first_x: int) -> Region:
    """Return the box about the brightest point of an image, with background above and below it; no wavelength.

    Parameters
    ----------
    rows, columns : (n_rows,), (n_columns,) float64
        Counts per detector row and column; row 0 is at y = 0, column 0 at x = `first_x`.
    """
    x, y, n = brightest(columns, 2 * IMAGE_HALF), brightest(rows, 2 * IMAGE_HALF), len(columns)
    lower, upper = np.full(n, y - IMAGE_HALF), np.full(n, y + IMAGE_HALF)
    near, far = IMAGE_BACKGROUND
    edges = ((y - far, y - near), (y + near, y + far))
    good = np.abs(np.arange(n) - x) <= IMAGE_HALF
    return _plain_region('image', first_x, lower, upper, edges, len(rows), np.zeros(n), good)


def _plain_region(
    name: str, first_x: int, lower: Floats, upper: Floats, edges: tuple[tuple[float, float], ...], n_rows: int,
    wavelength_aa: Floats, good: Bools,
) -> Region:  # fmt: skip
    ones = np.ones(len(lower))
    backgrounds = tuple((np.clip(a, 0.5, n_rows - 0.5) * ones, np.clip(b, 0.5, n_rows - 0.5) * ones) for a, b in edges)
    return Region(
        name=name,
        first_x=first_x,
        origin=np.zeros(len(lower)),
        lower=lower,
        upper=upper,
        backgrounds=backgrounds,
        area_ratio=_area_ratio(upper - lower, backgrounds),
        wavelength_aa=wavelength_aa,
        width_aa=np.abs(np.gradient(wavelength_aa)),
        good=good,
        enclosed_energy=ones,
        sensitivity=None,
        net=None,
        background_rate=None,
    )


def brightest(profile: Floats, width: int) -> float:
    """Return the centroid of the brightest stretch of `width` samples above the median."""
    excess = profile - np.median(profile)
    start = int(np.argmax(np.convolve(excess, np.ones(width), mode='valid'))) if len(profile) > width else 0
    part = np.maximum(excess[start : start + width], 0.0)
    centre = np.sum(np.arange(start, start + len(part)) * part) / part.sum() if part.sum() > 0 else start + width / 2
    return float(centre)
