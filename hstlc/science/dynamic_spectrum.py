"""Events to counts on a grid of time and wavelength: the one pass over the photons."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hstlc.model import Bools, Cells, Events, Floats, Ints, Reals, Region
from hstlc.science.flux import HC_ERG_AA
from hstlc.science.selection import ROUNDING_S, inside

DENSE_FACTOR = 8  # a block whose cells span less than this many times its events is summed in a dense array
N_SUMS = 5  # n, w, w2, f, f2
PENDING_CELLS = 1 << 17  # cells of blocks that are merged at once


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
    count_total: Floats  # the same, summed over all regions that use the same events
    flux_total: Floats
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
    the wavelength, so that overlapping orders are not counted twice (science.md 4.1).
    """
    usable = [_usable(region, limits_aa) for region in regions]
    shares = [_share(k, regions, usable) for k in range(len(regions))]
    tables = tuple(_tables(*items, grid) for items in zip(regions, usable, shares, strict=True))
    return tuple(_with_shared_background(table, tables) if table.region.sharing > 1 else table for table in tables)


def _with_shared_background(table: Tables, tables: tuple[Tables, ...]) -> Tables:
    """Say what a background event is worth in all the stripes that use it: their errors are not independent."""
    parts = [
        (other.background, other.cell >= 0)
        for other in tables
        if other.region.sharing > 1 and other.background.y_ranges == table.background.y_ranges
    ]
    counts = np.sum([np.where(used, part.count_factor, 0.0) for part, used in parts], axis=0)
    flux = np.sum([np.where(used, part.flux_factor, 0.0) for part, used in parts], axis=0)
    return replace(table, background=replace(table.background, count_total=counts, flux_total=flux))


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
    fluxes = flux * counts
    return Part(
        whole=whole,
        origin=region.origin,
        edges=absolute if whole else edges,
        y_ranges=tuple((float(np.min(lower)) - 1.0, float(np.max(upper)) + 1.0) for lower, upper in absolute),
        count_factor=counts,
        flux_factor=fluxes,
        count_total=counts,
        flux_total=fluxes,
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


@dataclass
class Plane:
    """Cells that were summed so far, of source or background."""

    done: list[tuple[Ints, Floats]] = field(default_factory=list)  # keys, sums (N_SUMS, n)
    pending: int = 0

    def add(self, key: Ints, weight: Floats, flux: Floats, whole_weight: Floats, whole_flux: Floats) -> None:
        """Add events: their cell, weight (count) and flux weight (erg cm-2).

        An event that several regions use is added by each of them; its variance is the square of its `whole` weight, the sum over
        the regions, and each adds its own part of it.
        """
        if len(key) == 0:
            return
        low = int(key.min())
        span = int(key.max()) - low + 1
        values = (weight, weight * whole_weight, flux, flux * whole_flux)
        if span <= DENSE_FACTOR * len(key):
            sums = _sum(key - low, span, values)
            filled = np.flatnonzero(sums[0])
            keys, sums = filled + low, sums.take(filled, axis=1)
        else:
            keys, index = np.unique(key, return_inverse=True)
            sums = _sum(index, len(keys), values)
        self.done.append((keys, sums))
        self.pending += len(keys)
        if self.pending > PENDING_CELLS and len(self.done) > 1:
            self._merge()

    def _merge(self) -> None:
        keys = np.concatenate([item[0] for item in self.done])
        low = keys.min()
        keys -= low
        filled = np.flatnonzero(np.bincount(keys))
        sums = np.empty((N_SUMS, len(filled)))
        for k in range(N_SUMS):  # one by one: less memory
            sums[k] = np.bincount(keys, np.concatenate([item[1][k] for item in self.done]))[filled]
        self.done = [(filled + low, sums)]
        self.pending = 0

    def cells(self, n_wave: int) -> Cells:
        """Return the cells, sorted by time and wavelength."""
        if self.done:
            self._merge()
        keys, sums = self.done[0] if self.done else (np.zeros(0, np.int64), np.zeros((N_SUMS, 0)))
        return Cells(
            time=(keys // n_wave).astype(np.int32),
            wave=(keys % n_wave).astype(np.int16),
            n=np.rint(sums[0]).astype(np.int32),
            w=sums[1],
            w2=sums[2],
            f=sums[3],
            f2=sums[4],
        )


def _sum(index: Ints, n: int, values: tuple[Floats, ...]) -> Floats:
    sums = np.empty((N_SUMS, n))
    sums[0] = np.bincount(index, minlength=n)
    for k, item in enumerate(values, start=1):
        sums[k] = np.bincount(index, item, n)
    return sums


class Accumulator:
    """Sums events into the cells of a grid, block by block."""

    def __init__(
        self,
        tables: tuple[Tables, ...],
        grid: Grid,
        gti_s: Floats,
        *,
        stamp_offset_s: float,
        planes: tuple[Plane, Plane],
    ) -> None:
        """Take the tables and the planes of source and background that are added to.

        An event happened `stamp_offset_s` before its time stamp.
        """
        self.tables, self.grid, self.gti_s = tables, grid, gti_s
        self.stamp_offset_s = stamp_offset_s
        self.source, self.background = planes

    def add(self, events: Events) -> None:
        """Add a block of events."""
        for table in self.tables:
            self._add_part(self.source, table.source, table, events)
            self._add_part(self.background, table.background, table, events)

    def _add_part(self, plane: Plane, part: Part, table: Tables, events: Events) -> None:
        allowed = events.good & events.clean if part.clean else events.good
        near = np.flatnonzero(_between(events.y, part.y_ranges) & allowed)
        column = np.floor(events.x.take(near).astype(np.float64) + 0.5).astype(np.int64) - table.region.first_x
        cell = table.cell.take(column, mode='clip')
        share = _share_of_rows(events.y.take(near), column, part)
        hit = np.flatnonzero((share > 0) & (cell >= 0) & (column >= 0) & (column < len(table.cell)))
        event, column, cell = near.take(hit), column.take(hit), cell.take(hit)
        worth = events.epsilon.take(event).astype(np.float64)
        if not part.whole:
            worth *= share.take(hit)
        within, key = self._bins(events.time_s.take(event))
        key *= self.grid.n_wave
        key += cell
        if not within.all():
            key, worth, column = key[within], worth[within], column[within]
        weight, flux = worth * part.count_factor.take(column), worth * part.flux_factor.take(column)
        if part.count_total is part.count_factor:
            plane.add(key, weight, flux, weight, flux)
        else:
            plane.add(key, weight, flux, worth * part.count_total.take(column), worth * part.flux_total.take(column))

    def _bins(self, stamp_s: Floats) -> tuple[Bools, Ints]:
        """Tell which time stamps are good, and in which time bins; amid one interval there is nothing to search."""
        time_s = stamp_s - self.stamp_offset_s
        if len(self.gti_s) == 1 and len(time_s) and self._amid(time_s):
            within = np.ones(len(time_s), bool)
        else:
            within, time_s = inside(time_s, self.gti_s)
        time_s -= self.grid.start_s
        time_s /= self.grid.step_s
        bins = time_s.astype(np.int64)
        return within, np.minimum(np.maximum(bins, 0, out=bins), self.grid.n_time - 1, out=bins)

    def _amid(self, time_s: Floats) -> bool:
        return bool(self.gti_s[0, 0] <= time_s.min() and time_s.max() < self.gti_s[0, 1] - ROUNDING_S)


def _between(y: Reals, ranges: tuple[tuple[float, float], ...]) -> Bools:
    found = np.zeros(len(y), bool)
    for low, high in ranges:
        found |= (y > low) & (y < high)
    return found


def _share_of_rows(y: Reals, where: Ints, part: Part) -> Floats | Bools:
    """Return the part of each event's row that lies between the edges; where these are edges of rows it is in or out."""
    if part.whole:
        lower, upper = (edge.take(where, mode='clip') for edge in part.edges[0])
        return np.asarray((y >= lower) & (y < upper), bool)
    share, row = np.zeros(len(y)), np.floor(y - part.origin.take(where, mode='clip') + 0.5)
    for edges in part.edges:
        share += _overlap(row, *(edge.take(where, mode='clip') for edge in edges))
    return share


def _overlap(row: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the part of each row, half a pixel to both sides, that lies between two edges."""
    return np.asarray(np.maximum(np.minimum(row + 0.5, upper) - np.maximum(row - 0.5, lower), 0.0), np.float64)
