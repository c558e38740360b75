"""One run at a time in a home: a lock that is free again whatever happens to the run that held it."""

import fcntl
import os
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hstlc.errors import StateError


@dataclass
class Lock:
    """The lock file of a home; it holds process, host and time of the run that goes on, and is removed at the end."""

    path: Path
    _descriptor: int | None = field(default=None, repr=False)

    def take(self) -> None:
        """Take the lock.

        Raises
        ------
        StateError
            Another run holds it.
        """
        descriptor = self._locked_file()
        os.truncate(descriptor, 0)
        os.write(
            descriptor, f'process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC'.encode()
        )
        self._descriptor = descriptor

    def _locked_file(self) -> int:
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = os.read(descriptor, 200).decode('utf-8', 'replace') or 'another process'
                os.close(descriptor)
                raise StateError(f'another run is going on in {self.path.parent}: {holder}; wait for it or stop it') from None
            if _is_same(descriptor, self.path):
                return descriptor
            os.close(descriptor)  # the run before removed the file between our opening and locking it

    def release(self) -> None:
        """Remove the lock file and let go; without the lock does nothing."""
        if self._descriptor is None:
            return
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
