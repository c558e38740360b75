"""Binary tables of hstlc's own files, to bytes and back: columns of numbers and text, one value in a row or all in one row.

Byte for byte what astropy writes, which a test holds it to, in a tenth of the time: astropy describes every column of every
table by an object of its own, and a light curve with its bands has some three hundred.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstlc.files.bounds import BLOCK, CARD
from hstlc.files.output import write_bytes

COMMENT = 46  # characters of a column's meaning that fit beside its name
KINDS = {'D': '>f8', 'E': '>f4', 'I': '>i2', 'J': '>i4', 'K': '>i8'}
NOT_IN_SUMS = (*range(0x3A, 0x41), *range(0x5B, 0x61))  # punctuation between digits and letters
CARDS_OF = {name: re.compile(rb'%b *\d+ *= *\'([^\']*)\'' % name.encode()) for name in ('TTYPE', 'TFORM')}  # of a column
LONG = ('LONGSTRN', 'OGIP 1.0', 'long strings use CONTINUE')
Cards = Iterable[tuple[str, Any, str]]


@dataclass(frozen=True)
class Field:
    """A column: name, FITS format ('A' = text as wide as its longest value), unit, values; what else its header says of it."""

    name: str
    format: str
    unit: str | None
    values: Any
    meaning: str = ''
    ucd: str = ''
    null: int | None = None


def primary(cards: Cards) -> bytes:
    """Return a primary HDU without data."""
    start = (
        ('SIMPLE', True, 'conforms to FITS standard'),
        ('BITPIX', 8, 'array data type'),
        ('NAXIS', 0, 'number of array dimensions'),
        ('EXTEND', True, ''),
    )
    return _unit((*start, *cards), b'')


def table(name: str, fields: Iterable[Field], before: Cards = (), after: Cards = (), *, one_row: bool = False) -> bytes:
    """Return a BINTABLE extension.

    Parameters
    ----------
    name : str
        EXTNAME.
    fields : iterable of Field
        Values of all, shape (rows,).
    before, after : iterable of (keyword, value, comment)
        Further cards, before and after EXTNAME.
    one_row : bool
        Column after column, as vectors in a single row, which compresses better; the table without values has no row.
    """
    columns = [(field, *_values(field)) for field in fields]
    if one_row:
        columns = [(field, f'{len(values)}{form}', values[np.newaxis]) for field, form, values in columns if len(values)] or columns
    rows = np.zeros(len(columns[0][2]), [(field.name, values.dtype, values.shape[1:]) for field, _, values in columns])
    for field, _, values in columns:
        rows[field.name] = values
    start = (
        ('XTENSION', 'BINTABLE', 'binary table extension'),
        ('BITPIX', 8, 'array data type'),
        ('NAXIS', 2, 'number of array dimensions'),
        ('NAXIS1', rows.dtype.itemsize, 'length of dimension 1'),
        ('NAXIS2', len(rows), 'length of dimension 2'),
        ('PCOUNT', 0, 'number of group parameters'),
        ('GCOUNT', 1, 'number of groups'),
        ('TFIELDS', len(columns), 'number of table fields'),
    )
    described = [card for k, (field, form, _) in enumerate(columns, 1) for card in _described(k, field, form)]
    classes = [(f'TUCD{k}', field.ucd, '') for k, (field, _, _) in enumerate(columns, 1) if field.ucd]
    return _unit((*start, *described, *classes, *before, ('EXTNAME', name, 'extension name'), *after), rows.tobytes())


def save(path: Path, *units: bytes) -> None:
    """Write HDUs, the primary one first; the file is replaced whole, and only if its content changes."""
    write_bytes(path, b''.join(units))


def rows_of(hdu: Any) -> NDArray[Any]:
    """Return the rows of a table that `table` made, shape (rows,), in the byte order of the file; vectors have one dimension more.

    Raises
    ------
    ValueError, KeyError, OSError
        It is no such table, or not whole.
    """
    place = hdu.fileinfo()
    place['file'].seek(place['hdrLoc'])
    head = place['file'].read(place['datLoc'] - place['hdrLoc'])
    columns = {kind: [text.decode().strip() for text in texts.findall(head)] for kind, texts in CARDS_OF.items()}
    dtype = np.dtype([(name, *_kind(form)) for name, form in zip(columns['TTYPE'], columns['TFORM'], strict=True)])
    if dtype.itemsize != hdu.header['NAXIS1']:
        raise ValueError(f'rows of {hdu.name} have {hdu.header["NAXIS1"]} bytes, its columns {dtype.itemsize}')
    size = dtype.itemsize * hdu.header['NAXIS2']
    content = place['file'].read(size)
    if len(content) < size:
        raise OSError(f'{hdu.name} is not whole')
    return np.frombuffer(content, dtype)


def _kind(form: str) -> tuple[str] | tuple[str, tuple[int]]:
    repeat, letter = form[:-1], form[-1]
    if letter == 'A':
        return (f'S{repeat or 1}',)
    return (KINDS[letter], (int(repeat),)) if repeat else (KINDS[letter],)


def _values(field: Field) -> tuple[str, NDArray[Any]]:
    """Return the format of a column as its header says it, and its values as its rows hold them."""
    values = np.asarray(field.values)
    if field.format != 'A':
        return field.format, values.astype(KINDS[field.format])
    texts = values if values.dtype.kind == 'S' else np.char.encode(values.astype(str), 'ascii')
    width = max(1, texts.dtype.itemsize if len(texts) else 1)
    return f'{width}A', texts.astype(f'S{width}')


def _described(k: int, field: Field, form: str) -> Iterable[tuple[str, Any, str]]:
    yield f'TTYPE{k}', field.name, field.meaning[:COMMENT]
    yield f'TFORM{k}', form, ''
    if field.unit:
        yield f'TUNIT{k}', field.unit, ''
    if field.null is not None:
        yield f'TNULL{k}', field.null, ''


def _unit(cards: Cards, data: bytes) -> bytes:
    """Return header and data with their checksums, whose comments hold no time of day: equal content gives equal bytes."""
    data += bytes(-len(data) % BLOCK)
    images = [_image(keyword, value, comment) for keyword, value, comment in cards]
    if any(len(image) > CARD for image in images):
        images.append(_image(*LONG))
    data_sum = _sum(data)
    ends = (_image('DATASUM', str(data_sum), ''), b'END'.ljust(CARD))
    head = _filled(b''.join((*images, _image('CHECKSUM', '0' * 16, ''), *ends)))
    check = _encoded(~(_sum(head, data_sum)) & 0xFFFFFFFF)
    return _filled(b''.join((*images, _image('CHECKSUM', check, ''), *ends))) + data


def _filled(head: bytes) -> bytes:
    return head + b' ' * (-len(head) % BLOCK)


def _image(keyword: str, value: Any, comment: str) -> bytes:
    """Return a card, with its CONTINUE cards where its text is long."""
    return _kept(keyword, value, comment) if isinstance(value, str | int) else _formatted(keyword, value, comment)


def _formatted(keyword: str, value: Any, comment: str) -> bytes:
    return str(fits.Card(keyword, value, comment)).encode('ascii')


_kept = functools.lru_cache(maxsize=4096, typed=True)(_formatted)  # the cards of one table are those of the next


def _sum(content: bytes, start: int = 0) -> int:
    """Return the 32-bit one's complement sum of whole blocks (FITS standard 4.0, section 4.4.2.7)."""
    total = start + int(np.frombuffer(content, '>u4').sum(dtype=np.uint64))
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total


def _encoded(number: int) -> str:
    """Return a sum as 16 letters and digits (FITS standard 4.0, appendix J.2)."""
    letters = [0] * 16
    for at, byte in enumerate(number.to_bytes(4)):
        four = [byte // 4 + 0x30 + (byte % 4 if k == 0 else 0) for k in range(4)]
        while any(code in NOT_IN_SUMS for code in four):
            for k in (0, 2):
                if four[k] in NOT_IN_SUMS or four[k + 1] in NOT_IN_SUMS:
                    four[k], four[k + 1] = four[k] + 1, four[k + 1] - 1
        letters[at::4] = four
    return bytes(letters[-1:] + letters[:-1]).decode()
