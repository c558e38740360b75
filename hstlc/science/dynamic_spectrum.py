"""Events to counts on a grid of time and wavelength: the one pass over the photons."""

from dataclasses import dataclass, field, replace

import numpy as np

from hstlc.model import Bools, Cells, DynamicSpectrum, Events, Floats, Ints, Reals
from hstlc.science.drift import Positions
from hstlc.science.lookup import Grid, Part, Tables
from hstlc.science.selection import ROUNDING_S, inside

DENSE_FACTOR = 8  # a block whose cells span less than this many times its events is summed in the window
N_SUMS = 5  # n, w, w2, f, f2
WINDOW_CELLS = 1 << 17
PENDING_CELLS = 1 << 18  # cells that may wait to be merged


@dataclass
class Plane:
    """Cells that were summed so far, of source or background."""

    done: list[tuple[Ints, Floats]] = field(default_factory=list)  # keys, sums (N_SUMS, n)
    pending: int = 0  # cells that may be there twice
    last: int = -1  # largest key
    window: Floats = field(default_factory=lambda: np.zeros((N_SUMS, WINDOW_CELLS)))  # a stretch of cells; moves with time
    first: int = 0  # key of the window's first cell
    filled: int = 0  # its cells up to the last that was added to

    def add(self, key: Ints, weight: Floats, flux: Floats) -> None:
        """Add events: their cell, weight (count) and flux weight (erg cm-2); one that several regions use is added by each."""
        if len(key) == 0:
            return
        low = int(key.min())
        span = int(key.max()) - low + 1
        values = (None, weight, weight * weight, flux, flux * flux)
        if span <= min(DENSE_FACTOR * len(key), WINDOW_CELLS // 2):
            start = self._move_window(low, span)
            index = key - low
            for sums, item in zip(self.window, values, strict=True):
                sums[start : start + span] += np.bincount(index, item, span)
        else:
            keys, index = np.unique(key, return_inverse=True)
            self._keep(keys, np.array([np.bincount(index, item, len(keys)) for item in values], np.float64))

    def _move_window(self, low: int, span: int) -> int:
        """Let the window hold the cells from `low`, and return their place in it."""
        if not self.first <= low <= self.first + WINDOW_CELLS - span:
            self._empty_window()
            self.first = max(0, low - WINDOW_CELLS // 8)  # events may be a little out of order
        start = low - self.first
        self.filled = max(self.filled, start + span)
        return start

    def _empty_window(self) -> None:
        sums = self.window[:, : self.filled]
        keys = np.flatnonzero(sums[0])
        if len(keys):
            self._keep(keys + self.first, sums.take(keys, axis=1))
        sums[:] = 0.0
        self.filled = 0

    def _keep(self, keys: Ints, sums: Floats) -> None:
        self.done.append((keys, sums))
        self.pending += int(np.searchsorted(keys, self.last, side='right'))
        self.last = max(self.last, int(keys[-1]))
        if self.pending > PENDING_CELLS:
            self._merge()

    def _merge(self) -> None:
        """Sort what was kept by key: it is in order but for a few stretches, and few keys are there twice."""
        keys = np.concatenate([item[0] for item in self.done])
        order = np.argsort(keys, kind='stable')
        keys = keys.take(order)
        again = np.flatnonzero(keys[1:] == keys[:-1]) + 1
        new = np.ones(len(keys), bool)
        new[again] = False
        place = np.cumsum(new)[again] - 1
        sums = np.empty((N_SUMS, len(keys) - len(again)))
        for k in range(N_SUMS):  # one by one: less memory
            values = np.concatenate([item[1][k] for item in self.done]).take(order)
            sums[k] = values[new] if len(again) else values
            np.add.at(sums[k], place, values.take(again))
        self.done, self.pending = [(keys[new], sums)], 0

    def cells(self, n_wave: int) -> Cells:
        """Return the cells, sorted by time and wavelength."""
        self._empty_window()
        if len(self.done) > 1:
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


class Columns:
    """What a part of a region asks of an event's column: arrays with one column more on either side, where nothing counts."""

    def __init__(self, part: Part, table: Tables) -> None:
        """Take the edges and factors of a part, and the wavelength cells of its region."""
        self.part, self.offset = part, 1.5 - table.region.first_x  # an event at x is in column floor(x + offset)
        used = np.pad(table.cell >= 0, 1)
        self.cell = np.pad(table.cell.astype(np.int64), 1)
        self.origin = np.pad(part.origin, 1)
        self.edges = tuple((np.where(used, np.pad(lower, 1), np.inf), np.pad(upper, 1)) for lower, upper in part.edges)
        self.count, self.flux = np.pad(part.count_factor, 1), np.pad(part.flux_factor, 1)

    def find(self, events: Events, allowed: Bools) -> tuple[Ints, Ints, Floats]:
        """Return which events are in the part, their columns (with the one more), and what each is worth."""
        possible = _between(events.y, self.part.y_ranges) & allowed
        if 2 * np.count_nonzero(possible) > len(possible):  # of a bright source: all are looked up, which is cheaper than to sift
            near, x, y = None, events.x, events.y
        else:
            near = np.flatnonzero(possible)
            x, y, possible = events.x.take(near), events.y.take(near), possible.take(near)
        with np.errstate(invalid='ignore'):  # what is no number is not possible
            column = np.add(x, self.offset, dtype=np.float64).astype(np.int64)
        share = self._share(y, column)
        hit = np.flatnonzero((share > 0) & possible)
        event = hit if near is None else near.take(hit)
        worth = events.epsilon.take(event).astype(np.float64)
        if not self.part.whole:
            worth *= share.take(hit)
        return event, column.take(hit), worth

    def _share(self, y: Reals, column: Ints) -> Floats | Bools:
        """Return the part of each event's row that lies between the edges; where these are edges of rows it is in or out."""
        if self.part.whole:
            lower, upper = self.edges[0]
            return (y >= lower.take(column, mode='clip')) & (y < upper.take(column, mode='clip'))
        share, row = np.zeros(len(y)), np.floor(y - self.origin.take(column, mode='clip') + 0.5)
        for edges in self.edges:
            share += _overlap(row, *(edge.take(column, mode='clip') for edge in edges))
        return share


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
        positions: Positions | None = None,
    ) -> None:
        """Take the tables, the planes of source and background that are added to, and the positions that are.

        An event happened `stamp_offset_s` before its time stamp.
        """
        source, background = planes
        self.grid, self.gti_s = grid, gti_s
        self.stamp_offset_s = stamp_offset_s
        self.positions = positions
        self.parts = [
            (plane, Columns(part, table), positions.zeros[table.region.name] if positions and plane is source else None)
            for table in tables
            for plane, part in ((source, table.source), (background, table.background))
        ]

    def add(self, events: Events) -> None:
        """Add a block of events."""
        within, key = self._bins(events.time_s)
        key *= self.grid.n_wave
        good = events.good if within is None else events.good & within
        clean = events.clean & good
        for plane, columns, zero in self.parts:
            event, column, worth = columns.find(events, clean if columns.part.clean else good)
            if self.positions is not None and zero is not None:
                self.positions.add(zero, events.y, event, column, key)
            cell = key.take(event)
            cell += columns.cell.take(column)
            plane.add(cell, worth * columns.count.take(column), worth * columns.flux.take(column))

    def _bins(self, stamp_s: Floats) -> tuple[Bools | None, Ints]:
        """Tell which time stamps are good (None: all), and in which time bins; amid one interval there is nothing to search."""
        within, time_s = None, stamp_s - self.stamp_offset_s
        if not (len(self.gti_s) == 1 and len(time_s) and self._amid(time_s)):
            within, time_s = inside(time_s, self.gti_s)
        time_s -= self.grid.start_s
        time_s /= self.grid.step_s
        bins = time_s.astype(np.int64)
        return within, np.minimum(np.maximum(bins, 0, out=bins), self.grid.n_time - 1, out=bins)

    def _amid(self, time_s: Floats) -> bool:
        return bool(self.gti_s[0, 0] <= time_s.min() and time_s.max() < self.gti_s[0, 1] - ROUNDING_S)


def _between(y: Reals, ranges: tuple[tuple[float, float], ...]) -> Bools:
    (low, high), *more = ranges or ((0.0, 0.0),)
    found = (y > low) & (y < high)
    for low, high in more:
        found |= (y > low) & (y < high)
    return found


def _overlap(row: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the part of each row, half a pixel to both sides, that lies between two edges."""
    return np.asarray(np.maximum(np.minimum(row + 0.5, upper) - np.maximum(row - 0.5, lower), 0.0), np.float64)


def as_stored(spectrum: DynamicSpectrum) -> DynamicSpectrum:
    """Return a dynamic spectrum as its file holds it, so that what is made of it is the same before and after.

    Fluxes and the background of the x1d have the 24 bits of single precision, what cells share, which only errors are made of,
    has 12; the squares of a cell with one event are those of its sums. The cells are changed in place, which saves their memory.
    """
    shared = spectrum.shared
    for cells in (spectrum.source, spectrum.background):
        _round(cells)
    return replace(
        spectrum,
        x1d_background=_single(spectrum.x1d_background),
        x1d_background_flux=_single(spectrum.x1d_background_flux),
        shared=replace(shared, counts=_rounded(shared.counts), flux=_rounded(shared.flux)),
    )


def _round(cells: Cells) -> None:
    for values in (cells.f, cells.f2):
        values[:] = values.astype(np.float32)
    alone = cells.n == 1
    for square, root in ((cells.w2, cells.w), (cells.f2, cells.f)):
        np.multiply(root, root, out=square, where=alone)


def _single(values: Floats) -> Floats:
    return values.astype(np.float32).astype(np.float64)


def _rounded(values: Floats, bits: int = 12) -> Floats:
    mantissa, exponent = np.frexp(_single(values))
    return np.asarray(np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits), np.float64)
