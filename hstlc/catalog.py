"""The catalog, `hstlc.json`: records in, four TinyDB tables out. The only importer of tinydb."""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tinydb.storages import JSONStorage

from hstlc.model import Exposure, Outcome, Record, Statistics, Status

Row = dict[str, Any]
Line = str  # a row as the file has it
Lines = Mapping[str, Mapping[str, Line]]  # of the file, by table and id
OF_EXPOSURES = ('metadata', 'bad_data')
ROOTNAME_LENGTH = 9
FIRST_HASHED: int = 36**ROOTNAME_LENGTH  # ids from rootnames lie below, ids from other keys at or above
HASH_DIGITS = 12
NESTED = frozenset(  # stay in the records
    ('x_periods', 'x_episodes', 'x_block_edges_mjd', 'x_bands', 'x_interest_parts', 'x_thresholds')
)


def rootname_id(rootname: str) -> int:
    """Return the id of an exposure: its nine-character rootname as a number to base 36.

    Anything else (the name of a file that is not a rootname) is hashed, above every rootname's number.
    """
    if len(rootname) == ROOTNAME_LENGTH and rootname.isascii() and rootname.isalnum():
        return int(rootname, 36)
    return key_id(rootname)


def key_id(key: str) -> int:
    """Return an id that follows from a key of any form; it needs 50 bits, so every JSON reader holds it exactly."""
    return FIRST_HASHED + int(hashlib.sha256(key.encode()).hexdigest()[:HASH_DIGITS], 16)


class Curve(NamedTuple):
    """What the catalog takes from the outcome of a light curve."""

    rootnames: Sequence[str]
    composite: bool
    product: str | None  # where it lies; None where there is none


def tables(
    exposures: Mapping[str, tuple[str, Row | Line] | None], curves: Mapping[str, Curve], statistics: Mapping[str, Row | Line]
) -> dict[str, dict[int, Row | Line]]:
    """Return the rows of every table, by id, from what each record says.

    Parameters
    ----------
    exposures : mapping
        By rootname, from `about_exposure`, or from `exposures_of`.
    curves : mapping
        By the stem of the light curve.
    statistics : mapping
        By stem, from `about_statistics`, or from `statistics_of`.
    """
    found: dict[str, dict[str, Row | Line]] = {table: {} for table in OF_EXPOSURES}
    for name, about in sorted(exposures.items()):
        if about is not None:
            found[about[0]][name] = about[1]
    individual, composite = _by_exposure(curves.values())
    return {
        'metadata': {rootname_id(name): row for name, row in found['metadata'].items()},
        'outputs': {rootname_id(name): _output(name, individual, composite) for name in found['metadata']},
        'bad_data': {rootname_id(name): row for name, row in found['bad_data'].items()},
        'stats': {
            curve_id(stem, curves[stem]): row if isinstance(row, Line) else _stats(stem, curves[stem], row)
            for stem, row in sorted(statistics.items())
            if stem in curves
        },
    }


def about_exposure(record: Record) -> tuple[str, Row] | None:
    """Return the table to which an exposure belongs, and its row; None where it belongs to none."""
    if record.status is Status.ACCEPTED and record.exposure is not None:
        return 'metadata', _metadata(record, record.exposure)
    return ('bad_data', _bad_data(record)) if record.status is Status.REJECTED else None


def exposures_of(lines: Lines, rootnames: Iterable[str]) -> dict[str, tuple[str, Line]]:
    """Return the tables and lines of exposures in a catalog; those that it does not know are left out."""
    found = ((name, table, lines[table].get(str(rootname_id(name)))) for name in rootnames for table in OF_EXPOSURES)
    return {name: (table, line) for name, table, line in found if line is not None}


def statistics_of(lines: Lines, curves: Mapping[str, Curve], stems: Iterable[str]) -> dict[str, Line]:
    """Return the lines of light curves in a catalog; those that it does not know are left out."""
    found = ((stem, lines['stats'].get(str(curve_id(stem, curves[stem])))) for stem in stems)
    return {stem: line for stem, line in found if line is not None}


def about_curve(outcome: Outcome) -> Curve:
    """Return what the catalog takes from an outcome."""
    return Curve(outcome.rootnames, outcome.composite, outcome.product.path if outcome.product is not None else None)


def about_statistics(values: Statistics) -> Row:
    """Return the numbers of a light curve that the catalog holds."""
    return {name: _finite(getattr(values, name)) for name in Statistics.__dataclass_fields__ if name not in NESTED}


def _by_exposure(curves: Iterable[Curve]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the products of every exposure, individual and composite, by rootname."""
    individual: dict[str, str] = {}
    composite: dict[str, str] = {}
    for curve in curves:
        if curve.product is not None:
            found = composite if curve.composite else individual
            found.update(dict.fromkeys(curve.rootnames, curve.product))
    return individual, composite


def _metadata(record: Record, exposure: Exposure) -> Row:
    return {
        'id': rootname_id(record.rootname),
        'filename': record.filename,
        'path': record.path,
        'ingest_date': record.ingest_date,
        'telescop': exposure.telescop,
        'instrume': exposure.instrume.value,
        'targname': exposure.targname,
        'cal_ver': exposure.cal_ver,
        'obstype': exposure.obstype,
        'cenwave': exposure.cenwave,
        'aperture': exposure.aperture,
        'detector': exposure.detector,
        'opt_elem': exposure.opt_elem,
        'fppos': exposure.fppos,
        'header_targname': exposure.header_targname,
        'rootname': record.rootname,
        'ra_targ': exposure.ra_targ_deg,
        'dec_targ': exposure.dec_targ_deg,
        'proposid': exposure.proposid,
        'expstart': exposure.expstart_mjd,
        'expend': exposure.expend_mjd,
        'exptime': exposure.exptime_s,
        'x1d_file': next((item.name for item in exposure.files if item.name.lower().endswith('_x1d.fits')), None),
        'warnings': ' '.join(record.warnings),
    }


def _output(rootname: str, individual: Mapping[str, str], composite: Mapping[str, str]) -> Row:
    number = rootname_id(rootname)
    return {
        'id': number,
        'metadata_id': number,
        **_place('individual', individual.get(rootname)),
        **_place('composite', composite.get(rootname)),
    }


def _place(kind: str, product: str | None) -> Row:
    folder, _, name = product.rpartition('/') if product else (None, '', None)
    return {f'{kind}_path': folder, f'{kind}_filename': name}


def _bad_data(record: Record) -> Row:
    first = record.rejections[0] if record.rejections else None
    return {
        'id': rootname_id(record.rootname),
        'filename': record.filename,
        'ingest_date': record.ingest_date,
        'reason': first.reason.value if first else None,
        'detail': '; '.join(finding.detail for finding in record.rejections),
        'findings': [finding.reason.value for finding in record.rejections],
        'message': record.message,
        'rootname': record.rootname,
        'path': record.path,
    }


def _stats(stem: str, curve: Curve, numbers: Row) -> Row:
    return {'id': curve_id(stem, curve), **_place('lightcurve', curve.product), **numbers}


def curve_id(stem: str, curve: Curve) -> int:
    """Return the id of the statistics of a light curve."""
    return key_id(stem) if curve.composite else rootname_id(curve.rootnames[0])


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


class RowPerLine(JSONStorage):
    """TinyDB's file with a row on each line: it can be searched by `grep`, and is written and read in half the time."""

    def write(self, data: Mapping[str, Mapping[Any, Row | Line]]) -> None:
        """Write everything in the place of what the file held, or nothing where a value is no JSON."""
        try:
            text = ''.join(_lines(data))
        except ValueError:
            self.close()
            raise
        self._handle.seek(0)
        self._handle.write(text)
        self._handle.flush()
        self._handle.truncate()


def _lines(data: Mapping[str, Mapping[Any, Row | Line]]) -> Iterator[str]:
    yield '{'
    for place, (name, rows) in enumerate(data.items()):
        yield f'{"," if place else ""}\n{_json(name)}: {{'
        for row_place, (number, row) in enumerate(rows.items()):
            yield f'{"," if row_place else ""}\n"{number}": {row if isinstance(row, Line) else _json(row)}'
        yield '\n}'
    yield '\n}\n'


def read_lines(path: Path) -> dict[str, dict[str, Line]]:
    """Return the rows of a file that `write` wrote, as they are, by table and id."""
    found: dict[str, dict[str, Line]] = {}
    for line in path.read_text(encoding='utf-8').split('\n'):  # JSON has none within a text
        key, _, row = line.partition(': ')
        if row == '{':
            table = found[json.loads(key)] = {}
        elif row:
            table[key[1:-1]] = row.removesuffix(',')
    return found


_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def write(path: Path, content: Mapping[str, Mapping[int, Row | Line]]) -> None:
    """Write a new TinyDB file in one go; each document's number is its id.

    Parameters
    ----------
    path : Path
        A file that is empty or not there.
    content : mapping
        From `tables`; values that JSON knows, no NaN.

    Raises
    ------
    ValueError
        A value is NaN or infinite.
    """
    storage = RowPerLine(str(path), encoding='utf-8')
    try:
        storage.write(content)
    finally:
        storage.close()
