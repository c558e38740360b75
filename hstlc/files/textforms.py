"""Tables as text: CSV for spreadsheets, ECSV with units and meanings for astropy and TOPCAT. Equal tables give equal text."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hstlc.files.columns import COLUMNS
from hstlc.files.headers import light_curve_cards, primary_cards, values
from hstlc.model import LightCurve

DATATYPES = {'D': 'float64', 'E': 'float32', 'J': 'int32', 'K': 'int64', 'A': 'string'}
NOT_A_NUMBER = 'nan'
STRUCTURE = frozenset({'SIMPLE', 'BITPIX', 'NAXIS', 'EXTEND', 'FILENAME'})


@dataclass(frozen=True)
class Field:
    """A column of a text table: FITS format code, unit and meaning."""

    name: str
    format: str
    unit: str | None
    meaning: str


def light_curve_texts(lc: LightCurve) -> tuple[str, str]:
    """Return a light curve as CSV and as ECSV; both have the columns of LIGHTCURVE, in the shortest digits that keep the value.

    Missing values are empty in CSV, `nan` in ECSV, which also has the headers.
    """
    fields = [Field(column.name, column.format, column.unit, column.meaning) for column in COLUMNS]
    texts = [_numbers(np.asarray(column.value(lc)), column.format) for column in COLUMNS]
    meta = values([*primary_cards(lc, '', ''), *light_curve_cards(lc)]) if len(lc.mjd) else {}
    kept = {key: value for key, value in meta.items() if key not in STRUCTURE}
    plain = [['' if text == NOT_A_NUMBER else text for text in column] for column in texts]
    return _csv(fields, plain), ecsv_header(fields, kept) + _csv(fields, texts)


def _numbers(values: Any, kind: str) -> list[str]:
    if kind == 'D':
        return [repr(value) for value in values.astype(np.float64).tolist()]
    if kind == 'E':
        return [str(text) for text in values.astype(np.float32).astype('U32').tolist()]
    return [str(value) for value in values.tolist()]


def _csv(fields: Sequence[Field], columns: Sequence[Sequence[str]]) -> str:
    lines = [','.join(field.name for field in fields), *(','.join(row) for row in zip(*columns, strict=True))]
    return '\n'.join(lines) + '\n'


def ecsv_header(fields: Sequence[Field], meta: Mapping[str, Any]) -> str:
    """Return the lines that come before the names of an ECSV table with commas (Enhanced Character-Separated Values 1.0)."""
    lines = ['%ECSV 1.0', '---', "delimiter: ','", 'datatype:', *(f'- {_described(field)}' for field in fields)]
    lines += [f'meta: {json.dumps(meta)}'] if meta else []
    return ''.join(f'# {line}\n' for line in [*lines, 'schema: astropy-2.0'])


def _described(field: Field) -> str:
    unit = {'unit': field.unit} if field.unit else {}
    return json.dumps({'name': field.name, **unit, 'datatype': DATATYPES[field.format], 'description': field.meaning})


def rows_csv(fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as CSV with a line of names; None is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow([field.name for field in fields])
    writer.writerows([['' if value is None else value for value in row] for row in rows])
    return text.getvalue()


def rows_ecsv(fields: Sequence[Field], rows: Sequence[Sequence[Any]], meta: Mapping[str, Any]) -> str:
    """Return rows as ECSV; None is `nan` in columns of numbers and empty text elsewhere."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow([field.name for field in fields])
    for row in rows:
        writer.writerow([_missing(field) if value is None else value for field, value in zip(fields, row, strict=True)])
    return ecsv_header(fields, meta) + text.getvalue().replace(EMPTY_TEXT, '""')


def _missing(field: Field) -> str:
    return EMPTY_TEXT if field.format == 'A' else NOT_A_NUMBER


EMPTY_TEXT = '\x00'  # stands for text that is there and empty, which csv would write as a missing value
