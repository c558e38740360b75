"""The list of datasets by another way: MAST's TAP service, for days on which its search does not answer."""

import re
from io import BytesIO
from typing import Any

from hstlc.mast.selection import COLUMNS, CRITERIA

TABLE = 'dbo.hst_science_missionmast'
PAGE = 5000  # rows
LARGE = re.compile(rb'<!ENTITY|arraysize\s*=\s*["\'][^"\']*(?:\d{4}|x)')  # values of more than 999 characters, or of two dimensions
Row = dict[str, Any]


def tap_address(server: str) -> str:
    """Return where queries go that are answered at once."""
    return f'{server.rstrip("/")}/vo-tap/api/v0.1/missionmast/sync'


def count_query() -> str:
    """Return the query for the number of datasets in the selection."""
    return f'SELECT COUNT(*) AS total FROM {TABLE} WHERE {_selection()}'


def page_query(last: str) -> str:
    """Return the query for the next datasets in the order of their names.

    Parameters
    ----------
    last : str
        The last name so far; empty at the beginning.

    Raises
    ------
    ValueError
        It is no name of a dataset.
    """
    if last and not last.isalnum():
        raise ValueError(f'{last!r} is no name of a dataset')
    return (
        f'SELECT TOP {PAGE} {", ".join(COLUMNS)} FROM {TABLE} '
        f"WHERE {_selection()} AND sci_data_set_name > '{last}' ORDER BY sci_data_set_name"
    )


def _selection() -> str:
    """Return the selection; names are padded with blanks in some columns, so only their beginnings are compared."""
    conditions = [' OR '.join(f"{name} LIKE '{value}%'" for value in values) for name, values in CRITERIA.items()]
    return ' AND '.join(f'({condition})' for condition in conditions)


def read_table(content: bytes) -> list[Row]:
    """Return the rows of an answer (VOTable), None where a value is missing.

    Raises
    ------
    ValueError
        It is no answer, or not all of it.
    """
    from astropy.io.votable import parse

    if LARGE.search(content):
        raise ValueError('not an answer of TAP: a small text that becomes a large one')
    document = parse(BytesIO(content), verify='ignore')
    said = {info.value for resource in document.resources for info in resource.infos if info.name == 'QUERY_STATUS'}
    if not said <= {'OK'}:
        raise ValueError(f'the answer of TAP says {", ".join(sorted(map(str, said)))}')
    table = document.get_first_table().to_table(use_names_over_ids=True)
    return [{name: _value(row[name]) for name in table.colnames} for row in table]


def _value(cell: Any) -> Any:
    if getattr(cell, 'mask', False) is not False and bool(cell.mask):
        return None
    return cell.item() if hasattr(cell, 'item') else cell
