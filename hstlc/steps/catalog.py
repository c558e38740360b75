"""Records to the catalog. It is written whole; what records say that have not changed is taken from the catalog that is there."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from hstlc import catalog
from hstlc.catalog import Curve, Line, Row
from hstlc.files import records
from hstlc.files.output import replacing, write_text
from hstlc.model import Outcome, Record, Statistics
from hstlc.paths import Paths
from hstlc.settings import Settings

States = dict[str, list[int]]  # time in ns and size of files, by name without ending
T = TypeVar('T')
NOTHING: dict[str, Any] = {'exposures': {}, 'outcomes': {}, 'statistics': {}, 'curves': {}}


def write_catalog(settings: Settings, columns: int = 0) -> str | None:
    """Write `hstlc.json` whole; where nothing changed the file keeps its time.

    Parameters
    ----------
    settings : Settings
        The settings.
    columns : int
        Version of the columns. Where the catalog that is there has the same one, only records that have changed since are read; all
        are where it is 0.

    Returns
    -------
    str or None
        What to say of a catalog that was gone or damaged.

    Raises
    ------
    StateError
        A record is damaged.
    """
    paths = Paths(settings)
    known = _sources(paths, columns) if columns else NOTHING
    fault = _fault(paths) if known is NOTHING else None
    lines = {} if known is NOTHING else catalog.read_lines(paths.catalog)
    exposures, outcomes, statistics = map(_states, (paths.records, paths.outcome_records, paths.stats_records))
    exposures.pop(paths.targets.stem, None)
    same_curves = {stem: Curve(*known['curves'][stem]) for stem in _unchanged(outcomes, known['outcomes'])}
    curves = _said(
        outcomes,
        same_curves,
        lambda stem: catalog.about_curve(records.load(paths.outcome(stem), Outcome)),
    )
    about_exposures: dict[str, tuple[str, Row | Line] | None] = _said(
        exposures,
        catalog.exposures_of(lines, _unchanged(exposures, known['exposures'])),
        lambda name: catalog.about_exposure(records.load(paths.record(name), Record)),
    )
    about_statistics: dict[str, Row | Line] = _said(
        statistics,
        catalog.statistics_of(lines, same_curves, same_curves.keys() & _unchanged(statistics, known['statistics'])),
        lambda stem: catalog.about_statistics(records.load(paths.stats(stem), Statistics)),
    )
    with replacing(paths.catalog) as part:
        catalog.write(part, catalog.tables(about_exposures, curves, about_statistics))
    sources = {'exposures': exposures, 'outcomes': outcomes, 'statistics': statistics, 'curves': curves}
    write_text(paths.catalog_sources, json.dumps({'columns': columns, 'catalog': _state(paths.catalog), **sources}))
    return f'{paths.catalog} was {fault}: it is made again from the records' if fault else None


def _fault(paths: Paths) -> str | None:
    """Return what is wrong with the catalog that is there; none is wrong where the site does not yet show one."""
    try:
        found = json.loads(paths.catalog.read_bytes())
    except FileNotFoundError:
        return 'gone' if (paths.site / 'catalog.json').is_file() else None
    except ValueError:
        return 'damaged'
    return None if isinstance(found, dict) else 'damaged'


def _sources(paths: Paths, columns: int) -> dict[str, Any]:
    """Return what the catalog that is there was made from; NOTHING if it is not as it was left."""
    try:
        found = json.loads(paths.catalog_sources.read_bytes())
        as_left = (found['columns'], found['catalog']) == (columns, _state(paths.catalog))
    except (OSError, ValueError, LookupError, TypeError):
        return NOTHING
    return found if as_left else NOTHING


def _states(folder: Path) -> States:
    if not folder.is_dir():
        return {}
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith('.json')]
    return {name[:-5]: [info.st_mtime_ns, info.st_size] for name, info in sorted(found, key=lambda one: one[0])}


def _state(path: Path) -> list[int]:
    info = path.stat()
    return [info.st_mtime_ns, info.st_size]


def _unchanged(states: States, known: Mapping[str, list[int]]) -> list[str]:
    return [name for name, state in states.items() if known.get(name) == state]


def _said(states: States, kept: Mapping[str, T], read: Callable[[str], T]) -> dict[str, T]:
    """Return what each record says, and read those of which nothing is kept."""
    return {name: kept[name] if name in kept else read(name) for name in states}
