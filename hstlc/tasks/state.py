"""What doit knows, its `.doit.db`: saved often, and done without where it cannot be read or written."""

import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

from doit.globals import Globals

from hstlc.errors import StateError
from hstlc.files.output import put_aside
from hstlc.lock import Lock
from hstlc.paths import Paths
from hstlc.tasks import kept

SAVE_EVERY_S = 1.0
HEAD = 100  # bytes of the head of an sqlite file


def mend(paths: Paths) -> str | None:
    """Put a damaged state aside, so that doit begins with none; return what to say of it.

    Only where no other run is going on: its state may look damaged while it is written.
    """
    if not paths.state.is_file() or _is_sound(paths.state):
        return None
    lock = Lock(paths.lock)
    try:
        lock.take()
    except StateError:
        return None
    try:
        if _is_sound(paths.state):
            return None
        place = put_aside(paths.state, paths.put_aside)
    finally:
        lock.release(tidy=lock.left_behind is None)
    return _said(paths, place)


def _is_sound(state: Path) -> bool:
    """Whether the file is one of sqlite and as long as its head says; damage inside is found when a row is read, see `Guard`."""
    if state.stat().st_size == 0 or state.with_name(f'{state.name}-journal').exists():
        return True  # sqlite's own beginning, or what it mends itself after a crash
    with state.open('rb') as file:
        head = file.read(HEAD)
    if len(head) < HEAD or not head.startswith(b'SQLite format 3\0'):
        return False
    page, pages, change, counted_at = (int.from_bytes(head[at : at + size]) for at, size in ((16, 2), (28, 4), (24, 4), (92, 4)))
    return change != counted_at or state.stat().st_size >= (65536 if page == 1 else page) * pages


def forget_group(name: str) -> None:
    """Leave a group of tasks out of what is saved: it has nothing to remember, and a run without work shall write nothing."""
    Globals.dep_manager.backend._dirty.discard(name)


class Guard:
    """Lets a state that cannot be read or written be a message, not the end of a run."""

    def __init__(self, paths: Paths) -> None:
        """Take the place of what doit's sqlite backend (0.37) does to read a task and to write at the end."""
        self.paths = paths
        self.backend = Globals.dep_manager.backend
        self.said: str | None = None
        self.damaged = not kept.recall(self.backend._conn)
        self.saved_at = time.monotonic()
        signal.signal(signal.SIGALRM, lambda number, frame: self.save())
        self._read = self.backend._get_task_data
        self._rows = self._all_rows()
        self._last = ''
        self.backend._get_task_data = self._get
        self.backend.dump = self.close

    def _all_rows(self) -> dict[str, str] | None:
        """Read all tasks at once, undecoded; doit asks for one after the other, which takes as long again as all else about it."""
        cursor = self.backend._conn.cursor()
        cursor.row_factory = None
        try:
            return dict(cursor.execute('select task_id, cast(task_data as text) from doit'))
        except sqlite3.DatabaseError:
            return None

    def _get(self, task: str) -> Any:
        try:
            if self._rows is None:
                return self._read(task)
            row = self._rows.pop(task, None)  # doit remembers the answer
            return self._read(task) if row is None else self.backend.codec.decode(row)
        except (sqlite3.DatabaseError, ValueError):
            self.damaged = True
            return {}

    def save_soon(self) -> None:
        """Write what doit knows within a second; doit itself writes only at the end, and a run that is killed would begin anew."""
        if time.monotonic() - self.saved_at > SAVE_EVERY_S:
            self.save()
        else:
            signal.setitimer(signal.ITIMER_REAL, SAVE_EVERY_S)

    def release(self, task: str) -> None:
        """Forget what was read of the task before this one, which is done with: a third of the memory of a run without work."""
        if self._last not in self.backend._dirty:
            self.backend._cache.pop(self._last, None)
        self._last = task

    def save(self) -> None:
        """Write what doit knows so far."""
        self.saved_at = time.monotonic()
        backend = self.backend
        rows = [(name, backend.codec.encode(backend._cache[name])) for name in backend._dirty]
        try:
            backend._conn.executemany('insert or replace into doit values (?,?)', rows)
            kept.write(backend._conn)
            backend._conn.commit()
            backend._dirty = set()
        except sqlite3.DatabaseError as error:
            backend._conn.rollback()
            self.said = f'{self.paths.state} cannot be written: {error}; the next doit does again what this one did'

    def close(self) -> None:
        """Write for the last time; a damaged file is put aside."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        if not self.damaged:
            self.save()
        self.backend._conn.close()
        if self.damaged:
            self.said = _said(self.paths, put_aside(self.paths.state, self.paths.put_aside))


def _said(paths: Paths, place: Path) -> str:
    return f'{paths.state} was damaged and is {place} now; the next doit checks everything, and what is right stays as it is'
