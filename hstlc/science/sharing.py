"""Background events that several stripes or orders use: what they add to the variance of a sum over a band.

Stripes of COS NUV take their background from the same rows of the detector, neighbouring orders of an echelle from the gap
between them. An event of weight v in one and w in the other has the variance (v + w)**2 in their sum, v**2 in the first alone.
"""

import itertools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hstlc.model import Bools, Cells, Floats, Ints, Region, SharedCells
from hstlc.science.lookup import Tables


def shared_cells(groups: Iterable[tuple[Tables, ...]], n_wave: int) -> SharedCells:
    """Return which wavelength cells share background events, and how much.

    Parameters
    ----------
    groups : iterable of tuples of Tables
        Look-up tables of the regions of each event file: only regions of one file see the same events.
    n_wave : int
        Number of wavelength cells.
    """
    own = [np.zeros(n_wave), np.zeros(n_wave)]
    products: list[tuple[Ints, Floats, Floats]] = []
    for tables in groups:
        for table in tables:
            used = table.cell >= 0
            for total, factor in zip(own, _factors(table), strict=True):
                total += np.bincount(table.cell[used], factor[used] ** 2, n_wave)
        for one, other in itertools.permutations(tables, 2):
            part = _common_part(one.region, other.region) * ((one.cell >= 0) & (other.cell >= 0))
            at = np.flatnonzero(part)
            counts, flux = (a[at] * b[at] * part[at] for a, b in zip(_factors(one), _factors(other), strict=True))
            products.append((one.cell[at].astype(np.int64) * n_wave + other.cell[at], counts, flux))
    if not any(len(key) for key, _, _ in products):
        return SharedCells()
    return _summed(products, own, n_wave)


def _summed(products: list[tuple[Ints, Floats, Floats]], own: list[Floats], n_wave: int) -> SharedCells:
    keys, index = np.unique(np.concatenate([item[0] for item in products]), return_inverse=True)
    cell, other = keys // n_wave, keys % n_wave
    ratios = [
        np.divide(np.bincount(index, np.concatenate([item[k] for item in products])), own[k - 1][cell], out=np.zeros(len(keys)),
                  where=own[k - 1][cell] > 0)
        for k in (1, 2)
    ]  # fmt: skip
    return SharedCells(cell=cell.astype(np.int16), other=other.astype(np.int16), counts=ratios[0], flux=ratios[1])


def _factors(table: Tables) -> tuple[Floats, Floats]:
    return table.background.count_factor, table.background.flux_factor


def _common_part(one: Region, other: Region) -> Floats:
    """Return the part of a region's background rows that are background rows of another region too, (n_columns,) float64."""
    if len(one.origin) != len(other.origin) or one.first_x != other.first_x:
        return np.zeros(len(one.origin))
    rows = sum((np.maximum(upper - lower, 0.0) for lower, upper in one.backgrounds), np.zeros(len(one.origin)))
    shift = other.origin - one.origin
    common = np.zeros(len(rows))
    for (lower, upper), (low, high) in itertools.product(one.backgrounds, other.backgrounds):
        common += np.maximum(np.minimum(upper, high + shift) - np.maximum(lower, low + shift), 0.0)
    return np.divide(common, rows, out=np.zeros(len(rows)), where=rows > 0)


def within_band(cells: Cells, shared: SharedCells, band: Bools) -> Cells:
    """Return background cells whose squared weights hold what their events count for in other cells of a band.

    Parameters
    ----------
    cells : Cells
        The background; `w2` and `f2` are sums of squares of the weights in the cell alone.
    shared : SharedCells
        Of the dynamic spectrum.
    band : (n_wave,) bool
        Cells that are summed.
    """
    both = band[shared.cell] & band[shared.other]
    if not both.any():
        return cells
    counts, flux = (1.0 + np.bincount(shared.cell[both], ratio[both], len(band)) for ratio in (shared.counts, shared.flux))
    return replace(cells, w2=cells.w2 * counts[cells.wave], f2=cells.f2 * flux[cells.wave])
