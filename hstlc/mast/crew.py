"""Several files at the same time: each is fetched, and what became of it goes into the manifest."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from hstlc.errors import HstlcError
from hstlc.mast.fetch import Check, Fetched, Fetcher
from hstlc.mast.manifest import Manifest
from hstlc.mast.pace import Stopped
from hstlc.mast.records import Entry, FileStatus
from hstlc.mast.sessions import RefusedError
from hstlc.parts import sweep

log = logging.getLogger(__name__)
MOST_IN_A_ROW = 20  # failures; then the archive is taken to be down
PATIENCE_S = 0.5  # with a transfer that is to end


@dataclass(frozen=True, kw_only=True)
class Job:
    """One file to fetch."""

    name: str
    addresses: tuple[tuple[str, str], ...]  # (source, address), tried in this order
    target: Path
    generations: Mapping[str, str | None]  # of the datasets that list it
    listed: int | None = None


@dataclass
class Crew:
    """Works through jobs, a few at a time."""

    fetcher: Fetcher
    manifest: Manifest  # takes what became of each file
    check: Check
    clock: Callable[[], str]  # the time, ISO 8601, UTC
    workers: int  # files at the same time
    finished: Callable[[bool], None] = lambda failed: None  # told of each file whether it failed
    complete: list[Job] = field(default_factory=list)
    failed: dict[str, RefusedError] = field(default_factory=dict)  # by the name of the file
    gave_up: bool = False  # after too many failures in a row
    errors: list[HstlcError] = field(default_factory=list)  # that end the run
    _in_a_row: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, jobs: Iterable[Job]) -> None:
        """Fetch the files; returns when all were tried, or too many failed in a row.

        Raises
        ------
        HstlcError
            The disk is full or cannot be written; an address is not encrypted.
        """
        todo = list(jobs)
        waiting = iter(todo)
        # Daemons: a person who ends the run does not wait for a server that stalls.
        threads = [threading.Thread(target=self._loop, args=(waiting,), daemon=True) for _ in range(min(self.workers, len(todo)))]
        ended = False
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            ended = True
        finally:
            if not ended:
                self._abandon({job.target.parent for job in todo})
            self.fetcher.close()
        if self.errors:
            raise self.errors[0]
        if len(self.complete) + len(self.failed) < len(todo) and not self.gave_up:
            raise RuntimeError('a thread of the download ended with an error of its own, see above')

    def _abandon(self, folders: Iterable[Path]) -> None:
        """Let transfers end, and remove what those leave that do not."""
        self.fetcher.pace.stop()
        time.sleep(PATIENCE_S)  # not join(): once interrupted, it takes a thread that runs for one that ended (Python 3.11)
        sweep(folders)

    def _loop(self, waiting: Iterator[Job]) -> None:
        while (job := self._next(waiting)) is not None:
            try:
                self._one(job)
            except HstlcError as error:
                self.errors.append(error)
                self.fetcher.pace.stop()

    def _next(self, waiting: Iterator[Job]) -> Job | None:
        with self._lock:
            return None if self.gave_up or self.errors else next(waiting, None)

    def _one(self, job: Job) -> None:
        """Fetch from the first address that has the file."""
        for source, url in job.addresses:
            try:
                self._note_success(job, source, self.fetcher.fetch(url, job.target, self.check, job.listed))
                return
            except Stopped:
                return
            except RefusedError as error:
                if error.again or (source, url) == job.addresses[-1]:
                    self._note_failure(job, source, url, error)
                    return
                log.info('%s: not at %s (%s)', job.name, source, error)

    def _note_success(self, job: Job, source: str, fetched: Fetched) -> None:
        differs = job.listed is not None and job.listed != fetched.bytes
        self._note(job, source, FileStatus.COMPLETE, size_differs=differs, **asdict(fetched))
        log.info('%s: %d bytes from %s', job.name, fetched.bytes, source)
        with self._lock:
            self.complete.append(job)
            self._in_a_row = 0
            self.finished(False)

    def _note_failure(self, job: Job, source: str, url: str, error: RefusedError) -> None:
        self._note(job, source, error.status, url=url, error=str(error), http=error.http)
        log.error('%s: %s', job.name, error)
        with self._lock:
            self.failed[job.name] = error
            self._in_a_row += error.again  # the server answers properly when it says 404
            self.gave_up = self.gave_up or self._in_a_row >= MOST_IN_A_ROW
            self.finished(True)

    def _note(self, job: Job, source: str, status: FileStatus, **said: Any) -> None:
        """Put on record what became of a file, for each dataset that lists it."""
        known = {'time': self.clock(), 'name': job.name, 'status': status, 'listed': job.listed, 'source': source, **said}
        entries = [Entry(dataset=dataset, generation=generation, **known) for dataset, generation in job.generations.items()]
        self.manifest.add(*(replace(one, tries=self._tries_before(one) + 1) if one.failed else one for one in entries))

    def _tries_before(self, entry: Entry) -> int:
        before = self.manifest.entries.get((entry.dataset, entry.name))
        return before.tries if before and before.failed and before.generation == entry.generation else 0
