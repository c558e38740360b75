"""The quality checks for a person who wants to know beforehand: nothing is moved or written."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from hstlc.errors import InputError
from hstlc.files.exposurenames import EVENT_SUFFIXES, is_x1d, rootname_of
from hstlc.model import Record, Status
from hstlc.settings import Settings
from hstlc.steps.ingest import judge

NO_DAY = '1970-01-01'  # a record that is not kept needs no day


def check_files(settings: Settings, places: Iterable[Path]) -> Iterator[Record]:
    """Yield what ingest would find of every exposure of some files or folders, in the order of their rootnames.

    Segments that lie beside a file belong to its exposure and are judged with it.

    Raises
    ------
    InputError
        A place is not there, is no event file, or is a folder without any.
    """
    folders: dict[str, Path] = {}
    for place in places:
        for name in _rootnames(place):
            folders.setdefault(name, place if place.is_dir() else place.parent)
    for rootname, folder in sorted(folders.items()):
        files = [path for path in sorted(folder.iterdir()) if rootname_of(path.name) == rootname and path.is_file()]
        yield judge(settings, rootname, files, NO_DAY)


def _rootnames(place: Path) -> list[str]:
    if not place.exists():
        raise InputError(f'{place} is not there')
    files = sorted(place.iterdir()) if place.is_dir() else _beside(place) if is_x1d(place) else [place]
    found = [name for file in files if not is_x1d(file) and (name := rootname_of(file.name))]
    if not found:
        kinds = ', '.join(f'*{suffix}' for suffix in EVENT_SUFFIXES)
        raise InputError(f'{place} {"holds" if place.is_dir() else "is"} no event file; the names of those end in {kinds}')
    return found


def _beside(x1d: Path) -> list[Path]:
    """Return the files of the exposure of an x1d: `check *.fits` names those, too."""
    return [path for path in sorted(x1d.parent.iterdir()) if rootname_of(path.name) == rootname_of(x1d.name)]


def verdict_line(record: Record) -> str:
    """Return one line about a record: accepted and what it is, or the reasons of its rejection; then its warnings."""
    said = '; '.join(f'{one.reason}: {one.detail}' for one in record.rejections)
    if record.status is Status.ACCEPTED and record.exposure is not None:
        one = record.exposure
        mode = f'{one.instrume} {one.detector} {one.opt_elem}' + (f'/{one.cenwave}' if one.cenwave else '')
        spectrum = '' if any(is_x1d(Path(file.name)) for file in one.files) else ', no x1d beside it'
        length = f'{one.exptime_s:.1f} s' if one.exptime_s > 0 else 'exposure time 0 in its header'
        said = f'{one.targname}, {mode}, {length}{spectrum}' + (f'; {said}' if said else '')
    warnings = f' ({", ".join(record.warnings)})' if record.warnings else ''
    return f'{record.rootname}  {record.status:<8}  {said}{warnings}'
