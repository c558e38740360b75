"""One file from the archive: its name on disk only ever holds a whole file that was checked."""

import errno
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests

from hstlc.errors import StateError
from hstlc.mast.addresses import require_secure
from hstlc.mast.pace import Pace
from hstlc.mast.records import FileStatus
from hstlc.mast.sessions import BLOCK, GuardedSession, RefusedError, reason
from hstlc.parts import part_beside, remove

LARGEST = 20_000_000_000  # bytes of one file; the largest event lists have some 3 GB
LOOK_EVERY = 1 << 26  # bytes, then at the space that is left
SLOWEST = 5000.0  # bytes per second over the whole file, after the first `timeout_s`
LONGEST_PAUSE_S = 300.0  # a server that asks for more is left alone until the next run
DENIED, MISSING, BUSY = (401, 403), (404, 410), (408, 425, 429, 500, 502, 503, 504)
FULL = (errno.ENOSPC, errno.EDQUOT)
Check = Callable[[Path], None]  # raises ValueError where a file is not what it should be


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file that arrived."""

    url: str
    bytes: int
    sha256: str
    etag: str | None
    modified: str | None


@dataclass
class Fetcher:
    """Fetches files; one session per thread."""

    pace: Pace
    timeout_s: float
    tries: int
    pause_s: float
    contact: str = ''  # told to the servers, should we be a burden
    reserve_bytes: int = 0  # must stay free on the disk
    received: Callable[[int], None] = lambda count: None  # told of every block; a negative count takes back a failed try
    _local: threading.local = field(default_factory=threading.local)
    _sessions: list[requests.Session] = field(default_factory=list)

    @property
    def session(self) -> requests.Session:
        """The session of this thread."""
        if not hasattr(self._local, 'session'):
            self._local.session = GuardedSession(self.contact, timeout_s=self.timeout_s, encoding='identity')
            self._sessions.append(self._local.session)
        session: requests.Session = self._local.session
        return session

    def close(self) -> None:
        """Close the connections of all threads; they open new ones where they go on."""
        for session in self._sessions:
            session.close()

    def fetch(self, url: str, target: Path, check: Check, listed: int | None = None) -> Fetched:
        """Fetch a file, trying again where that may help.

        Parameters
        ----------
        url : str
            https, or http on this machine.
        target : Path
            Replaced when the new file is whole and `check` finds nothing wrong.
        check : callable
            Takes the path of the new file; raises ValueError where it is not right.
        listed : int, optional
            Bytes that the archive says it has.

        Raises
        ------
        RefusedError
            The file could not be had.
        StateError
            The disk is full or the folder cannot be written.
        Stopped
            The run is ending.
        """
        require_secure(url)
        for number in range(1, self.tries + 1):
            self.pace.wait()
            try:
                return self._once(url, target, check, listed)
            except RefusedError as error:
                if not error.again or number == self.tries or (error.pause_s or 0) > LONGEST_PAUSE_S:
                    raise
                if error.pause_s is not None:
                    self.pace.hold(error.pause_s)
                else:
                    self.pace.sleep(self.pause_s * 2 ** (number - 1))
        raise AssertionError('tries is at least 1')

    def _once(self, url: str, target: Path, check: Check, listed: int | None) -> Fetched:
        self._local.count, whole = 0, False
        try:
            with self.session.get(url, stream=True) as answer:
                _require_ok(answer)
                fetched = self._save(answer, url, target, check, listed)
                whole = True
                return fetched
        except requests.RequestException as error:
            raise RefusedError(reason(error), FileStatus.ERROR) from error
        finally:
            if not whole:
                self.received(-self._local.count)

    def _save(self, answer: requests.Response, url: str, target: Path, check: Check, listed: int | None) -> Fetched:
        part = part_beside(target)
        try:
            count, digest = self._write(answer, part)
            _require_whole(answer, count, listed)
            try:
                check(part)
            except ValueError as error:
                raise RefusedError(str(error), FileStatus.ERROR, answer.status_code) from error
            put(part, target)
        except OSError as error:
            if isinstance(error, requests.RequestException):
                raise
            why = 'the disk is full' if error.errno in FULL else error.strerror or str(error)
            raise StateError(f'cannot write {target}: {why}; make room or check the permissions, then go on') from error
        finally:
            remove(part)
        headers = answer.headers
        return Fetched(url=url, bytes=count, sha256=digest, etag=headers.get('ETag'), modified=headers.get('Last-Modified'))

    def _write(self, answer: requests.Response, part: Path) -> tuple[int, str]:
        """Write the body; return its length and SHA-256."""
        digest, began = hashlib.sha256(), time.monotonic()
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open('wb') as file:
            for block in answer.iter_content(BLOCK):
                file.write(block)
                digest.update(block)
                self._local.count += len(block)
                self.received(len(block))
                self.pace.sleep(0)
                _require_speed(self._local.count, time.monotonic() - began - self.timeout_s)
                _require_end(self._local.count)
                self._require_room(part, len(block))
            file.flush()
            os.fsync(file.fileno())
        return self._local.count, digest.hexdigest()

    def _require_room(self, part: Path, latest: int) -> None:
        """Look now and then at the space that is left: listed sizes are not always right."""
        count = self._local.count
        if count // LOOK_EVERY != (count - latest) // LOOK_EVERY and shutil.disk_usage(part.parent).free < self.reserve_bytes:
            raise StateError(f'less than {self.reserve_bytes} bytes are left in {part.parent}; make room or lower reserve_bytes')


def _require_end(count: int) -> None:
    if count > LARGEST:
        raise RefusedError(f'more than {LARGEST} bytes came', FileStatus.ERROR, again=False)


def put(part: Path, target: Path) -> None:
    """Give a finished file its name, for good."""
    os.replace(part, target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _require_speed(count: int, seconds: float) -> None:
    if seconds > 0 and count < SLOWEST * seconds:
        raise RefusedError(f'only {count} bytes in {seconds:.0f} s', FileStatus.ERROR)


def _require_ok(answer: requests.Response) -> None:
    code = answer.status_code
    if code == 200:
        return
    if code in DENIED:
        raise RefusedError(f'HTTP {code}', FileStatus.DENIED, code, again=False)
    if code in MISSING:
        raise RefusedError(f'HTTP {code}', FileStatus.MISSING, code, again=False)
    error = RefusedError(f'HTTP {code}', FileStatus.ERROR, code, again=code in BUSY)
    error.pause_s = retry_after(answer.headers.get('Retry-After'), datetime.now(UTC))
    raise error


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the pause, in seconds, that a Retry-After header asks for: a number or a date; None where it says nothing."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def _require_whole(answer: requests.Response, count: int, listed: int | None) -> None:
    """Compare the length with what the server announced; without that, no less than the list says may have come."""
    announced = answer.headers.get('Content-Length')
    if announced is not None and announced.isdigit():
        if count != int(announced):
            raise RefusedError(f'{count} of {announced} bytes came', FileStatus.ERROR, answer.status_code)
    elif 'chunked' not in answer.headers.get('Transfer-Encoding', '') and listed is not None and count < listed:
        raise RefusedError(f'{count} of {listed} bytes came', FileStatus.ERROR, answer.status_code)
