"""FITS files taken apart into cards and data, so that they can be put together wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BLOCK, CARD = 2880, 80
WIDTHS = {'L': 1, 'X': 1, 'B': 1, 'I': 2, 'J': 4, 'K': 8, 'A': 1, 'E': 4, 'D': 8, 'C': 8, 'M': 16, 'P': 8, 'Q': 16}


@dataclass
class Unit:
    """An HDU: its cards without END, and its data with their padding."""

    cards: list[bytes]
    data: bytes

    def find(self, keyword: str) -> int | None:
        return next((k for k, card in enumerate(self.cards) if card[:8].rstrip() == keyword.encode()), None)

    def value(self, keyword: str) -> str:
        place = self.find(keyword)
        return '' if place is None else self.cards[place][10:].decode('latin1').split('/')[0].strip().strip("'").strip()

    def set(self, keyword: str, text: str) -> None:
        card = f'{keyword:8}= {text}'.encode('latin1', 'replace')[:CARD].ljust(CARD)
        place = self.find(keyword)
        if place is None:
            self.cards.append(card)
        else:
            self.cards[place] = card

    def columns(self) -> list[tuple[str, int, str]]:
        """Return name, offset in a row and form of the columns."""
        found, offset = [], 0
        for k in range(1, int(self.value('TFIELDS') or 0) + 1):
            form = self.value(f'TFORM{k}')
            count, letter = re.fullmatch(r'(\d*)([A-Z]).*', form).groups()
            found.append((self.value(f'TTYPE{k}'), offset, form))
            offset += int(count or 1) * WIDTHS[letter]
        return found


def split(content: bytes) -> list[Unit]:
    """Take a good FITS file apart."""
    units, place = [], 0
    while place < len(content):
        cards = []
        while (card := content[place : place + CARD])[:8] != b'END     ':
            cards.append(card)
            place += CARD
        place += CARD + -(place + CARD) % BLOCK
        unit = Unit(cards, b'')
        axes = [int(unit.value(f'NAXIS{k}')) for k in range(1, int(unit.value('NAXIS')) + 1)]
        size = abs(int(unit.value('BITPIX'))) // 8 * int(np.prod(axes)) if axes else 0
        size += -size % BLOCK
        unit.data, place = content[place : place + size], place + size
        units.append(unit)
    return units


def join(units: list[Unit]) -> bytes:
    parts = []
    for unit in units:
        header = b''.join([*unit.cards, b'END'.ljust(CARD)])
        parts += [header.ljust(len(header) + -len(header) % BLOCK), unit.data]
    return b''.join(parts)


def cells(unit: Unit, name_or_number: int) -> tuple[np.ndarray, np.dtype] | None:
    """Return a column of numbers as a view of bytes, and its type; None where the table has no such column."""
    columns = [(offset, form) for _, offset, form in unit.columns()]
    if not columns or not unit.data:
        return None
    offset, form = columns[name_or_number % len(columns)]
    count, letter = re.fullmatch(r'(\d*)([A-Z]).*', form).groups()
    kinds = {'E': '>f4', 'D': '>f8', 'I': '>i2', 'J': '>i4'}
    if letter not in kinds:
        return None
    width, rows = int(unit.value('NAXIS1')), int(unit.value('NAXIS2'))
    dtype = np.dtype(kinds[letter])
    size = int(count or 1) * dtype.itemsize
    raw = np.frombuffer(unit.data, np.uint8, rows * width).reshape(rows, width)
    return raw[:, offset : offset + size].copy(), dtype


def put(unit: Unit, number: int, change: Callable[[np.ndarray], None]) -> None:
    """Change the numbers of a column."""
    found = cells(unit, number)
    if found is None:
        return
    part, dtype = found
    values = np.ascontiguousarray(part).view(dtype)
    with np.errstate(all='ignore'):
        change(values)
    width, rows = int(unit.value('NAXIS1')), int(unit.value('NAXIS2'))
    raw = np.frombuffer(unit.data, np.uint8).copy()
    offset = [offset for _, offset, _ in unit.columns()][number % len(unit.columns())]
    raw[: rows * width].reshape(rows, width)[:, offset : offset + part.shape[1]] = values.view(np.uint8)
    unit.data = raw.tobytes()
