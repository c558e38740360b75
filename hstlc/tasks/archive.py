"""The records as task creators see them: each file is read once in a run, and again only when it changed."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hstlc.files import records
from hstlc.model import Outcome, Record, Status, Target
from hstlc.paths import Paths
from hstlc.site import archive as site_archive
from hstlc.steps.records import load_targets

T = TypeVar('T')
NOT_EXPOSURES = frozenset({'targets.json'})
_READ: dict[str, tuple[int, int, Any]] = {}  # path -> time, size, record


def _load_folder(folder: Path, kind: type[T]) -> dict[str, T]:
    found: dict[str, T] = {}
    if not folder.is_dir():
        return found
    with os.scandir(folder) as entries:
        files = sorted((entry.name, entry.path, entry.stat()) for entry in entries if _is_record(entry))
    for name, path, info in files:
        known = _READ.get(path)
        if known is None or known[:2] != (info.st_mtime_ns, info.st_size):
            known = (info.st_mtime_ns, info.st_size, records.load(Path(path), kind))
            _READ[path] = known
        found[name.removesuffix('.json')] = known[2]
    return found


def _is_record(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith('.json') and not entry.name.startswith('.') and entry.name not in NOT_EXPOSURES


def exposures(paths: Paths) -> dict[str, Record]:
    """Return the record of every exposure, by rootname.

    Raises
    ------
    StateError
        A record is damaged.
    """
    return _load_folder(paths.records, Record)


def exposures_fingerprint(paths: Paths) -> list[tuple[str, int, int]]:
    """Return name, time and size of every exposure's record."""
    exposures(paths)
    return [
        (path, *_READ[path][:2]) for path in sorted(_READ) if os.path.dirname(path) == str(paths.records) and os.path.exists(path)
    ]


def accepted(paths: Paths) -> dict[str, Record]:
    """Return the records of the exposures that were accepted, by rootname."""
    return {name: record for name, record in exposures(paths).items() if record.status is Status.ACCEPTED}


def outcomes(paths: Paths) -> dict[str, Outcome]:
    """Return what became of every light curve, by stem."""
    return _load_folder(paths.outcome_records, Outcome)


def targets(paths: Paths) -> tuple[Target, ...]:
    """Return the targets of the archive; none before they were found."""
    return load_targets(paths.settings) if paths.targets.is_file() else ()


@dataclass(frozen=True)
class About:
    """What the pages of a target are made from."""

    target: Target
    curves: tuple[Outcome, ...]
    records: list[tuple[str, int, int]]  # name, time and size of every record about it


def about_targets(paths: Paths) -> list[About]:
    """Return every target with its light curves and the state of its records, of rejected exposures too."""
    everything = site_archive.Archive(
        title='', contact='', doi='', interesting=0.0,
        records=exposures(paths), targets=targets(paths), outcomes=outcomes(paths), stats={},
    )  # fmt: skip
    return [
        About(target, everything.curves.get(target.slug, ()), _states(paths, target, everything)) for target in everything.targets
    ]


def _states(paths: Paths, target: Target, everything: site_archive.Archive) -> list[tuple[str, int, int]]:
    curves = everything.curves.get(target.slug, ())
    rejected = everything.rejected_of.get(target.slug, ())
    files = [paths.record(name) for name in (*target.rootnames, *(record.rootname for record in rejected))]
    files += [file for outcome in curves for file in _about(paths, outcome.stem)]
    return [(file.name, info.st_mtime_ns, info.st_size) for file in files if (info := _stat(file)) is not None]


def _about(paths: Paths, stem: str) -> tuple[Path, ...]:
    return (paths.outcome(stem), paths.stats(stem), paths.delivery_record(stem))


def _stat(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except FileNotFoundError:
        return None


def product_there(paths: Paths, outcome: Outcome | None) -> bool:
    """Whether the light curves that an outcome speaks of are there, with the sizes that they had."""
    if outcome is None:
        return True
    products = (product for product in (outcome.product, outcome.bands_product) if product is not None)
    try:
        return all(paths.absolute(product.path).stat().st_size == product.bytes for product in products)
    except FileNotFoundError:
        return False
