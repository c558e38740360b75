"""Several files at the same time: each is fetched, and what became of it goes into the manifest."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from hstlc.mast.fetch import Check, Fetched, Fetcher, RefusedError
from hstlc.mast.manifest import Manifest
from hstlc.mast.pace import Stopped
from hstlc.mast.records import Entry, FileStatus

log = logging.getLogger(__name__)
MOST_IN_A_ROW = 20  # failures; then the archive is taken to be down


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
    """Works through jobs, a few at a time.

    Parameters
    ----------
    fetcher : Fetcher
        Fetches one file.
    manifest : Manifest
        Takes what became of each.
    check : callable
        Whether a file is what it should be.
    clock : callable
        The time, ISO 8601, UTC.
    """

    fetcher: Fetcher
    manifest: Manifest
    check: Check
    clock: Callable[[], str]
    workers: int
    finished: Callable[[str, RefusedError | None], None] = lambda name, error: None
    complete: list[Job] = field(default_factory=list)
    failed: dict[str, RefusedError] = field(default_factory=dict)
    gave_up: bool = False  # after too many failures in a row
    _in_a_row: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, jobs: Iterable[Job]) -> None:
        """Fetch the files; returns when all were tried, or too many failed in a row.

        Raises
        ------
        StateError
            The disk is full, or cannot be written.
        """
        pace = self.fetcher.pace
        with ThreadPoolExecutor(self.workers, thread_name_prefix='fetch') as threads:
            running = [threads.submit(self._one, job) for job in jobs]
            try:
                done, _ = wait(running, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            finally:
                if not all(future.done() for future in running):  # an error, or a person, ends the run
                    pace.stop()
                    threads.shutdown(cancel_futures=True)
                self.fetcher.close()

    def _one(self, job: Job) -> None:
        if self.gave_up:
            return
        try:
            source, fetched = self._fetch(job)
        except Stopped:
            return
        except RefusedError as error:
            self._note_failure(job, error)
            return
        self.manifest.add(*(self._entry(job, name, fetched, source) for name in job.generations))
        log.info('%s: %d bytes from %s', job.name, fetched.bytes, source)
        with self._lock:
            self.complete.append(job)
            self._in_a_row = 0
            self.finished(job.name, None)

    def _fetch(self, job: Job) -> tuple[str, Fetched]:
        """Fetch from the first address that has the file."""
        for source, address in job.addresses[:-1]:
            try:
                return source, self.fetcher.fetch(address, job.target, self.check, job.listed)
            except RefusedError as error:
                if error.again:
                    raise
                log.info('%s: not at %s (%s)', job.name, source, error)
        source, address = job.addresses[-1]
        return source, self.fetcher.fetch(address, job.target, self.check, job.listed)

    def _note_failure(self, job: Job, error: RefusedError) -> None:
        self.manifest.add(*(self._failure(job, name, error) for name in job.generations))
        log.error('%s: %s', job.name, error)
        with self._lock:
            self.failed[job.name] = error
            self._in_a_row += error.again  # the server answers properly when it says 404
            self.gave_up = self.gave_up or self._in_a_row >= MOST_IN_A_ROW
            self.finished(job.name, error)

    def _entry(self, job: Job, dataset: str, fetched: Fetched, source: str) -> Entry:
        return Entry(
            time=self.clock(),
            dataset=dataset,
            name=job.name,
            status=FileStatus.COMPLETE,
            generation=job.generations[dataset],
            url=fetched.url,
            listed=job.listed,
            bytes=fetched.bytes,
            size_differs=job.listed is not None and job.listed != fetched.bytes,
            sha256=fetched.sha256,
            etag=fetched.etag,
            modified=fetched.modified,
            source=source,
        )

    def _failure(self, job: Job, dataset: str, error: RefusedError) -> Entry:
        before = self.manifest.entries.get((dataset, job.name))
        in_a_row = before.tries if before and before.failed and before.generation == job.generations[dataset] else 0
        return Entry(
            time=self.clock(),
            dataset=dataset,
            name=job.name,
            status=error.status,
            generation=job.generations[dataset],
            url=job.addresses[-1][1],
            tries=in_a_row + 1,
            error=str(error),
            http=error.http,
            listed=job.listed,
            source=job.addresses[-1][0],
        )
