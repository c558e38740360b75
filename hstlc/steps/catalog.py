"""Records to the catalog."""

import json

from hstlc import catalog
from hstlc.files import records
from hstlc.files.output import replacing
from hstlc.model import Outcome, Statistics
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps.records import load_records


def write_catalog(settings: Settings) -> str | None:
    """Write `hstlc.json` whole from the records; where nothing changed the file keeps its time.

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
    content = catalog.tables(
        load_records(settings), records.load_all(paths.outcome_records, Outcome), records.load_all(paths.stats_records, Statistics)
    )
    fault = _fault(paths)
    with replacing(paths.catalog) as part:
        catalog.write(part, content)
    return f'{paths.catalog} was {fault}: it is made again from the records' if fault else None


def _fault(paths: Paths) -> str | None:
    """Return what is wrong with the catalog that is there; none is wrong where the site does not yet show one."""
    try:
        json.loads(paths.catalog.read_bytes())
    except FileNotFoundError:
        return 'gone' if (paths.site / 'catalog.json').is_file() else None
    except ValueError:
        return 'damaged'
    return None
