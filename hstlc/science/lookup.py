"""Look-up tables: per column of a region, the wavelength cell and what an event there is worth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstlc.model import Bools, Floats, Region
from hstlc.science.flux import HC_ERG_AA


@dataclass(frozen=True)
class Grid:
    """The grid: time bins from `start_s`, wavelength cells from `wave0_aa` (0: one cell, no wavelength)."""

    start_s: float
    step_s: float
    n_time: int
    wave0_aa: float
    wave_step_aa: float
    n_wave: int

    def edges_s(self) -> Floats:
        """Return the edges of the time bins, (n_time + 1,) float64."""
        return self.start_s + self.step_s * np.arange(self.n_time + 1, dtype=np.float64)


@dataclass(frozen=True)
class Part:
    """The source or the background rows of a region, and what an event there is worth, column by column."""

    whole: bool  # its edges are those of whole rows
    origin: Floats  # of the rows
    edges: tuple[tuple[Floats, Floats], ...]  # lower, upper; from the origin, or from 0 where they are those of whole rows
    y_ranges: tuple[tuple[float, float], ...]  # no event beyond them can be between the edges of any column
    count_factor: Floats
    flux_factor: Floats  # erg cm-2
    clean: bool  # whether only clean events count


@dataclass(frozen=True)
class Tables:
    """Per column of a region: the wavelength cell (-1: not used) and what an event there is worth."""

    region: Region
    cell: NDArray[np.int32]
    count_factor: Floats  # 1 / enclosed energy
    flux_factor: Floats  # erg cm-2 per count
    width_aa: Floats  # share of the good width: columns that overlap in wavelength share it
    source: Part
    background: Part


@dataclass(frozen=True)
class CalibratedCells:
    """What a dynamic spectrum says of each wavelength cell; arrays are (n_wave,)."""

    good_width_aa: Floats
    net: Floats  # count/s as the x1d has it, NaN where it does not say
    net_flux: Floats  # erg s-1 cm-2
    background: Floats  # count/s
    background_flux: Floats  # erg s-1 cm-2


def wavelength_cells(regions: tuple[Region, ...], step_aa: float, limits_aa: tuple[float, float]) -> tuple[float, int]:
    """Return the left edge of the first cell and the number of cells that hold every good column; (0, 1) without wavelengths."""
    used = [r.wavelength_aa[_usable(r, limits_aa)] for r in regions]
    wavelengths = np.concatenate([item[item > 0] for item in used]) if used else np.zeros(0)
    if len(wavelengths) == 0:
        return 0.0, 1
    first = np.floor(wavelengths.min() / step_aa) * step_aa
    return float(first), int(np.floor((wavelengths.max() - first) / step_aa)) + 1


def _usable(region: Region, limits_aa: tuple[float, float]) -> Bools:
    wavelength = region.wavelength_aa
    within = (wavelength == 0) | ((wavelength >= limits_aa[0]) & (wavelength < limits_aa[1]))
    return np.asarray(region.good & within, bool)


def prepare(regions: tuple[Region, ...], grid: Grid, limits_aa: tuple[float, float]) -> tuple[Tables, ...]:
    """Return the look-up tables of each region.

    An event of column i in region o is worth hc / (lambda EE A) erg cm-2, with A the effective area of all regions that see
    the wavelength, so that overlapping orders are not counted twice.
    """
    usable = [_usable(region, limits_aa) for region in regions]
    shares = [_share(k, regions, usable) for k in range(len(regions))]
    return tuple(_tables(*items, grid) for items in zip(regions, usable, shares, strict=True))


def _share(k: int, regions: tuple[Region, ...], usable: list[Bools]) -> Floats:
    """Return the part of the effective area at each column's wavelength that is this region's own."""
    own = _area(regions[k])
    total = own.copy()
    wavelength = regions[k].wavelength_aa
    for other, region in enumerate(regions):
        if other == k or not usable[other].any():
            continue
        known = np.flatnonzero(region.wavelength_aa > 0)
        known = known[np.argsort(region.wavelength_aa[known])]
        area = np.where(usable[other], _area(region), 0.0)[known]  # nothing is seen through its bad columns
        total += np.interp(wavelength, region.wavelength_aa[known], area, left=0.0, right=0.0)
    return np.divide(own, total, out=np.ones(len(own)), where=total > 0)


def _area(region: Region) -> Floats:
    """Return a measure of the effective area per column; 1 where there is no sensitivity."""
    if region.sensitivity is None:
        return np.ones(len(region.wavelength_aa))
    sens = np.where(np.isfinite(region.sensitivity), region.sensitivity, 0.0)
    return np.asarray(
        np.divide(sens * HC_ERG_AA, region.wavelength_aa * region.width_aa, out=np.zeros(len(sens)), where=region.wavelength_aa > 0)
    )


def _tables(region: Region, usable: Bools, share: Floats, grid: Grid) -> Tables:
    place = np.floor((region.wavelength_aa - grid.wave0_aa) / grid.wave_step_aa) if grid.wave0_aa > 0 else np.zeros(len(usable))
    cell = np.asarray(np.where(usable & (place >= 0) & (place < grid.n_wave), place, -1), np.int32)
    sens = np.zeros(len(usable)) if region.sensitivity is None else region.sensitivity
    flux = np.divide(region.width_aa * share, sens, out=np.zeros(len(usable)), where=np.isfinite(sens) & (sens > 0))
    inverse_energy = np.divide(1.0, region.enclosed_energy, out=np.zeros(len(usable)), where=region.enclosed_energy > 0)
    return Tables(
        region=region,
        cell=cell,
        count_factor=inverse_energy,
        flux_factor=flux * inverse_energy,
        width_aa=region.width_aa * share,
        source=_part(region, ((region.lower, region.upper),), inverse_energy, flux),
        background=_part(region, region.backgrounds, inverse_energy * region.area_ratio, flux, background=True),
    )


def _part(
    region: Region, edges: tuple[tuple[Floats, Floats], ...], counts: Floats, flux: Floats, *, background: bool = False
) -> Part:
    whole = len(edges) == 1 and all(bool(np.all(edge % 1 == 0.5)) for edge in edges[0])
    absolute = tuple((region.origin + lower, region.origin + upper) for lower, upper in edges)
    return Part(
        whole=whole,
        origin=region.origin,
        edges=absolute if whole else edges,
        y_ranges=tuple((float(np.min(lower)) - 1.0, float(np.max(upper)) + 1.0) for lower, upper in absolute),
        count_factor=counts,
        flux_factor=flux * counts,
        clean=background,
    )


def calibrate_cells(tables: tuple[Tables, ...], grid: Grid) -> CalibratedCells:
    """Return good width and the x1d's own net and background rates per wavelength cell."""
    width, net, net_flux, background, background_flux = (np.zeros(grid.n_wave) for _ in range(5))
    known_net = known_background = True
    for table in tables:
        used = table.cell >= 0
        cell, region = table.cell[used], table.region
        width += np.bincount(cell, table.width_aa[used], grid.n_wave) if grid.wave0_aa > 0 else 0.0
        known_net &= region.net is not None
        known_background &= region.background_rate is not None
        flux_factor = table.flux_factor[used] * region.enclosed_energy[used]
        if region.net is not None:
            net += np.bincount(cell, region.net[used], grid.n_wave)
            net_flux += np.bincount(cell, region.net[used] * flux_factor, grid.n_wave)
        if region.background_rate is not None:
            rate = region.background_rate[used]
            background += np.bincount(cell, rate, grid.n_wave)
            background_flux += np.bincount(cell, rate * flux_factor, grid.n_wave)
    nothing = np.full(grid.n_wave, np.nan)
    return CalibratedCells(
        good_width_aa=width,
        net=net if known_net and tables else nothing,
        net_flux=net_flux if known_net and tables else nothing,
        background=background if known_background and tables else nothing,
        background_flux=background_flux if known_background and tables else nothing,
    )
