"""What one download works with: settings, archive, manifest, and the crews that fetch its files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hstlc.mast.addresses import mast_address, s3_address
from hstlc.mast.archive import Archive
from hstlc.mast.crew import Crew, Job
from hstlc.mast.fetch import Check, Fetcher
from hstlc.mast.manifest import Manifest
from hstlc.mast.meter import Meter
from hstlc.mast.pace import Pace
from hstlc.mast.records import ArchiveFile
from hstlc.paths import Paths
from hstlc.settings import Settings

QUESTION_TIMES = 2  # a question to the archive may take so many times as long as a block of a file


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one download is asked for."""

    dry_run: bool = False  # say what would be fetched
    limit: int = 0  # datasets; 0 = all
    targets: tuple[str, ...] = ()  # only these, by any name that becomes theirs
    programs: tuple[int, ...] = ()  # only these
    max_bytes: int = 0  # 0 = as the setting says
    accept_shrink: bool = False  # believe a list that is much shorter than the last


@dataclass
class Run:
    """One download."""

    settings: Settings
    request: Request
    meter: Meter

    def __post_init__(self) -> None:
        self.paths = Paths(self.settings)
        self.started = now()
        self.manifest = Manifest(self.paths.download / 'manifest.jsonl')
        self.pace = Pace(self.settings.download_rate)
        self.archive = Archive(
            self.pace,
            timeout_s=QUESTION_TIMES * self.settings.download_timeout,
            tries=self.settings.download_tries,
            pause_s=self.settings.download_pause,
            contact=self.settings.contact,
        )
        self.second_hand = False  # whether the list came from elsewhere than the archive's search

    def crew(self, manifest: Manifest, check: Check, finished: Callable[[bool], None]) -> Crew:
        """Return who fetches files."""
        fetcher = new_fetcher(self.settings, self.pace, self.meter)
        return Crew(fetcher, manifest, check, now, self.settings.download_workers, finished)

    def job(self, file: ArchiveFile, folder: Path, generations: dict[str, str | None]) -> Job:
        """Return what a crew takes for a file: where it comes from and where it goes."""
        mast = ('mast', mast_address(self.archive.server, file))
        s3 = (('s3', s3_address(self.settings.s3_url, file)),) if self.settings.source == 's3' else ()
        return Job(name=file.name, addresses=(*s3, mast), target=folder / file.name, generations=generations, listed=file.size)


def new_fetcher(settings: Settings, pace: Pace, meter: Meter) -> Fetcher:
    """Return what fetches files, as patient and polite as the settings say."""
    return Fetcher(
        pace,
        timeout_s=settings.download_timeout,
        tries=settings.download_tries,
        pause_s=settings.download_pause,
        contact=settings.contact,
        reserve_bytes=settings.reserve_bytes,
        received=meter.add,
    )


def now() -> str:
    """Return the time, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec='seconds')
