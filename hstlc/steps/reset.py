"""Back to the state before ingest: files to ingest/, products removed, tables emptied."""

import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path

from hstlc.errors import StateError
from hstlc.files.output import move, same_content
from hstlc.model import Status
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps.catalog import write_catalog
from hstlc.steps.made import files_below, put_aside, remove_made
from hstlc.steps.records import load_records

log = logging.getLogger(__name__)
INPUT = re.compile(r'.*_(tag|corrtag|corrtag_a|corrtag_b|x1d)\.fits')
PRODUCTION = ('metadata', 'outputs', 'stats')
ALL = (*PRODUCTION, 'bad_data')


@dataclass(frozen=True)
class Scope:
    """What a reset acts on."""

    settings: Settings  # of the home
    files: bool  # whether files move and products go
    tables: tuple[str, ...]  # of the catalog that are emptied
    moved: int  # files that go back to ingest/
    removed: int  # products, figures and pages
    kept_bad: int  # rejected exposures

    def describe(self) -> str:
        """Return what will happen, for a person to agree to."""
        paths = Paths(self.settings)
        lines = []
        if self.files:
            lines.append(f'Files that go back to {paths.ingest}: {self.moved}.')
            lines.append(f'Light curves, figures and pages that are removed, and can be made again: {self.removed}.')
        if self.tables:
            lines.append(f'The catalog loses its rows of {", ".join(self.tables)}.')
        if 'bad_data' not in self.tables:
            lines.append(f'Rejected exposures, which stay as they are: {self.kept_bad}.')
        return '\n'.join(lines)


def plan(settings: Settings, *, filesystem: bool, database: bool, table: str) -> Scope:
    """Return what a reset with these options would do; changes nothing.

    Parameters
    ----------
    settings : Settings
        Of the home.
    filesystem, database : bool
        Only files, only the catalog; neither or both is both.
    table : str
        One of the tables, 'production' or 'all'; alone it leaves the files as they are. Empty is 'production'.

    Raises
    ------
    StateError
        The home is not one of ours, or a record is damaged.
    """
    paths = Paths(settings)
    if not paths.marker.is_file():
        raise StateError(f'{paths.home} is no archive of hstlc, it has no file {paths.marker.name}: nothing was changed')
    files = filesystem or not (database or table)
    tables = _tables(table) if table or database or not filesystem else ()
    moved = sum(1 for path in files_below(paths.filesystem) if INPUT.fullmatch(path.name) and not _is_derived(path)) if files else 0
    removed = sum(1 for folder in _made_folders(paths) for _ in files_below(folder)) if files else 0
    bad = sum(1 for record in load_records(settings).values() if record.status is Status.REJECTED)
    return Scope(settings=settings, files=files, tables=tables, moved=moved, removed=removed, kept_bad=bad)


def _tables(table: str) -> tuple[str, ...]:
    named = {'': PRODUCTION, 'production': PRODUCTION, 'all': ALL}
    return named.get(table, (table,))


def reset(settings: Settings, scope: Scope) -> str:
    """Do what `plan` said.

    Returns
    -------
    str
        What was done, for the person at the terminal.

    Raises
    ------
    StateError
        A file cannot be moved or removed.
    """
    paths = Paths(settings)
    try:
        aside = _reset_files(paths) if scope.files else 0
        if scope.tables:
            _reset_tables(paths, scope.tables)
            write_catalog(settings)
    except OSError as error:
        raise StateError(f'{error.filename}: {error.strerror}; reset stopped half-way, run it again') from error
    done = [f'Files back in {paths.ingest}: {scope.moved}.'] if scope.files else []
    done += [f'Emptied: {", ".join(scope.tables)}.'] if scope.tables else []
    done += [f'Files put aside in {paths.put_aside}: {aside}.'] if aside else []
    done += [_reminder(paths)] if not scope.files and 'metadata' in scope.tables else []
    return '\n'.join(done)


def _reminder(paths: Paths) -> str:
    return f'The files stay in {paths.filesystem}; doit reset --filesystem moves them back to ingest/.'


def _made_folders(paths: Paths) -> tuple[Path, ...]:
    inside = (paths.outputs, paths.composites, paths.plots, paths.site)
    return tuple(folder for folder in inside if not any(folder != other and folder.is_relative_to(other) for other in inside))


def _is_derived(path: Path) -> bool:
    """Whether a file is the corrtag that hstlc made of the raw tag beside it."""
    return path.name.endswith('_corrtag.fits') and path.with_name(path.name.replace('_corrtag.fits', '_tag.fits')).exists()


def _reset_files(paths: Paths) -> int:
    """Move inputs back, remove products; return how many files were put aside."""
    aside = 0
    for path in [path for path in files_below(paths.filesystem) if _is_derived(path)]:
        path.unlink()
    for path in files_below(paths.filesystem):
        aside += _back(paths, path)
    for folder in _made_folders(paths):
        aside += remove_made(paths, folder)
    _remove_empty_below(paths)
    return aside


def _back(paths: Paths, path: Path) -> int:
    """Move a file back to ingest/; return 1 if a file was put aside for it."""
    place = paths.ingest / path.name
    if not INPUT.fullmatch(path.name):
        put_aside(paths, path)
        return 1
    if not place.exists() or same_content(path, place):
        move(path, place)
        return 0
    if path.stat().st_mtime_ns > place.stat().st_mtime_ns:
        put_aside(paths, place)
        move(path, place)
    else:
        put_aside(paths, path)
    return 1


def _remove_empty_below(paths: Paths) -> None:
    kept = set(paths.folders())
    for top in (paths.filesystem, *_made_folders(paths)):
        for folder, _, _ in os.walk(top, topdown=False):
            if Path(folder) not in kept and not os.listdir(folder):
                os.rmdir(folder)


def _reset_tables(paths: Paths, tables: tuple[str, ...]) -> None:
    """Remove the records that the rows of some tables are made of, or the next run would bring them back."""
    doomed = {'metadata': Status.ACCEPTED, 'bad_data': Status.REJECTED}
    statuses = {status for name, status in doomed.items() if name in tables}
    for rootname, record in load_records(paths.settings).items():
        if record.status in statuses:
            paths.record(rootname).unlink()
    if 'metadata' in tables:
        paths.targets.unlink(missing_ok=True)
    for name, folder in (('outputs', paths.outcome_records), ('stats', paths.stats_records), ('outputs', paths.listings)):
        for path in folder.glob('*.json') if name in tables else ():
            path.unlink()
    log.info('emptied %s', ', '.join(tables))
