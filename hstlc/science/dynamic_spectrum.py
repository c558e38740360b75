"""Events to counts on a grid of time and wavelength: the one pass over the photons."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hstlc.model import Bools, Cells, Events, Floats, Ints, Region
from hstlc.science.flux import HC_ERG_AA
from hstlc.science.selection import inside

DENSE_FACTOR = 8  # a block whose cells span less than this many times its events is summed in a dense array
N_SUMS = 5  # n, w, w2, f, f2
PENDING_CELLS = 1 << 20  # cells of blocks that are merged at once


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
class Tables:
    """Per column of a region: the wavelength cell (-1: not used) and what an event there is worth."""

    region: Region
    cell: NDArray[np.int32]
    count_factor: Floats  # 1 / enclosed energy
    flux_factor: Floats  # erg cm-2 per count
    width_aa: Floats  # share of the good width: columns that overlap in wavelength share it
    y_range: tuple[float, float]


@dataclass(frozen=True)
class CalibratedCells:
    """What a dynamic spectrum says of each wavelength cell; arrays are (n_wave,)."""

    good_width_aa: Floats
    net: Floats  # count/s as the x1d has it, NaN where it does not say
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
    edges = [region.lower, region.upper, *(edge for pair in region.backgrounds for edge in pair)]
    inverse_energy = np.divide(1.0, region.enclosed_energy, out=np.zeros(len(usable)), where=region.enclosed_energy > 0)
    return Tables(
        region=region,
        cell=cell,
        count_factor=inverse_energy,
        flux_factor=flux * inverse_energy,
        width_aa=region.width_aa * share,
        y_range=(
            min(float(np.min(region.origin + edge)) for edge in edges) - 1.0,
            max(float(np.max(region.origin + edge)) for edge in edges) + 1.0,
        ),
    )


def calibrate_cells(tables: tuple[Tables, ...], grid: Grid) -> CalibratedCells:
    """Return good width and the x1d's own net and background rates per wavelength cell."""
    width, net, background, background_flux = (np.zeros(grid.n_wave) for _ in range(4))
    known_net = known_background = True
    for table in tables:
        used = table.cell >= 0
        cell, region = table.cell[used], table.region
        width += np.bincount(cell, table.width_aa[used], grid.n_wave) if grid.wave0_aa > 0 else 0.0
        known_net &= region.net is not None
        known_background &= region.background_rate is not None
        if region.net is not None:
            net += np.bincount(cell, region.net[used], grid.n_wave)
        if region.background_rate is not None:
            rate = region.background_rate[used]
            background += np.bincount(cell, rate, grid.n_wave)
            flux_factor = table.flux_factor[used] * region.enclosed_energy[used]
            background_flux += np.bincount(cell, rate * flux_factor, grid.n_wave)
    nothing = np.full(grid.n_wave, np.nan)
    return CalibratedCells(
        good_width_aa=width,
        net=net if known_net and tables else nothing,
        background=background if known_background and tables else nothing,
        background_flux=background_flux if known_background and tables else nothing,
    )


@dataclass
class Plane:
    """Cells that were summed so far, of source or background."""

    done: list[tuple[Ints, Floats]] = field(default_factory=list)  # keys, sums (N_SUMS, n)
    pending: int = 0

    def add(self, key: Ints, weight: Floats, flux: Floats, sharing: int = 1) -> None:
        """Add events: their cell, weight (count) and flux weight (erg cm-2).

        An event that `sharing` regions use is added by each of them: its variance is the square of its summed weight, so each
        adds `sharing` times the square of its own.
        """
        if len(key) == 0:
            return
        low = int(key.min())
        span = int(key.max()) - low + 1
        if span <= DENSE_FACTOR * len(key):
            keys, index = np.arange(low, low + span), key - low
        else:
            keys, index = np.unique(key, return_inverse=True)
        sums = _sum(index, len(keys), weight, flux)
        sums[[2, 4]] *= sharing
        filled = sums[0] > 0
        self.done.append((keys[filled], sums[:, filled]))
        self.pending += int(filled.sum())
        if self.pending > PENDING_CELLS and len(self.done) > 1:
            self._merge()

    def _merge(self) -> None:
        keys = np.concatenate([item[0] for item in self.done])
        sums = np.concatenate([item[1] for item in self.done], axis=1)
        order = np.argsort(keys, kind='stable')
        keys, sums = keys[order], sums[:, order]
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        self.done = [(keys[starts], np.add.reduceat(sums, starts, axis=1))]
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


def _sum(index: Ints, n: int, weight: Floats, flux: Floats) -> Floats:
    return np.stack(
        [
            np.bincount(index, minlength=n).astype(np.float64),
            np.bincount(index, weight, n),
            np.bincount(index, weight * weight, n),
            np.bincount(index, flux, n),
            np.bincount(index, flux * flux, n),
        ]
    )


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
        within, time_s = inside(events.time_s - self.stamp_offset_s, self.gti_s)
        keep = events.good & within
        bins = np.floor((time_s - self.grid.start_s) / self.grid.step_s)
        bins = np.clip(bins, 0, self.grid.n_time - 1).astype(np.int64)
        for table in self.tables:
            self._add_region(table, events, keep, bins)

    def _add_region(self, table: Tables, events: Events, keep: Bools, bins: Ints) -> None:
        low, high = table.y_range
        near = np.flatnonzero(keep & (events.y > low) & (events.y < high))
        column = np.floor(events.x[near] + 0.5).astype(np.int64) - table.region.first_x
        on = (column >= 0) & (column < len(table.cell))
        near, column = near[on], column[on]
        used = table.cell[column] >= 0
        near, column = near[used], column[used]
        row = np.floor(events.y[near] - table.region.origin[column] + 0.5)
        key = bins[near] * self.grid.n_wave + table.cell[column]
        epsilon = events.epsilon[near]
        share = _overlap(row, table.region.lower[column], table.region.upper[column])
        self._add_plane(self.source, table, share, column, key, epsilon)
        share = np.zeros(len(row))
        for lower, upper in table.region.backgrounds:
            share += _overlap(row, lower[column], upper[column])
        share *= table.region.area_ratio[column] * events.clean[near]
        self._add_plane(self.background, table, share, column, key, epsilon, table.region.sharing)

    @staticmethod
    def _add_plane(plane: Plane, table: Tables, share: Floats, column: Ints, key: Ints, epsilon: Floats, sharing: int = 1) -> None:
        hit = np.flatnonzero(share > 0)
        worth = share[hit] * epsilon[hit]
        where = column[hit]
        plane.add(key[hit], worth * table.count_factor[where], worth * table.flux_factor[where], sharing)


def _overlap(row: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the part of each row, half a pixel to both sides, that lies between two edges."""
    return np.asarray(np.clip(np.minimum(row + 0.5, upper) - np.maximum(row - 0.5, lower), 0.0, 1.0))
