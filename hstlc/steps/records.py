"""Reading the records of all exposures."""

from hstlc.files import records
from hstlc.model import Record
from hstlc.paths import Paths
from hstlc.settings import Settings


def load_records(settings: Settings) -> dict[str, Record]:
    """Return the record of every exposure, accepted or rejected, by rootname in the order of the names."""
    paths = Paths(settings)
    if not paths.records.is_dir():
        return {}
    files = sorted(path for path in paths.records.glob('*.json') if path != paths.targets)
    return {path.stem: records.load(path, Record) for path in files}
