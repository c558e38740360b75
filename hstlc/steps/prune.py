"""Products that belong to no exposure any more are put aside, never deleted."""

import bisect
import logging
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from hstlc.model import Status
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps.clean import remove_empty
from hstlc.steps.records import load_records

log = logging.getLogger(__name__)
PRODUCT = re.compile(r'([a-z0-9]{9}_(curve|dynspec)|hlsp_hstlc_).*')  # names that only hstlc gives


def put_aside(paths: Paths, file: Path) -> Path:
    """Move a file of the home to put_aside/, under the name that it had, with a number where that is taken."""
    inside = file.relative_to(paths.home) if file.is_relative_to(paths.home) else Path(file.name)
    wanted = paths.put_aside / inside
    number, place = 1, wanted
    while place.exists():
        place = wanted.with_name(f'{wanted.name}.{number}')
        number += 1
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(file, place)
    log.info('put aside %s as %s', file, place)
    return place


def put_lightcurves_aside(settings: Settings, stems: Sequence[str]) -> None:
    """Put light curves aside whose exposure or configuration is gone, with their records."""
    paths = Paths(settings)
    for stem in stems:
        for file in (paths.outcome(stem), paths.stats(stem)):
            if file.exists():
                put_aside(paths, file)


def files_without_owner(settings: Settings) -> list[str]:
    """Return the products in outputs/ and plots/ that no accepted exposure and no composite owns.

    Files whose names hstlc does not give are somebody's own and are left alone.
    """
    paths = Paths(settings)
    found = _strays(paths.composites, _composites(paths))
    for folder, beginnings in _individuals(paths).items():
        found += _strays(folder, beginnings)
    found += _strays(paths.plots, _stems(paths)) + _strays(paths.periodogram_subset, _stems(paths))
    return sorted(found)


def put_files_aside(settings: Settings, names: Sequence[str]) -> None:
    """Put files aside, and remove folders that this leaves empty."""
    paths = Paths(settings)
    for name in names:
        put_aside(paths, Path(name))
        remove_empty(Path(name).parent)


def _stems(paths: Paths) -> list[str]:
    return sorted(path.stem for path in paths.outcome_records.glob('*.json')) if paths.outcome_records.is_dir() else []


def _composites(paths: Paths) -> list[str]:
    return [stem for stem in _stems(paths) if stem.startswith('hlsp_')]


def _individuals(paths: Paths) -> dict[Path, list[str]]:
    """Return every folder of individual products with the rootnames that belong there."""
    owners: dict[Path, list[str]] = {folder: [] for folder in _folders(paths.outputs) if folder != paths.composites}
    for rootname, record in load_records(paths.settings).items():
        if record.exposure is not None and record.status is Status.ACCEPTED:
            owners.setdefault(paths.output_folder(record.exposure.targname), []).append(rootname)
    return {folder: sorted(names) for folder, names in owners.items()}


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else iter(())


def _strays(folder: Path, beginnings: Sequence[str]) -> list[str]:
    """Return the products of a folder whose names begin with none of some sorted names."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        products = [entry for entry in entries if PRODUCT.fullmatch(entry.name) and entry.is_file()]
    return [entry.path for entry in products if not _begins_with_one(entry.name, beginnings)]


def _begins_with_one(name: str, beginnings: Sequence[str]) -> bool:
    place = bisect.bisect_right(beginnings, name)
    return place > 0 and name.startswith(beginnings[place - 1])
