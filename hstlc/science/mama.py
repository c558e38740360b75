"""Corrections of the MAMA detectors of STIS: flat field, bad pixels, dead time.

Images are indexed [row, column] from 0; coordinates of events and regions count from 1, pixel k spanning k - 0.5 to k + 0.5.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstlc.model import Bools, Cells, Floats, Ints, Linearity, PixelCorrections, Region

LOW, HIGH = 1024, 2048  # pixels of an axis, low and high resolution
HOT = 16  # STIS data quality bit: hot pixel
LEAST_KEPT = 0.5  # of a column's rows
SIGMAS = 10.0  # a hot pixel's excess over its neighbours
HOT_BLOCK = 32  # rows whose median is the local level
AWAY_ROWS = 20.0  # hot pixels are looked for farther than this from a spectrum
NEWTON_STEPS = 3
STRIP = 128  # rows of a flat field that are expanded at once


def flat_field(pixel: Floats | None, delta: Floats | None, low_order: Floats | None) -> Floats | None:
    """Return the product of the flat fields that are known, square as the largest of the first two; None where there is none.

    The low-order flat, which is smaller, is expanded by linear interpolation (calstis doflat.c, unbin2d.c).

    Parameters
    ----------
    pixel, delta, low_order : (n, n) float64 or None
        PFLTFILE, DFLTFILE and LFLTFILE; n divides 2048.

    Returns
    -------
    (1024, 1024) or (2048, 2048) float64, or None
        Detected over true counts; not positive where one of them is not.
    """
    fine = [image for image in (pixel, delta) if image is not None]
    if not fine and low_order is None:
        return None
    size = max((len(image) for image in fine), default=HIGH)
    product = np.ones((size, size))
    for image in fine:
        product *= _repeat(np.maximum(image, 0.0), size // len(image))
    if low_order is not None:
        wide = expand_rows(low_order.T, np.arange(size), size).T
        for start in range(0, size, STRIP):
            rows = np.arange(start, min(start + STRIP, size))
            product[rows] *= np.maximum(expand_rows(wide, rows, size), 0.0)
    return product


def _repeat(image: Floats, times: int) -> Floats:
    return image if times == 1 else image.repeat(times, axis=0).repeat(times, axis=1)


def expand_rows(image: Floats, rows: Ints, size: int) -> Floats:
    """Return rows of an image that is made `size` rows high, interpolated between the centres of the old rows and beyond them."""
    n = len(image)
    if n == size:
        return image[rows]
    factor = size / n
    place = (rows - (factor - 1) / 2) / factor
    first = np.clip(place.astype(np.int64), 0, n - 2)
    part = (place - first)[:, None]
    return np.asarray((1 - part) * image[first] + part * image[first + 1], np.float64)


def rejected_part(corrections: PixelCorrections) -> Floats:
    """Return the part of each low-resolution pixel whose events are rejected, (1024, 1024) float64."""
    part = np.zeros((LOW, LOW))
    if corrections.flat is not None:
        size = len(corrections.flat) // LOW
        part = (corrections.flat <= 0).reshape(LOW, size, LOW, size).mean(axis=(1, 3))
    if corrections.flags is not None:
        part[(corrections.flags & HOT) != 0] = 1.0
    return part


def without_pixels(region: Region, rejected: Floats) -> Region:
    """Return a region whose columns make up for the pixels in it that are rejected; columns that lose half are not used.

    The part of the rows that is left takes the place of the enclosed energy: a column's counts are divided by it.

    Parameters
    ----------
    region : Region
        Of 1024 or 2048 columns, counted from 1.
    rejected : (1024, 1024) float64
        Part of each low-resolution pixel that is rejected.
    """
    n = len(region.lower)
    scale = max(n // LOW, 1)
    good = 1 - _repeat(rejected, scale)
    kept = np.divide(_area(good, region.lower, region.upper), region.upper - region.lower)
    behind = sum((_area(good, lower, upper) for lower, upper in region.backgrounds), np.zeros(n))
    source = kept * (region.upper - region.lower)
    return replace(
        region,
        enclosed_energy=region.enclosed_energy * kept,
        area_ratio=np.divide(source, behind, out=np.zeros(n), where=behind > 0),
        good=region.good & (kept >= LEAST_KEPT),
    )


def _area(image: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the sum of an image over rows lower..upper of each column, with parts of rows."""
    sums = cumulative(image)
    return between(sums, upper - 0.5) - between(sums, lower - 0.5)


def cumulative(image: NDArray[Any]) -> Floats:
    """Return the sums of each column up to each row, (n_rows + 1, n_columns) float64; row by row, which is fast."""
    sums = np.zeros((len(image) + 1, image.shape[1]))
    for row, values in enumerate(image):
        np.add(sums[row], values, out=sums[row + 1])
    return sums


def between(sums: Floats, place: Floats) -> Floats:
    """Return cumulative sums, (n_rows + 1, n_columns), of each column at a place between the rows."""
    within = np.clip(place, 0.0, len(sums) - 1.0)
    row = np.minimum(within.astype(np.int64), len(sums) - 2)
    columns = np.arange(sums.shape[1])
    part = within - row
    return np.asarray((1 - part) * sums[row, columns] + part * sums[row + 1, columns], np.float64)


def hot_pixels(counts: NDArray[Any], near_source: Bools) -> Bools:
    """Return the pixels whose counts stand 10 sigma above those of the pixels along the slit, (1024, 1024) bool.

    The local level is the largest of the medians of three neighbouring blocks of 32 rows in the same column, so that an
    emission line that fills the slit is no hot pixel, nor its end.

    Parameters
    ----------
    counts : (1024, 1024) int
        Events per low-resolution pixel of the detector.
    near_source : (1024, 1024) bool
        Pixels that are left alone.
    """
    blocks = np.median(counts.reshape(LOW // HOT_BLOCK, HOT_BLOCK, LOW), axis=1)
    padded = np.pad(blocks, ((1, 1), (0, 0)), mode='edge')
    level = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:]).repeat(HOT_BLOCK, axis=0)
    return np.asarray((counts > level + SIGMAS * np.sqrt(np.maximum(level, 1.0))) & ~near_source, bool)


def near_traces(traces: tuple[Floats, ...]) -> Bools:
    """Return the pixels within 20 rows of a spectrum, (1024, 1024) bool; traces are rows per column in low-resolution pixels."""
    rows = np.arange(1, LOW + 1)[:, None]
    near = np.zeros((LOW, LOW), bool)
    for trace in traces:
        near |= np.abs(rows - trace[None, :]) <= AWAY_ROWS
    return near


def dead_time_factor(rate: Floats, linearity: Linearity) -> Floats:
    """Return the true over the observed rate of a detector, y = x exp(-tau x) solved for x (calstis dononlin.c).

    Parameters
    ----------
    rate : (n,) float64
        Observed count/s over the whole detector.
    linearity : Linearity
        From MLINTAB. Beyond the rate where the observed one no longer rises there is no answer: the factor stays e.
    """
    tau = linearity.tau_s
    if tau <= 0:
        return np.ones(len(rate))
    scaled = np.minimum(np.maximum(rate, 0.0) * tau, np.exp(-1.0) * (1 - 1e-6))
    true = scaled.copy()
    for _ in range(NEWTON_STEPS):
        decay = np.exp(-true)
        true += (scaled - true * decay) / ((1 - true) * decay)
    return np.asarray(np.divide(true, scaled, out=np.ones(len(rate)), where=scaled > 0), np.float64)


def scaled(cells: Cells, factor: Floats | float) -> Cells:
    """Return cells whose weights are multiplied by a factor, one for all or one per time bin; the events stay."""
    own = np.broadcast_to(factor, cells.time.shape) if np.ndim(factor) == 0 else np.asarray(factor)[cells.time]
    return replace(cells, w=cells.w * own, w2=cells.w2 * own**2, f=cells.f * own, f2=cells.f2 * own**2)
