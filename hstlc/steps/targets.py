"""Which exposures are one target: targets.json out."""

import logging
from collections.abc import Sequence

from hstlc.files import records
from hstlc.files.aliases import load_aliases
from hstlc.model import Pointing
from hstlc.paths import Paths
from hstlc.science import targets as science
from hstlc.settings import Settings
from hstlc.steps.records import TargetTable

log = logging.getLogger(__name__)


def find_targets(settings: Settings, exposures: Sequence[Pointing]) -> None:
    """Write which exposures are one target; the file keeps its time where nothing changed.

    Parameters
    ----------
    settings : Settings
        The settings.
    exposures : sequence of Pointing
        All that were accepted, from `hstlc.science.groups.pointings`.

    Raises
    ------
    InputError
        The operator's table of names cannot be read.
    """
    paths = Paths(settings)
    found = science.find_targets(exposures, load_aliases(paths))
    records.save(paths.targets, TargetTable(targets=found))
    log.info('%d targets of %d exposures', len(found), sum(len(target.rootnames) for target in found))
    for target in found:
        for sentence in target.joins:
            log.debug('%s: %s', target.name, sentence)
