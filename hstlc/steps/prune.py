"""Products that belong to no exposure any more are put aside, never deleted."""

import bisect
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from hstlc.names import curve_stem
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps.clean import remove_empty
from hstlc.steps.made import PRODUCT, put_aside


def put_lightcurves_aside(settings: Settings, stems: Sequence[str]) -> None:
    """Put light curves aside whose exposure or configuration is gone, with their records."""
    paths = Paths(settings)
    for stem in stems:
        for file in (paths.outcome(stem), paths.stats(stem)):
            if file.exists():
                put_aside(paths, file)


def prune(settings: Settings, exposures: Mapping[str, str], curves: Mapping[str, bool], slugs: Sequence[str]) -> None:
    """Put aside what `files_without_owner` finds, and remove folders that this leaves empty; parameters as there."""
    paths = Paths(settings)
    for name in files_without_owner(paths, exposures, curves, slugs):
        put_aside(paths, Path(name))
        remove_empty(Path(name).parent)


def files_without_owner(paths: Paths, exposures: Mapping[str, str], curves: Mapping[str, bool], slugs: Sequence[str]) -> list[str]:
    """Return the products, figures and pages that no accepted exposure, composite or target owns.

    Files whose names hstlc does not give are somebody's own and are left alone.

    Parameters
    ----------
    paths : Paths
        Of the home.
    exposures : mapping
        Name of the target of each accepted exposure, by rootname.
    curves : mapping
        Whether there is a product of each light curve, by stem.
    slugs : sequence of str
        Of the targets.
    """
    stems = sorted(curves)
    found = _strays(str(paths.composites), sorted(stem for stem, made in curves.items() if made))
    for folder, beginnings in _individuals(paths, exposures, curves).items():
        found += _strays(folder, beginnings)
    for place in _figure_folders(paths):
        found += _strays(str(place), stems)
    return sorted(found + _stray_targets(paths, slugs))


def _figure_folders(paths: Paths) -> tuple[Path, ...]:
    """Return the folders whose files are named after a light curve."""
    named = (paths.site_figure, paths.site_product, paths.site_lightcurve, paths.site_data, paths.plot_data)
    return (paths.plots, paths.periodogram_subset, *dict.fromkeys(place('x').parent for place in named))


def _stray_targets(paths: Paths, slugs: Sequence[str]) -> list[str]:
    """Return pages of targets that are in the archive no more."""
    found: list[str] = []
    for place in (paths.site_target, paths.site_target_data, paths.site_bundle, paths.listing) if paths.targets.is_file() else ():
        wanted = {f'index{place("x").suffix}', *(place(slug).name for slug in slugs)}  # an index would be somebody's own
        found += [str(path) for path in place('x').parent.glob(f'*{place("x").suffix}') if path.name not in wanted]
    return found


def _individuals(paths: Paths, exposures: Mapping[str, str], curves: Mapping[str, bool]) -> dict[str, list[str]]:
    """Return every folder of individual products with the beginnings of the names that belong there."""
    owners: dict[str, list[str]] = {folder: [] for folder in _folders(str(paths.outputs)) if folder != str(paths.composites)}
    folder_of = {targname: str(paths.curve(targname, 'x').parent) for targname in set(exposures.values())}
    for rootname, targname in exposures.items():
        stem = curve_stem(rootname)
        names = owners.setdefault(folder_of[targname], [])
        names += [f'{rootname}_dynspec', *([stem] if curves.get(stem) else [])]
    return {folder: sorted(names) for folder, names in owners.items()}


def _folders(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        return []
    with os.scandir(folder) as entries:
        return [entry.path for entry in entries if entry.is_dir()]


def _strays(folder: str, beginnings: Sequence[str]) -> list[str]:
    """Return the products of a folder whose names begin with none of some sorted names."""
    owners = frozenset(beginnings)  # most names are one and an ending
    names = os.listdir(folder) if os.path.isdir(folder) else []
    others = [name for name in names if name.partition('.')[0] not in owners and not _begins_with_one(name, beginnings)]
    return [path for name in others if PRODUCT.fullmatch(name) and os.path.isfile(path := f'{folder}/{name}')]


def _begins_with_one(name: str, beginnings: Sequence[str]) -> bool:
    place = bisect.bisect_right(beginnings, name)
    return place > 0 and name.startswith(beginnings[place - 1])
