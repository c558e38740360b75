"""The catalog of light curves as CSV, ECSV, FITS and VOTable; equal rows give equal bytes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from hstlc.files import bintable
from hstlc.files.obscore import CATALOG_COLUMNS, CatalogColumn
from hstlc.files.output import write_text
from hstlc.files.textforms import rows_csv, rows_ecsv

FORMS = ('csv', 'ecsv', 'fits', 'xml')  # beside JSON
Row = Mapping[str, Any]
Values = list[Any]
VO_TYPES = {'A': 'unicodeChar', 'D': 'double', 'J': 'int', 'K': 'long'}
SYSTEMS = {'s_ra': 'icrs', 's_dec': 'icrs', 't_min': 'mjd_utc', 't_max': 'mjd_utc'}
TITLE = 'Light curves of hstlc'
BETWEEN = '\t'  # cells of a row while it is made; `_value` leaves none in a text
TEXTS = [place for place, column in enumerate(CATALOG_COLUMNS) if column.format == 'A']
FORMULA = ('=', '+', '-', '@')  # a spreadsheet computes a text that begins so


def catalog_values(rows: Iterable[Row]) -> list[Values]:
    """Return rows as lists in the order of CATALOG_COLUMNS; a number that is missing is None."""
    return [[_value(row.get(column.name), column) for column in CATALOG_COLUMNS] for row in rows]


def with_site(values: Sequence[Values], site_url: str) -> list[Values]:
    """Return values whose addresses, relative to the site, are whole."""
    place = [column.name for column in CATALOG_COLUMNS].index('access_url')
    return [[*row[:place], f'{site_url.rstrip("/")}/{row[place]}', *row[place + 1 :]] for row in values]


def write_catalog_form(path: Path, values: Sequence[Values]) -> None:
    """Write the catalog in the form that the name's ending says: .csv, .ecsv, .fits or .xml (VOTable).

    Parameters
    ----------
    path : Path
        Replaced whole, and only if its content changes.
    values : sequence
        From `catalog_values`.

    Raises
    ------
    ValueError
        There is no such form.
    """
    if path.suffix == '.csv':
        write_text(path, rows_csv(CATALOG_COLUMNS, [_guarded(row) for row in values]))
    elif path.suffix == '.ecsv':
        write_text(path, rows_ecsv(CATALOG_COLUMNS, values, {'name': TITLE}))
    elif path.suffix == '.xml':
        write_text(path, votable(values))
    elif path.suffix == '.fits':
        _write_fits(path, values)
    else:
        raise ValueError(f'no form of the catalog ends in {path.suffix}')


def catalog_json(values: Sequence[Values]) -> dict[str, Any]:
    """Return the catalog for a JSON file: names of the columns and lists of values."""
    return {'columns': [column.name for column in CATALOG_COLUMNS], 'rows': values}


def _value(value: Any, column: CatalogColumn) -> Any:
    if column.format == 'A':
        return ' '.join(str(value if value is not None else '').split())
    if column.format == 'D':
        return None if value is None or not math.isfinite(value) else float(value)
    return int(value)


def _guarded(row: Values) -> Values:
    risky = [place for place in TEXTS if row[place].startswith(FORMULA)]
    return [f"'{value}" if place in risky else value for place, value in enumerate(row)] if risky else row


def _write_fits(path: Path, rows: Sequence[Values]) -> None:
    columns = [
        bintable.Field(
            column.name, column.format, column.unit, _cells(column, [row[index] for row in rows]), column.meaning, column.ucd
        )
        for index, column in enumerate(CATALOG_COLUMNS)
    ]
    bintable.save(path, bintable.primary([('ORIGIN', 'hstlc', 'made by')]), bintable.table('CATALOG', columns))


def _cells(column: CatalogColumn, values: list[Any]) -> Any:
    if column.format == 'A':
        return np.array([value.encode('ascii', 'replace') for value in values], dtype=bytes)
    return np.array(values, dtype=float if column.format == 'D' else int)


def votable(rows: Sequence[Values]) -> str:
    """Return rows as a VOTable 1.4 document with TABLEDATA."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">\n<RESOURCE type="results">\n'
        '<COOSYS ID="icrs" system="ICRS"/>\n'
        '<TIMESYS ID="mjd_utc" timeorigin="2400000.5" timescale="UTC" refposition="GEOCENTER"/>\n'
        f'<TABLE name="catalog" nrows="{len(rows)}">\n<DESCRIPTION>{escape(TITLE)}</DESCRIPTION>\n'
    )
    fields = ''.join(_vo_field(column) for column in CATALOG_COLUMNS)
    body = ''.join(map(_vo_row, rows))
    return f'{head}{fields}<DATA><TABLEDATA>\n{body}</TABLEDATA></DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>\n'


def _vo_field(column: CatalogColumn) -> str:
    attributes = {
        'name': column.name,
        'datatype': VO_TYPES[column.format],
        'arraysize': '*' if column.format == 'A' else None,
        'unit': column.unit.replace(' ', '.').replace('-', '**-') if column.unit else None,
        'ucd': column.ucd,
        'utype': f'obscore:{column.utype}' if column.utype else None,
        'ref': SYSTEMS.get(column.name),
    }
    text = ' '.join(f'{name}={quoteattr(value)}' for name, value in attributes.items() if value)
    return f'<FIELD {text}><DESCRIPTION>{escape(column.meaning)}</DESCRIPTION></FIELD>\n'


def _vo_row(values: Values) -> str:
    cells = ['NaN' if value is None else str(value) for value in values]
    if not ''.join(cells).isprintable():
        cells = [_printable(cell) for cell in cells]
    return f'<TR><TD>{escape(BETWEEN.join(cells)).replace(BETWEEN, "</TD><TD>")}</TD></TR>\n'


def _printable(text: str) -> str:
    return text if text.isprintable() else ''.join(c if c.isprintable() else '?' for c in text)
