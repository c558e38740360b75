"""When photons arrive: good time intervals, and random times that follow a rate."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hstlc.model.arrays import Floats, Ints

STEP_S = 0.02  # rates are taken as constant over it
Rate = Callable[[Floats], Floats]  # seconds since EXPSTART -> count/s


@dataclass(frozen=True)
class GoodTime:
    """Good time intervals in seconds since EXPSTART, in order and apart from one another."""

    intervals: tuple[tuple[float, float], ...]

    @classmethod
    def with_gaps(cls, start_s: float, stop_s: float, gaps_s: tuple[tuple[float, float], ...] = ()) -> 'GoodTime':
        """Return one interval less the gaps."""
        edges = [start_s, *(edge for gap in gaps_s for edge in gap), stop_s]
        return cls(tuple(zip(edges[::2], edges[1::2], strict=True)))

    @property
    def total_s(self) -> float:
        """The sum of the intervals."""
        return sum(stop - start for start, stop in self.intervals)

    def clock(self, live_s: Floats) -> Floats:
        """Return the time of the clock at which so many seconds of good time have passed.

        Parameters
        ----------
        live_s : ndarray, shape (n,), float64
            Seconds of good time, 0 to `total_s`.
        """
        starts = np.array([start for start, _ in self.intervals])
        lengths = np.array([stop - start for start, stop in self.intervals])
        passed = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
        index = np.clip(np.searchsorted(passed, live_s, 'right') - 1, 0, len(starts) - 1)
        return np.asarray(starts[index] + live_s - passed[index])

    def midpoints(self) -> tuple[Floats, float]:
        """Return times of the clock that divide the good time evenly, and the step between them in seconds."""
        count = max(int(np.ceil(self.total_s / STEP_S)), 1)
        step = self.total_s / count
        return self.clock((np.arange(count, dtype=np.float64) + 0.5) * step), step

    def mean(self, rate: Rate) -> float:
        """Return the mean of a rate over the good time."""
        times, _ = self.midpoints()
        return float(np.mean(rate(times)))

    def arrivals(self, rng: np.random.Generator, rate: Rate) -> Floats:
        """Return random times, in no order, of events that follow a rate; their number is random too."""
        times, step = self.midpoints()
        expected = np.concatenate([[0.0], np.cumsum(rate(times)) * step])
        drawn = rng.random(rng.poisson(expected[-1])) * expected[-1]
        live_s = np.interp(drawn, expected, np.arange(len(expected)) * step)
        return self.clock(np.clip(live_s, 0, self.total_s * (1 - 1e-12)))


def pick(rng: np.random.Generator, weights: Floats, count: int) -> Ints:
    """Return `count` random indices, each as probable as its weight."""
    total = np.cumsum(weights)
    return np.asarray(np.searchsorted(total, rng.random(count) * total[-1], 'right'), np.int64)
