"""Events to counts on a grid of time and wavelength: the one pass over the photons."""

from dataclasses import dataclass, field

import numpy as np

from hstlc.model import Bools, Cells, Events, Floats, Ints, Reals
from hstlc.science.lookup import Grid, Part, Tables
from hstlc.science.selection import ROUNDING_S, inside

DENSE_FACTOR = 8  # a block whose cells span less than this many times its events is summed in a dense array
N_SUMS = 5  # n, w, w2, f, f2
PENDING_CELLS = 1 << 17  # cells of blocks that are merged at once


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
