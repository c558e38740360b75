"""Reading the records of all exposures, and which of them are one target."""

from dataclasses import dataclass

from hstlc.errors import StateError
from hstlc.files import records
from hstlc.model import Record, Target
from hstlc.paths import Paths
from hstlc.settings import Settings


@dataclass(frozen=True, kw_only=True)
class TargetTable:
    """The content of targets.json."""

    targets: tuple[Target, ...]  # in the order of their names


def load_records(settings: Settings) -> dict[str, Record]:
    """Return the record of every exposure, accepted or rejected, by rootname in the order of the names."""
    paths = Paths(settings)
    return records.load_all(paths.records, Record, without=(paths.targets.stem,))


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
