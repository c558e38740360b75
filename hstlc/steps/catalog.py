"""Records to the catalog."""

from hstlc import catalog
from hstlc.files import records
from hstlc.files.output import replacing
from hstlc.model import Outcome, Statistics
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps.records import load_records


def write_catalog(settings: Settings) -> None:
    """Write `hstlc.json` whole from the records; where nothing changed the file keeps its time.

    Raises
    ------
    StateError
        A record is damaged.
    """
    paths = Paths(settings)
    content = catalog.tables(
        load_records(settings), records.load_all(paths.outcome_records, Outcome), records.load_all(paths.stats_records, Statistics)
    )
    with replacing(paths.catalog) as part:
        catalog.write(part, content)
