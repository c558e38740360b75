"""Reference files that event files name in their headers, fetched where they are not on this machine. Headers stay as they are."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from hstlc.errors import IncompleteError, UnreadableError, some
from hstlc.files.eventlist import EventFile, open_events
from hstlc.files.exposurenames import EVENT_SUFFIXES
from hstlc.files.integrity import check_whole
from hstlc.mast.addresses import REFERENCE_NAME, crds_address
from hstlc.mast.crew import Crew, Job
from hstlc.mast.manifest import Manifest
from hstlc.mast.meter import Meter
from hstlc.mast.pace import Pace
from hstlc.mast.plan import is_due
from hstlc.parts import sweep
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps.calibration import library
from hstlc.steps.transfer import new_fetcher, now

log = logging.getLogger(__name__)
# What hstlc reads; the other names in a header are for the calibration that MAST has done.
KEYWORDS = {
    'COS': ('FLUXTAB', 'TDSTAB'),
    'STIS': ('PFLTFILE', 'DFLTFILE', 'LFLTFILE', 'BPIXTAB', 'MLINTAB', 'PHOTTAB', 'APERTAB', 'PCTAB', 'GACTAB', 'TDSTAB'),
}


def get_references(settings: Settings, stream: TextIO) -> str:
    """Fetch the reference files of all exposures, waiting and filed, that are not on this machine.

    Raises
    ------
    IncompleteError
        Some could not be had.
    """
    paths = Paths(settings)
    folders = [paths.ingest, *(sorted(paths.filesystem.iterdir()) if paths.filesystem.is_dir() else ())]
    files = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
    pace = Pace(settings.download_rate)
    failed, said = fetch_references(settings, files, Meter(stream), pace)
    if failed:
        raise IncompleteError(f'{said}; the next doit references tries again')
    return said


def fetch_references(settings: Settings, files: Iterable[Path], meter: Meter, pace: Pace) -> tuple[int, str]:
    """Fetch the reference files that event files name; return how many failed, and what to say.

    Parameters
    ----------
    settings : Settings
        The settings.
    files : iterable of Path
        Event files; others are passed over.
    meter : Meter
        Shows how far it is.
    pace : Pace
        Shared with other requests of the run.
    """
    missing = missing_references(settings, files)
    if not missing:
        return 0, 'Reference files: all there.'
    paths = Paths(settings)
    for folder in {path.parent for path in missing.values()}:
        folder.mkdir(parents=True, exist_ok=True)
        sweep([folder])
    manifest = Manifest(paths.download / 'references.jsonl')
    today = now()
    due = {
        name: path for name, path in missing.items() if (e := manifest.entries.get(('', name))) is None or is_due(e, None, today)
    }
    jobs = [
        Job(name=name, addresses=(('crds', crds_address(settings.crds_url, name)),), target=path, generations={'': None})
        for name, path in due.items()
    ]
    meter.begin(len(jobs), 0)
    crew = Crew(
        new_fetcher(settings, pace, meter),
        manifest,
        check_whole,
        now,
        settings.download_workers,
        meter.finish,
    )
    crew.work(jobs)
    meter.end()
    return len(crew.failed), _said(crew, len(missing) - len(due))


def _said(crew: Crew, given_up: int) -> str:
    parts = [f'{len(crew.complete)} fetched']
    if crew.failed:
        named = [f'{name} ({error})' for name, error in sorted(crew.failed.items())]
        parts.append(f'{len(crew.failed)} not to be had: {some(named)}')
    if given_up:
        parts.append(f'{given_up} not asked for again yet')
    return f'Reference files: {", ".join(parts)}'


def missing_references(settings: Settings, files: Iterable[Path]) -> dict[str, Path]:
    """Return the reference files that are named and not on this machine, with the place each would have in the home."""
    paths = Paths(settings)
    missing: dict[str, Path] = {}
    for path in files:
        if not path.name.lower().endswith(EVENT_SUFFIXES):
            continue
        try:
            file = open_events(path)
        except UnreadableError as error:
            log.info('%s', error)  # ingest will say so
            continue
        instrume = str(file.keyword('INSTRUME', '')).strip().upper()
        for name in _absent(file, instrume, paths.references):
            missing[name] = paths.references / 'hst' / instrume.lower() / name
    return missing


def _absent(file: EventFile, instrume: str, references: Path) -> list[str]:
    books = library(file, references)
    names = [name for keyword in KEYWORDS.get(instrume, ()) if (name := books.named(keyword)) and REFERENCE_NAME.fullmatch(name)]
    return [name for name in names if not any((folder / name).is_file() for folder in books.folders)]
