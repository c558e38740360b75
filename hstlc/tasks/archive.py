"""The records as task creators see them: each file is read once in a run, and again only when it changed."""

import contextlib
import hashlib
import json
import os
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from hstlc.errors import HstlcError, StateError
from hstlc.files import records
from hstlc.model import Outcome, Record, Status, Target
from hstlc.paths import Paths
from hstlc.site import archive as site_archive
from hstlc.steps.records import load_targets
from hstlc.tasks import kept

T = TypeVar('T')
NOT_EXPOSURES = frozenset({'targets.json'})
SETTLED_S = 0.05  # a folder's time says that nothing changed since, once it is older than the clock of files is coarse
State = tuple[str, int, int]  # name, time and size of a file
_READ: dict[str, tuple[int, int, Any]] = {}  # path -> time, size, record
_FOLDERS: dict[str, tuple[int, dict[str, Any]]] = {}  # path -> time, records: a record is replaced by renaming
_LISTED: dict[str, tuple[int, list[State]]] = {}


def _load_folder(folder: Path, kind: type[T]) -> dict[str, T]:
    known = _FOLDERS.get(str(folder))
    time_ns = _time_ns(folder)
    if known is not None and known[0] == time_ns:
        return known[1]
    settled = _is_settled(time_ns)
    top = str(folder)
    names = [state for state in _listed(folder, time_ns) if _is_record(state[0])]
    found = {name[:-5]: _read(f'{top}/{name}', changed_ns, size, kind) for name, changed_ns, size in names}
    kept.forget_others(folder.name, [f'{folder.name}/{name}' for name, _, _ in names])
    if settled:
        _FOLDERS[str(folder)] = (time_ns, found)
    return found


def _is_record(name: str) -> bool:
    return name.endswith('.json') and name not in NOT_EXPOSURES


def _read(path: str, time_ns: int, size: int, kind: type[T]) -> T:
    known = _READ.get(path)
    if known is None or known[:2] != (time_ns, size):
        known = _READ[path] = (time_ns, size, _as_kept(path, time_ns, size, kind) or _from_file(path, time_ns, size, kind))
    return cast(T, known[2])


def _as_kept(path: str, time_ns: int, size: int, kind: type[T]) -> T | None:
    said = kept.said(_kept_name(path), time_ns, size)
    with contextlib.suppress(StateError):  # the file itself may be whole
        return None if said is None else records.parse(said, path, kind)
    return None


def _from_file(path: str, time_ns: int, size: int, kind: type[T]) -> T:
    record = records.load(Path(path), kind)
    if isinstance(record, Outcome):
        record = replace(record, provenance=())  # much, and no task needs it
    kept.keep(_kept_name(path), time_ns, size, json.dumps(records.to_plain(record)))
    return record


def _kept_name(path: str) -> str:
    """Return the name of a record with that of its folder."""
    return path[path.rindex('/', 0, path.rindex('/')) + 1 :]


def _time_ns(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _is_settled(time_ns: int) -> bool:
    return time.time() - time_ns / 1e9 > SETTLED_S


def _listed(folder: Path, time_ns: int) -> list[State]:
    """Return name, time and size of the files of a folder, in the order of their names; what is half-written is none of them."""
    known = _LISTED.get(str(folder))
    if known is not None and known[0] == time_ns:
        return known[1]
    settled = _is_settled(time_ns)  # asked before it is read
    found = _states_in(folder) if time_ns else []
    if settled:
        _LISTED[str(folder)] = (time_ns, found)
    return found


def _states_in(folder: Path) -> list[State]:
    with os.scandir(folder) as entries:
        files = [(entry.name, entry.stat()) for entry in entries if entry.name[0] != '.' and not entry.is_dir()]
    return sorted((name, info.st_mtime_ns, info.st_size) for name, info in files)


def fingerprint_of_records(paths: Paths) -> str:
    """Return a hash of the names, times and sizes of all records."""
    whole = hashlib.sha256()
    for folder in (paths.records, paths.outcome_records, paths.stats_records, paths.verdicts, paths.delivery_records):
        whole.update(repr((str(folder), _listed(folder, _time_ns(folder)))).encode())
    return whole.hexdigest()


def exposures(paths: Paths) -> dict[str, Record]:
    """Return the record of every exposure, by rootname.

    Raises
    ------
    StateError
        A record is damaged.
    """
    return _load_folder(paths.records, Record)


def exposures_fingerprint(paths: Paths) -> list[State]:
    """Return name, time and size of every exposure's record."""
    found = _listed(paths.records, _time_ns(paths.records))
    return [state for state in found if _is_record(state[0])]


def accepted(paths: Paths) -> dict[str, Record]:
    """Return the records of the exposures that were accepted, by rootname."""
    return {name: record for name, record in exposures(paths).items() if record.status is Status.ACCEPTED}


def outcomes(paths: Paths) -> dict[str, Outcome]:
    """Return what became of every light curve, by stem, without its provenance."""
    return _load_folder(paths.outcome_records, Outcome)


def targets(paths: Paths) -> tuple[Target, ...]:
    """Return the targets of the archive; none before they were found."""
    return load_targets(paths.settings) if paths.targets.is_file() else ()


def read_ahead(paths: Paths) -> None:
    """Read what the creators of later stages ask for, in the time that the first exposure takes; errors come with them."""
    with contextlib.suppress(HstlcError, OSError):
        exposures(paths)
        outcomes(paths)


def names_of_statistics(paths: Paths) -> set[str]:
    """Return the names of the files that hold statistics."""
    return {name for name, _, _ in _listed(paths.stats_records, _time_ns(paths.stats_records))}


@dataclass(frozen=True)
class About:
    """What the pages of a target are made from."""

    target: Target
    curves: tuple[Outcome, ...]
    rejected: tuple[str, ...]  # rootnames
    records: list[State]  # of every record about it


def about_targets(paths: Paths) -> list[About]:
    """Return every target with its light curves and the state of its records, of rejected exposures too."""
    everything = _everything(paths)
    folders = (paths.records, paths.outcome_records, paths.stats_records, paths.delivery_records)
    states = tuple(_states_by_name(folder, _time_ns(folder)) for folder in folders)
    return [_about(target, everything, states) for target in everything.targets]


def _everything(paths: Paths) -> site_archive.Archive:
    return _archive(paths, *(_time_ns(place) for place in (paths.records, paths.outcome_records, paths.targets)))


@lru_cache(maxsize=1)
def _archive(paths: Paths, *_times: int) -> site_archive.Archive:
    return site_archive.Archive(
        title='', contact='', doi='', interesting=0.0,
        records=exposures(paths), targets=targets(paths), outcomes=outcomes(paths), stats={},
    )  # fmt: skip


@lru_cache(maxsize=8)
def _states_by_name(folder: Path, time_ns: int) -> dict[str, State]:
    return {state[0]: state for state in _listed(folder, time_ns)}


def _about(target: Target, everything: site_archive.Archive, states: tuple[dict[str, State], ...]) -> About:
    stems, rejected = everything.about(target)
    of_exposures, *of_curves = states
    found = [of_exposures.get(f'{name}.json') for name in (*target.rootnames, *rejected)]
    found += [known.get(f'{stem}.json') for stem in stems for known in of_curves]
    return About(target, everything.curves.get(target.slug, ()), rejected, [state for state in found if state is not None])


def listed(paths: Paths) -> tuple[tuple[str, ...], tuple[str, ...], list[State]]:
    """Return the slugs of the targets, the rejected exposures that belong to none, and the state of all that is listed of them."""
    slugs, strays = tuple(target.slug for target in targets(paths)), _everything(paths).strays
    of_targets, of_strays = (_states_by_name(folder, _time_ns(folder)) for folder in (paths.listings, paths.records))
    found = [*(of_targets.get(f'{slug}.json') for slug in slugs), *(of_strays.get(f'{name}.json') for name in strays)]
    return slugs, strays, [state for state in found if state is not None]
