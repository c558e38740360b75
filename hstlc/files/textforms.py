"""Tables as text: CSV for spreadsheets, ECSV with units and meanings for astropy and TOPCAT. Equal tables give equal text."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from hstlc.files.columns import COLUMNS, Column
from hstlc.files.headers import header_values
from hstlc.files.obscore import CatalogColumn
from hstlc.model import LightCurve

DATATYPES = {'D': 'float64', 'E': 'float32', 'J': 'int32', 'K': 'int64', 'A': 'string'}
NOT_A_NUMBER = 'nan'
EMPTY_TEXT = '\x00'  # stands for text that is there and empty, which csv would write as a missing value
Fields = Sequence[Column | CatalogColumn]


def light_curve_texts(lc: LightCurve) -> tuple[str, str]:
    """Return a light curve as CSV and as ECSV; both have the columns of LIGHTCURVE, in the shortest digits that keep the value.

    Missing values are empty in CSV, `nan` in ECSV, which also has the headers.
    """
    texts = [_numbers(np.asarray(column.value(lc)), column.format) for column in COLUMNS]
    meta = {keyword: value for keyword, value in header_values(lc).items() if keyword != 'FILENAME'}
    plain = [['' if text == NOT_A_NUMBER else text for text in column] for column in texts]
    return rows_csv(COLUMNS, zip(*plain, strict=True)), _ecsv_header(COLUMNS, meta) + rows_csv(COLUMNS, zip(*texts, strict=True))


def _numbers(values: Any, kind: str) -> list[str]:
    if kind == 'D':
        return [repr(value) for value in values.astype(np.float64).tolist()]
    if kind == 'E':
        return [str(text) for text in values.astype(np.float32).astype('U32').tolist()]
    return [str(value) for value in values.tolist()]


def _ecsv_header(fields: Fields, meta: Mapping[str, Any]) -> str:
    """Return the lines that come before the names of an ECSV table with commas (Enhanced Character-Separated Values 1.0)."""
    lines = ['%ECSV 1.0', '---', "delimiter: ','", 'datatype:', *(f'- {_described(field)}' for field in fields)]
    lines += [f'meta: {json.dumps(meta)}'] if meta else []
    return ''.join(f'# {line}\n' for line in [*lines, 'schema: astropy-2.0'])


def _described(field: Column | CatalogColumn) -> str:
    unit = {'unit': field.unit} if field.unit else {}
    return json.dumps({'name': field.name, **unit, 'datatype': DATATYPES[field.format], 'description': field.meaning})


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV; None is empty."""
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerows(rows)
    return text.getvalue()


def rows_csv(fields: Fields, rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV with a line of names; None is empty."""
    return csv_text([[field.name for field in fields], *rows])


def rows_ecsv(fields: Fields, rows: Iterable[Sequence[Any]], meta: Mapping[str, Any]) -> str:
    """Return rows as ECSV; None is `nan` in columns of numbers and empty text elsewhere."""
    missing = [EMPTY_TEXT if field.format == 'A' else NOT_A_NUMBER for field in fields]
    filled = ([other if value is None else value for value, other in zip(row, missing, strict=True)] for row in rows)
    return _ecsv_header(fields, meta) + rows_csv(fields, filled).replace(EMPTY_TEXT, '""')
