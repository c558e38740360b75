"""One run at a time in a home: a lock that is free again whatever happens to the run that held it.

The lock is `fcntl.lockf` on a file of the home. The system that holds the file keeps it, on a network file system its server: it
goes with the process that took it, on whatever host, and no process number is ever compared. Where a file system knows no such
locks (`ENOLCK`, `ENOTSUP`), the file itself is the lock: it is there while a run goes on, and is taken over when its process is
dead, which only its own host can tell; on another host a person has to remove it. Two that write it at once read it again: the
last one has it.
"""

import errno
import fcntl
import os
import shlex
import socket
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hstlc.errors import StateError
from hstlc.parts import is_alive, user_name

NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL})
LONGEST = 400  # bytes that say who holds the lock
LOOK_EVERY_S = 0.5
SETTLE_S = 1.0  # after which two that took a lock file at once know whose it is


@dataclass
class Lock:
    """The lock file of a home; it says who holds it since when, and is removed at the end."""

    path: Path  # the lock file
    left_behind: str | None = None  # who held it last, where that run ended without letting go
    _descriptor: int | None = field(default=None, repr=False)

    def take(self, patience_s: float = 0.0) -> None:
        """Take the lock; wait for it as long as `patience_s` says.

        Raises
        ------
        StateError
            Another run holds it, or the file cannot be written.
        """
        until = time.monotonic() + patience_s
        while (held_by := self._attempt()) is not None:
            if held_by and time.monotonic() >= until:
                raise StateError(f'another run is going on in {self.path.parent}: {held_by}; wait for it or stop it')
            time.sleep(LOOK_EVERY_S if held_by else 0)

    def _attempt(self) -> str | None:
        """Try once; return who holds the lock, '' where the file was removed meanwhile, None where it is ours now."""
        try:
            return self._try(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666))
        except OSError as error:
            raise StateError(f'cannot write {self.path}: {error.strerror}; check the permissions of the home') from error

    def _try(self, descriptor: int) -> str | None:
        found = _read(descriptor)
        held_by = _held_by(descriptor, found)
        if held_by is None and _is_same(descriptor, self.path):
            held_by = _sign(descriptor)
            if held_by is None:
                self.left_behind = found or None
                self._descriptor = descriptor
                return None
        os.close(descriptor)
        return held_by or ''

    def release(self, *, tidy: bool = True) -> None:
        """Let go, and remove the lock file or, where `tidy` is false, leave it as it was found; without the lock does nothing."""
        if self._descriptor is None:
            return
        if tidy:
            self.path.unlink(missing_ok=True)
        else:
            os.truncate(self._descriptor, 0)
            os.pwrite(self._descriptor, (self.left_behind or '').encode(), 0)
        os.close(self._descriptor)
        self._descriptor = None


def holder() -> str:
    """Return who this process is, for others to read: process, host, user, time and command."""
    words = ' '.join(shlex.quote(word) for word in ('doit', *sys.argv[1:]))
    place = f'process {os.getpid()} on {socket.gethostname()}'
    return f'{place} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, user {user_name()}: {words}'


def _held_by(descriptor: int, found: str) -> str | None:
    """Lock an open file; return who holds it already, or None where it is ours now."""
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in NO_LOCKS:
            return found if found and not _is_dead(found) else None
        return found or 'another process'
    return None


def _sign(descriptor: int) -> str | None:
    """Write who holds the lock; return who it is instead, where the file system knows no locks and another one was later."""
    own = holder()
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, own.encode()[:LONGEST], 0)
    if _knows_locks(descriptor):
        return None
    time.sleep(SETTLE_S)
    found = _read(descriptor)
    return None if found.split()[:4] == own.split()[:4] else found


def _knows_locks(descriptor: int) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in NO_LOCKS
    return True


def _read(descriptor: int) -> str:
    return os.pread(descriptor, LONGEST, 0).decode('utf-8', 'replace')


def _is_dead(found: str) -> bool:
    """Whether the process that a lock file names was one of this host and is no more."""
    words = found.split()
    if len(words) < 4 or not words[1].isdigit() or words[3] != socket.gethostname():
        return False
    return not is_alive(int(words[1]))


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
