"""How doit asks whether files are there and changed; a run asks for every file of the archive."""

import math
import os
import time
from collections import Counter
from collections.abc import Container, Sequence

FEW = 50  # files of a folder that are asked for one by one before it is listed
NEVER: tuple[float, int, Container[str]] = (-math.inf, 0, ())


class FileChanged:
    """Doit's test of whether a file changed: its time of modification, in ns, and its size.

    Doit's own `timestamp` misses a changed file whose time, in seconds, stayed the same.
    """

    CheckerError = OSError
    FRESH_S = 0.5

    def __init__(self) -> None:
        self._folders: dict[str, tuple[float, int, Container[str]] | None] = {}  # when looked at, time, names; None: it changes
        self._asked: Counter[str] = Counter()

    def exists(self, path: str) -> bool:
        """Whether the file is there, by a list of its folder as long as nothing changes in that: a run asks for every file."""
        folder, _, name = path.rpartition('/')
        known = self._folders.get(folder, NEVER)
        if known is NEVER:
            self._asked[folder] += 1
            if self._asked[folder] < FEW:
                return os.path.exists(path)
        now = time.monotonic()
        if known is not None and now - known[0] > self.FRESH_S:
            known = self._folders[folder] = self._looked_at(folder, now, known)
        return os.path.exists(path) if known is None else name in known[2]

    def _looked_at(
        self, folder: str, now: float, known: tuple[float, int, Container[str]]
    ) -> tuple[float, int, Container[str]] | None:
        try:
            time_ns = os.stat(folder).st_mtime_ns
            if known is NEVER:
                return (now, time_ns, frozenset(os.listdir(folder)))
        except OSError:
            return None
        return (now, *known[1:]) if known[1] == time_ns else None

    def info(self, path: str) -> os.stat_result:
        """Return what `check_modified` needs."""
        return os.stat(path)

    def check_modified(self, path: str, found: os.stat_result, state: Sequence[int]) -> bool:
        """Whether the file differs from the state that was saved."""
        return [found.st_mtime_ns, found.st_size] != list(state)

    def get_state(self, path: str, saved: Sequence[int] | None) -> list[int] | None:
        """Return the state to save, or None where it is saved already."""
        found = os.stat(path)
        state = [found.st_mtime_ns, found.st_size]
        return None if saved is not None and state == list(saved) else state
