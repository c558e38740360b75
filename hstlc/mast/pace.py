"""Politeness: how fast requests may follow one another, over all threads."""

import threading
import time
from collections.abc import Callable


class Stopped(Exception):  # noqa: N818 - not an error: the run ends
    """The run is ending; whoever waits gives up."""


class Pace:
    """Spaces requests evenly, and holds all of them when the server asks for a pause.

    Parameters
    ----------
    rate : float
        Requests per second.
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.interval_s = 1 / rate
        self.clock = clock
        self.next_at = clock()
        self.lock = threading.Lock()
        self.stopped = threading.Event()

    def wait(self) -> None:
        """Return when it is this request's turn.

        Raises
        ------
        Stopped
            `stop` was called.
        """
        with self.lock:
            turn = max(self.next_at, self.clock())
            self.next_at = turn + self.interval_s
        self.sleep(turn - self.clock())

    def hold(self, seconds: float) -> None:
        """Let no request begin for some time."""
        with self.lock:
            self.next_at = max(self.next_at, self.clock() + seconds)

    def sleep(self, seconds: float) -> None:
        """Wait; a stop ends it.

        Raises
        ------
        Stopped
            `stop` was called.
        """
        if self.stopped.wait(max(seconds, 0)):
            raise Stopped

    def stop(self) -> None:
        """End all waiting."""
        self.stopped.set()
