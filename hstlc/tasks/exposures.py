"""Tasks of exposures: the home, ingest, derived corrtag files, individual light curves."""

import os
from collections.abc import Iterator
from functools import partial

from hstlc.model import Outcome, Record
from hstlc.names import curve_stem
from hstlc.paths import Paths
from hstlc.steps.home import is_furnished
from hstlc.steps.lacking import at_hand, lacked
from hstlc.tasks import archive
from hstlc.tasks.building import OPENING, Step, Task, after, build, cleaning, listing
from hstlc.tasks.commandline import says_yes
from hstlc.tasks.session import current

OPEN = Step(OPENING)
INGEST = Step('hstlc.steps.ingest:ingest_exposure')
CORRTAG = Step('hstlc.steps.lightcurves:derive_corrtag', version=3, heavy=True)
BINNING = ('step', 'airglow', 'wmin', 'wmax', 'min_fracexp', 'doi')
LIGHTCURVE = Step(
    'hstlc.steps.lightcurves:make_lightcurve',
    version=10,
    settings=(*BINNING, 'grid_step', 'min_rel_sens'),
    tables=('bands.csv',),
    heavy=True,
)


def task__open() -> Iterator[Task]:
    """Create the folders of the archive."""
    session = current()
    task = build('_open', OPEN, uptodate=[is_furnished(session.settings)])
    yield {**{key: value for key, value in task.items() if key not in ('name', 'task_dep')}, 'basename': '_open'}


@after('_open')
def task_ingest() -> Iterator[Task]:
    """Check the files in ingest/ and file them: accepted exposures by target, rejected ones in bad_data/."""
    from hstlc.steps.waiting import waiting

    session = current()
    for rootname, names in sorted(listing(partial(waiting, session.settings)).items()):
        yield build(rootname, INGEST, rootname, names, session.today, uptodate=[False])


def _tag(record: Record) -> str | None:
    """Return the name of the raw STIS event file, where the exposure has one."""
    files = record.exposure.files if record.exposure else ()
    return next((item.name for item in files if item.name.endswith('_tag.fits')), None)


def _inputs(paths: Paths, record: Record) -> list[str]:
    folder = os.path.join(str(paths.home), record.path)
    return [f'{folder}/{item.name}' for item in (record.exposure.files if record.exposure else ())]


def _corrtag(paths: Paths, record: Record) -> str:
    return os.path.join(str(paths.home), record.path, f'{record.rootname}_corrtag.fits')


def _event_files(paths: Paths, record: Record) -> list[str]:
    """Return what a light curve is made of: the files of the exposure, with the derived corrtag in the place of a raw tag."""
    tag = _tag(record)
    if tag is None:
        return _inputs(paths, record)
    return [*(name for name in _inputs(paths, record) if not name.endswith(tag)), _corrtag(paths, record)]


@after('ingest')
def task_corrtag() -> Iterator[Task]:
    """Convert raw STIS event files to corrtag files (corrtag_extract=yes makes them again)."""
    paths = current().paths
    again = says_yes('corrtag_extract')
    made, there = listing(partial(archive.outcomes, paths)), listing(partial(at_hand, paths.references))
    for rootname, record in listing(partial(archive.accepted, paths)).items():
        if _tag(record):
            yield build(
                rootname,
                CORRTAG,
                record,
                file_dep=[*_inputs(paths, record), f'{paths.records}/{rootname}.json'],
                targets=[_corrtag(paths, record)],
                watched=[_corrtag(paths, record)],
                uptodate=[not again, not _found_since(made.get(curve_stem(rootname)), there)],
                clean=cleaning('hstlc.steps.clean:remove_corrtag', rootname),
            )


@after('corrtag')
def task_lightcurve() -> Iterator[Task]:
    """Make the light curve of every accepted exposure."""
    paths = current().paths
    made, there = listing(partial(archive.outcomes, paths)), listing(partial(at_hand, paths.references))
    for rootname, record in listing(partial(archive.accepted, paths)).items():
        stem = curve_stem(rootname)
        outcome = made.get(stem)
        yield build(
            rootname,
            LIGHTCURVE,
            record,
            file_dep=[*_event_files(paths, record), f'{paths.records}/{rootname}.json'],
            targets=[f'{paths.outcome_records}/{stem}.json'],
            watched=_made(paths, record),
            uptodate=[not _found_since(outcome, there)],
            clean=cleaning('hstlc.steps.clean:remove_lightcurve', stem),
        )


def _found_since(outcome: Outcome | None, there: set[str]) -> bool:
    """Whether a reference file that a light curve was made without is on this machine by now."""
    return outcome is not None and bool(lacked(outcome) & there)


def _made(paths: Paths, record: Record) -> list[str]:
    """Return the files of a light curve: with its bands, which it may have, and the dynamic spectrum."""
    if record.exposure is None:
        return []
    spectrum = paths.dynamic_spectrum_name(record.exposure.targname, record.rootname)
    curve = f'{spectrum.rpartition("/")[0]}/{curve_stem(record.rootname)}'
    return [f'{curve}.fits', f'{curve}_bands.fits', spectrum]
