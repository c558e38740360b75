"""Drift: how far a source moves across the rows of the detector during an exposure, and with it out of its aperture."""

from dataclasses import dataclass

import numpy as np

from hstlc.model import Bools, Cells, Floats, Instrument, Ints, Reals
from hstlc.science.lookup import Grid, Tables

N_SLICES = 32  # of the exposure, in time
ENOUGH_EVENTS = 250_000  # of longer lists every second, third... event tells the place as well
SIGNAL_TO_NOISE = 10.0  # of the net counts that a median is taken of: it is then known to an eighth of the spectrum's width
LEAST_POINTS = 5  # medians that a line is drawn through
SIGMAS = 5.0  # that a drift must differ from 0
LIMIT_PX = {Instrument.COS: 0.5, Instrument.STIS: 1.0}  # STIS: low-resolution pixels
STEP_PX = {Instrument.COS: 1.0, Instrument.STIS: 0.5}  # of the steps across, no finer than coordinates are
MOST_STEPS = 256  # on either side of a trace; no region is so high
ELSEWHERE = -1e9  # steps


@dataclass(frozen=True)
class Drift:
    """How far a source moved from the start to the end of an exposure, pixels."""

    size_px: float
    error_px: float  # from the counts, or from the scatter about the line where that is larger

    def exceeds(self, limit_px: float) -> bool:
        """Whether the source moved farther than a limit, and not by accident."""
        return abs(self.size_px) > max(limit_px, SIGMAS * self.error_px)


class Steps:
    """Steps across the dispersion, counted from the trace of one region; of columns that do not count none."""

    def __init__(self, table: Tables, kept: Bools, step_px: float) -> None:
        """Take the tables of a region, the wavelength cells that count, (n_wave,) bool, and the size of a step."""
        part = table.source
        shift = 0.0 if part.whole else part.origin
        lower, upper = (edge + shift for edge in part.edges[0])
        used = (table.cell >= 0) & kept.take(table.cell) & np.isfinite(lower) & np.isfinite(upper)
        trace = (lower + upper) / 2
        if part.whole and used.any():  # calcos has made such a trace straight; what changes is the width of the spectrum
            trace = np.full(len(trace), np.median(trace[used]))
        self.used, self.trace, self.step_px = used, trace / step_px, step_px
        self.lower, self.upper = lower[used] / step_px - self.trace[used], upper[used] / step_px - self.trace[used]

    def reach(self) -> float:
        """Return the largest distance of an edge from the trace."""
        return max(float(np.abs(self.lower).max(initial=0.0)), float(np.abs(self.upper).max(initial=0.0)))

    def area(self, half: int) -> Floats:
        """Return how many columns there are in each step between -half and half, (2 half,) float64."""
        return _below(self.upper + half, 2 * half) - _below(self.lower + half, 2 * half)

    def zero(self, half: int) -> Floats:
        """Return what makes a place, in steps, the number of its step from 1 up: per column, with one more on either side."""
        return np.pad(np.where(self.used, half + 1 - self.trace, ELSEWHERE), 1, constant_values=ELSEWHERE)


def _below(edges: Floats, n: int) -> Floats:
    """Return how much of each step of 0..n lies below edges, summed over the edges, (n,) float64."""
    within = np.clip(edges, 0, n)
    index = within.astype(np.int64)
    parts = np.bincount(index, within - index, n + 1)
    full = np.bincount(index, minlength=n + 1)
    return np.asarray((parts + full.sum() - np.cumsum(full))[:n], np.float64)


class Positions:
    """Events of the source regions by time and by their distance from the trace: every one, of long lists every so manyth.

    Wavelengths of geocoronal lines do not count: such light fills the aperture, and comes and goes with the Sun.
    """

    def __init__(self, tables: tuple[Tables, ...], grid: Grid, kept: Bools, *, step_px: float, n_events: int) -> None:
        """Take the tables of all regions, the wavelength cells that count, (n_wave,) bool, and the length of the event lists."""
        self.grid, self.kept, self.step_px = grid, kept, step_px
        self.every = 1 + n_events // ENOUGH_EVENTS
        self.slice_of: Ints = np.arange(grid.n_time) * N_SLICES // grid.n_time
        steps = [Steps(table, kept, step_px) for table in tables]
        half = int(np.ceil(min(max((item.reach() for item in steps), default=0.0), MOST_STEPS)))
        self.zeros = {table.region.name: item.zero(half) for table, item in zip(tables, steps, strict=True)}
        self.area = sum((item.area(half) for item in steps), np.zeros(2 * half))
        self.n_steps = 2 * half + 2  # the first and the last are those of events elsewhere
        self.counts = np.zeros(N_SLICES * self.n_steps, np.int64)

    def add(self, zero: Floats, y: Reals, event: Ints, column: Ints, key: Ints) -> None:
        """Add the events of a block that lie in a region; `y` and `key`, time bin x n_wave, are those of the whole block."""
        event = event[:: self.every]
        step = (y[event] * (1 / self.step_px) + zero.take(column[:: self.every])).astype(np.int64)
        np.minimum(np.maximum(step, 0, out=step), self.n_steps - 1, out=step)
        bins = (key.take(event) / self.grid.n_wave + 0.5).astype(np.int64)  # faster than whole division, which leaves no rest here
        step += self.n_steps * self.slice_of.take(bins)
        self.counts += np.bincount(step, minlength=len(self.counts))

    def drift(self, background: Cells) -> Drift | None:
        """Return how far the source moved from the start to the end of the time grid; None where its events are too few to tell.

        The place is the median, across the dispersion, of what is left when the background is taken away, as even as it is beside
        the spectrum; the drift is the slope of a straight line through the medians, weighted by their errors, times the length of
        the grid.

        Parameters
        ----------
        background : Cells
            Of the exposure, scaled by area to the source regions.
        """
        counts: Floats = self.counts.reshape(N_SLICES, self.n_steps)[:, 1:-1].astype(np.float64)
        own = self.kept.take(background.wave)
        level = np.bincount(self.slice_of.take(background.time[own]), background.w[own], N_SLICES) / self.every
        even = self.area / max(float(self.area.sum()), 1.0)
        points = _points(self._middles(), counts, np.outer(level, even))
        if len(points) < LEAST_POINTS:
            return None
        size, error = _slope(*points.T)
        return Drift(size * self.step_px, error * self.step_px)

    def _middles(self) -> Floats:
        """Return the middle of each slice, (N_SLICES,) float64; the time grid is 1 long."""
        sums = np.bincount(self.slice_of, np.arange(self.grid.n_time) + 0.5, N_SLICES)
        n_bins = np.bincount(self.slice_of, minlength=N_SLICES)
        return np.asarray(sums / np.maximum(n_bins, 1) / self.grid.n_time, np.float64)


def _points(time: Floats, counts: Floats, background: Floats) -> Floats:
    """Return time, median and its error of neighbouring slices together, as many as their net counts need, (n, 3) float64.

    Parameters
    ----------
    time : (n_slices,) float64
        Middle of each slice.
    counts, background : (n_slices, n) float64
        By distance from the trace.
    """
    whole = (counts - background).sum(axis=0)
    if whole.sum() <= 0:
        return np.zeros((0, 3))
    found, start = [], 0
    for stop in range(1, len(time) + 1):
        gross = counts[start:stop].sum(axis=1)
        net = counts[start:stop].sum(axis=0) - background[start:stop].sum(axis=0)
        total = float(gross.sum())
        if total > 0 and net.sum() >= SIGNAL_TO_NOISE * np.sqrt(total):
            median = _median(net)
            density = _density(whole, median) * net.sum() / whole.sum()
            if density > 0:
                found.append((float(time[start:stop] @ gross) / total, median, np.sqrt(total) / (2 * density)))
            start = stop
    return np.array(found).reshape(-1, 3)


def _median(net: Floats) -> float:
    """Return the place that half of the net counts lie below, steps."""
    below = np.concatenate([[0.0], np.maximum.accumulate(np.cumsum(net))])
    return float(np.interp(net.sum() / 2, below, np.arange(len(below))))


def _density(net: Floats, place: float) -> float:
    """Return the net counts per step about a place, from the step it lies in and those on either side."""
    step = int(place)
    near = net[max(step - 1, 0) : step + 2]
    return float(near.mean())


def _slope(time: Floats, place: Floats, error: Floats) -> tuple[float, float]:
    """Return the slope of the straight line through points, and its error."""
    weight = error**-2.0
    centred = time - np.average(time, weights=weight)
    inverse = 1 / float((weight * centred**2).sum())
    slope = float((weight * centred * place).sum()) * inverse
    rest = place - np.average(place, weights=weight) - slope * centred
    scatter = float((weight * rest**2).sum()) / (len(time) - 2)
    return slope, float(np.sqrt(inverse * max(scatter, 1.0)))
