"""What can be wrong with an exposure: event lists that fail a quality check, files that cannot be read."""

from pathlib import Path

import numpy as np

from hstlc.files.output import write_bytes
from hstlc.simulate.exposure import Table

SUBARRAY_ROWS = (640, 1152)  # high-resolution rows of a subarray


def no_events(events: Table) -> Table:
    """Return an event list without rows."""
    return {name: values[:0] for name, values in events.items()}


def one_instant(events: Table) -> Table:
    """Return three events with the same time."""
    kept = {name: values[:3].copy() for name, values in events.items()}
    kept['TIME'][:] = kept['TIME'][:1]
    return kept


def clock_jump(events: Table) -> Table:
    """Return an event list whose second half comes first: time steps backward by minutes."""
    middle = len(events['TIME']) // 2
    return {name: np.concatenate([values[middle:], values[:middle]]) for name, values in events.items()}


def jitter(events: Table) -> Table:
    """Return a STIS event list in which one time in 20 000 steps back by a tick, as the real clock does; it is still good."""
    time = events['TIME'].copy()
    early = np.arange(1000, len(time), 20000)
    time[early] = time[early - 1] - 1
    return {**events, 'TIME': time}


def subarray(events: Table) -> Table:
    """Return the events of some rows only, counted from the first of them."""
    low, high = SUBARRAY_ROWS
    inside = (events['AXIS2'] > low) & (events['AXIS2'] <= high)
    return {name: values[inside] - (low if name == 'AXIS2' else 0) for name, values in events.items()}


def truncate(path: Path) -> None:
    """Cut a file off in the middle of its primary header, as a download that broke does."""
    write_bytes(path, path.read_bytes()[:1301])
