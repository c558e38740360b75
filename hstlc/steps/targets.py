"""Which exposures are one target: records in, targets.json out."""

import logging
from dataclasses import dataclass

from hstlc.errors import StateError
from hstlc.files import records
from hstlc.files.aliases import load_aliases
from hstlc.model import Target
from hstlc.paths import Paths
from hstlc.science import targets as science
from hstlc.settings import Settings
from hstlc.steps.records import load_records

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class TargetTable:
    """The content of targets.json."""

    targets: tuple[Target, ...]


def find_targets(settings: Settings) -> None:
    """Write which accepted exposures are one target; the file keeps its time where nothing changed.

    Raises
    ------
    InputError
        The operator's table of names cannot be read.
    """
    paths = Paths(settings)
    found = science.find_targets(load_records(settings).values(), load_aliases(paths))
    records.save(paths.targets, TargetTable(targets=found))
    log.info('%d targets of %d exposures', len(found), sum(len(target.rootnames) for target in found))
    for target in found:
        for sentence in target.joins:
            log.debug('%s: %s', target.name, sentence)


def load_targets(settings: Settings) -> tuple[Target, ...]:
    """Return what `find_targets` wrote.

    Raises
    ------
    StateError
        It has not run yet, or the file is damaged.
    """
    path = Paths(settings).targets
    if not path.is_file():
        raise StateError(f'{path} is not there; run doit targets')
    return records.load(path, TargetTable).targets
