"""Tasks of light curves: which exposures are one target, composites, statistics, the catalog."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import partial

from doit import get_var
from doit.exceptions import InvalidTask

from hstlc.model import GroupKey, Outcome, Record, Thresholds
from hstlc.names import composite_stem, curve_stem
from hstlc.paths import Paths
from hstlc.science.groups import composite_groups, pointings
from hstlc.settings import CHOICES, Settings
from hstlc.steps.deliverable import chosen_by_name
from hstlc.tasks import archive
from hstlc.tasks.building import Step, Task, after, build, cleaning, fingerprint, listing
from hstlc.tasks.exposures import BINNING
from hstlc.tasks.session import current

TARGETS = Step('hstlc.steps.targets:find_targets')
COMPOSITE = Step('hstlc.steps.lightcurves:make_composite', version=6, settings=BINNING, tables=('bands.csv',), heavy=True)
RETIRE = Step('hstlc.steps.prune:put_lightcurves_aside')
THRESHOLDS = tuple(item.name for item in fields(Thresholds))
STATS = Step('hstlc.steps.statistics:make_stats', version=3, settings=THRESHOLDS, tables=('bands.csv',), heavy=True)
CATALOG = Step('hstlc.steps.catalog:write_catalog', version=2)


@after('lightcurve')
def task_targets() -> Iterator[Task]:
    """Find out which exposures show the same target."""
    paths = current().paths
    yield build(
        'join',
        TARGETS,
        pointings(listing(partial(archive.exposures, paths)).values()),
        targets=[str(paths.targets)],
        watched=[str(paths.targets)],
        config={'records': archive.exposures_fingerprint(paths), 'aliases': fingerprint(str(paths.aliases))},
        clean=cleaning('hstlc.steps.clean:remove_targets'),
    )


def _groups(paths: Paths) -> dict[GroupKey, tuple[str, ...]]:
    return composite_groups(archive.accepted(paths).values(), archive.targets(paths))


def _members(paths: Paths, rootnames: tuple[str, ...], made: Mapping[str, Outcome]) -> tuple[str, ...]:
    """Return the exposures of a group that have a light curve."""
    return tuple(name for name in rootnames if (outcome := made.get(curve_stem(name))) is not None and outcome.product is not None)


def _member_files(paths: Paths, rootnames: tuple[str, ...], records: Mapping[str, Record]) -> list[str]:
    spectra = [
        paths.dynamic_spectrum_name(exposure.targname, name)
        for name in rootnames
        if (exposure := records[name].exposure) is not None
    ]
    return [*spectra, *(f'{paths.outcome_records}/{curve_stem(name)}.json' for name in rootnames)]


def composites(paths: Paths) -> dict[GroupKey, tuple[str, ...]]:
    """Return every composite that the archive should hold, with its members."""
    made = archive.outcomes(paths)
    found = {key: _members(paths, rootnames, made) for key, rootnames in _groups(paths).items()}
    return {key: members for key, members in found.items() if members}


def former(paths: Paths, wanted: Mapping[GroupKey, tuple[str, ...]]) -> list[str]:
    """Return the light curves that no accepted exposure and no configuration owns any more."""
    owned = {curve_stem(name) for name in archive.accepted(paths)} | {composite_stem(key) for key in wanted}
    return sorted(stem for stem in archive.outcomes(paths) if stem not in owned)


@after('targets')
def task_composite() -> Iterator[Task]:
    """Combine the exposures of one target and configuration."""
    paths = current().paths
    wanted = listing(partial(composites, paths))
    records, folder = archive.accepted(paths), str(paths.composites)
    for key, rootnames in wanted.items():
        stem = composite_stem(key)
        yield build(
            stem,
            COMPOSITE,
            key,
            rootnames,
            file_dep=_member_files(paths, rootnames, records),
            targets=[str(paths.outcome(stem))],
            watched=[f'{folder}/{stem}.fits', f'{folder}/{stem}_bands.fits'],
            config={'members': rootnames},
            clean=cleaning('hstlc.steps.clean:remove_lightcurve', stem),
        )
    gone = former(paths, wanted)
    if gone:
        yield build('put-aside', RETIRE, gone, uptodate=[False])


def _kinds(settings: Settings) -> str:
    """Return which light curves have statistics: what `doit stats kind=...` asks for, else the setting."""
    asked = str(get_var('kind', settings.stats))
    if asked not in CHOICES['stats']:
        raise InvalidTask(f'kind={asked}: there is no such kind of light curve; it is one of {", ".join(CHOICES["stats"])}')
    return asked


def _has_stats(kinds: str, outcome: Outcome) -> bool:
    kind = 'composite' if outcome.composite else 'individual'
    return outcome.product is not None and kinds in (kind, 'both')


def _delivery_choice(settings: Settings, stem: str) -> dict[str, bool] | None:
    """Return what the settings decide on the delivery of a light curve: only those that they name run again."""
    choice = chosen_by_name(settings, stem)
    return None if choice is None else {'deliver': choice}


@after('composite')
def task_stats() -> Iterator[Task]:
    """Compute the statistics of every light curve (kind=individual or kind=composite: only of those)."""
    session = current()
    paths, kinds = session.paths, _kinds(session.settings)
    for stem, outcome in listing(partial(archive.outcomes, paths)).items():
        if outcome.product is not None and _has_stats(kinds, outcome):
            yield build(
                stem,
                STATS,
                stem,
                file_dep=[f'{paths.outcome_records}/{stem}.json', os.path.join(str(paths.home), outcome.product.path)],
                targets=[f'{paths.stats_records}/{stem}.json'],
                config=_delivery_choice(session.settings, stem),
                clean=cleaning('hstlc.steps.clean:remove_stats', stem),
            )


@after('stats')
def task_catalog() -> Iterator[Task]:
    """Write the catalog, hstlc.json, from the records."""
    paths = current().paths
    yield build(
        'tinydb',
        CATALOG,
        CATALOG.version,
        targets=[str(paths.catalog)],
        watched=[str(paths.catalog)],
        config={'records': archive.fingerprint_of_records(paths)},
        clean=cleaning('hstlc.steps.clean:remove_catalog'),
    )
