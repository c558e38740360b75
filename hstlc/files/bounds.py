"""What a FITS file says of its own size, checked before memory is taken or time is spent for it.

A damaged or hostile header may announce 10^9 rows, a row of 10^12 bytes, or never end. Only structure is looked at here, with
nothing but the words that give it (FITS standard 4.0, sections 4.4.1 and 7.3); values are not.
"""

import re
from typing import BinaryIO

BLOCK, CARD = 2880, 80  # bytes; a file is a whole number of blocks
END = b'END     '
MAX_HEADER = 4 << 20  # bytes; real ones have less than 1 % of it
MAX_UNITS = 1000  # an echelle's x1d of many exposures has some tens
MAX_AXES = 10
STRUCTURE = re.compile(rb"(XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|TFORM\d+) *= *('[^']*'|[^ /]+)")
FORM = re.compile(r'(\d*)([LXBIJKAEDCMPQ])')
BITPIX = ('8', '16', '32', '64', '-32', '-64')
WIDTHS = {'L': 1, 'B': 1, 'A': 1, 'I': 2, 'J': 4, 'E': 4, 'K': 8, 'D': 8, 'C': 8, 'P': 8, 'M': 16, 'Q': 16}  # bytes


def check_structure(file: BinaryIO, size: int) -> None:
    """Make sure that the headers of a FITS file end, and that what they announce fits into the file.

    Parameters
    ----------
    file : binary file
        Not compressed; read from its beginning.
    size : int
        Its length in bytes.

    Raises
    ------
    ValueError
        They do not; the message says what is wrong.
    """
    file.seek(0)
    if file.read(len('SIMPLE  =')) != b'SIMPLE  =':
        raise ValueError('it does not begin as a FITS file')
    place, units = 0, 0
    while place < size and (units == 0 or _is_extension(file, place)):
        units += 1
        if units > MAX_UNITS:
            raise ValueError(f'it has more than {MAX_UNITS} extensions')
        words, place = _structure(file, place)
        length = _length(words)
        if place + length > size:
            raise ValueError(f'it is not whole: extension {units - 1} should end at byte {place + length}, the file does at {size}')
        place += length + -length % BLOCK


def _is_extension(file: BinaryIO, place: int) -> bool:
    file.seek(place)
    return file.read(8) == b'XTENSION'


def _structure(file: BinaryIO, place: int) -> tuple[dict[str, str], int]:
    """Return the words of a header that give its structure, and where its data begin."""
    file.seek(place)
    words: dict[str, str] = {}
    for start in range(place, place + MAX_HEADER, BLOCK):
        block = file.read(BLOCK)
        for k in range(0, len(block), CARD):
            if block.startswith(END, k):
                return words, start + BLOCK
            found = STRUCTURE.match(block, k, k + CARD)
            if found:
                words.setdefault(found[1].decode(), found[2].decode('ascii', 'replace'))
        if len(block) < BLOCK:
            raise ValueError('one of its headers has no END')
    raise ValueError(f'one of its headers is longer than {MAX_HEADER} bytes')


def _length(words: dict[str, str]) -> int:
    """Return the bytes of data that a header announces, without padding."""
    axes = [_count(words, f'NAXIS{k}') for k in range(1, _count(words, 'NAXIS', most=MAX_AXES) + 1)]
    if _unquoted(words, 'XTENSION') == 'BINTABLE':
        _check_width(words, axes)
    if not axes:
        return 0
    if words.get('BITPIX', '') not in BITPIX:
        raise ValueError(f'BITPIX is {words.get("BITPIX")}')
    cells = 1
    for axis in axes:
        cells *= axis
    return abs(int(words['BITPIX'])) // 8 * _count(words, 'GCOUNT', 1) * (_count(words, 'PCOUNT', 0) + cells)


def _check_width(words: dict[str, str], axes: list[int]) -> None:
    """Make sure that the columns of a table fill its rows."""
    if len(axes) != 2:
        raise ValueError(f'a table has {len(axes)} axes')
    width = sum(_width(_unquoted(words, f'TFORM{k}')) for k in range(1, _count(words, 'TFIELDS', most=999) + 1))
    if width != axes[0] or (axes[0] == 0 and axes[1] > 0):
        raise ValueError(f'rows of a table have {axes[0]} bytes, its columns {width}')


def _unquoted(words: dict[str, str], name: str) -> str:
    return words.get(name, '').strip("' ")


def _width(form: str) -> int:
    found = FORM.match(form)
    if found is None:
        raise ValueError(f'a column has the form {form!r}')
    number = int(found[1] or 1)
    return (number + 7) // 8 if found[2] == 'X' else number * WIDTHS[found[2]]


def _count(words: dict[str, str], name: str, default: int | None = None, most: int = 1 << 62) -> int:
    text = words.get(name, '' if default is None else str(default))
    if not re.fullmatch(r'\+?\d{1,19}', text) or int(text) > most:
        raise ValueError(f'{name} is {text or "missing"}')
    return int(text)
