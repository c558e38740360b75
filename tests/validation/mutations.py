"""What can be done to a FITS file so that it is one no longer, or says what cannot be."""

import functools
import gzip
from collections.abc import Callable

import numpy as np

from .rawfits import BLOCK, CARD, Unit, join, put, split
from .wild import TEXT_KEYWORDS, WILD_COUNTS, WILD_DIMS, WILD_FORMS, WILD_NUMBERS, WILD_TEXTS, WILD_VALUES

Random = np.random.Generator
Mutation = Callable[[Random, bytes], bytes]
MUTATIONS: dict[str, Mutation] = {}


def mutation(function: Mutation) -> Mutation:
    MUTATIONS[function.__name__] = function
    return function


def on_units(function: Callable[[Random, list[Unit]], None]) -> Mutation:
    """Make a mutation of one that changes the units in place."""

    def mutate(rng: Random, content: bytes) -> bytes:
        units = split(content)
        function(rng, units)
        return join(units)

    mutate.__name__ = function.__name__
    return mutation(mutate)


def pick(rng: Random, items):
    return items[int(rng.integers(len(items)))]


def table(rng: Random, units: list[Unit]) -> Unit:
    """Return one of the extensions, most often the first."""
    return units[1] if len(units) < 3 or rng.random() < 0.6 else pick(rng, units[1:])


def flip(rng: Random, content: bytes, places: np.ndarray, count: int) -> bytes:
    changed = bytearray(content)
    for place in rng.choice(places, count):
        changed[int(place)] ^= 1 << int(rng.integers(8))
    return bytes(changed)


@mutation
def bits_of_headers(rng: Random, content: bytes) -> bytes:
    places, place = [], 0
    for unit in split(content):
        size = len(unit.cards) * CARD
        places.append(np.arange(place, place + size))
        place += size + CARD + -(size + CARD) % BLOCK + len(unit.data)
    return flip(rng, content, np.concatenate(places), int(rng.integers(1, 12)))


@mutation
def bits_anywhere(rng: Random, content: bytes) -> bytes:
    return flip(rng, content, np.arange(len(content)), int(2 ** rng.integers(0, 14)))


@mutation
def cut(rng: Random, content: bytes) -> bytes:
    return content[: int(rng.integers(len(content)))]


@mutation
def cut_at_a_block(rng: Random, content: bytes) -> bytes:
    return content[: BLOCK * int(rng.integers(len(content) // BLOCK))]


@mutation
def cut_a_little(rng: Random, content: bytes) -> bytes:
    return content[: -int(rng.integers(1, 4000))]


@mutation
def more_bytes(rng: Random, content: bytes) -> bytes:
    return content + rng.bytes(int(rng.integers(1, 9000)))


@mutation
def not_fits(rng: Random, content: bytes) -> bytes:
    return pick(
        rng, (b'', b'\0' * 5000, rng.bytes(9000), b'<html>Not found</html>', b'SIMPLE  =', content[BLOCK:], b'\n' + content)
    )


@mutation
def blocks_in_disorder(rng: Random, content: bytes) -> bytes:
    blocks = [content[k : k + BLOCK] for k in range(0, len(content), BLOCK)]
    a, b = (int(k) for k in rng.integers(0, len(blocks), 2))
    blocks[a], blocks[b] = blocks[b], blocks[a]
    return b''.join(blocks)


@mutation
def an_endless_header(rng: Random, content: bytes) -> bytes:
    units = split(content)
    number = int(rng.integers(len(units)))
    before = join(units[:number])
    return before + b''.join(units[number].cards) + b'COMMENT   and so on'.ljust(CARD) * int(rng.integers(1000, 60000))


@mutation
def gzipped(rng: Random, content: bytes) -> bytes:
    return gzip.compress(content, 1, mtime=0)


@mutation
def a_gzip_bomb(rng: Random, content: bytes) -> bytes:
    units = split(content)
    units[1].set('NAXIS2', str(10**7))
    return gzip.compress(join(units[:2]), mtime=0) + _zeros()


@functools.cache
def _zeros() -> bytes:
    """Return a member of a gzip file: 300 MB of zeros in 300 kB."""
    return gzip.compress(b'\0' * 300_000_000, 1, mtime=0)


@on_units
def a_wild_keyword(rng: Random, units: list[Unit]) -> None:
    unit = pick(rng, units)
    keyword = pick(rng, unit.cards)[:8].decode('latin1').rstrip()
    unit.set(keyword, pick(rng, WILD_VALUES))


@on_units
def some_wild_keywords(rng: Random, units: list[Unit]) -> None:
    for _ in range(8):
        unit = pick(rng, units)
        if card := [item for item in unit.cards[8:] if item[8:10] == b'= ' and not item.startswith((b'TFORM', b'TTYPE', b'TDIM'))]:
            unit.set(pick(rng, card)[:8].decode('latin1').rstrip(), pick(rng, WILD_VALUES))


@on_units
def a_hostile_text(rng: Random, units: list[Unit]) -> None:
    for _ in range(3):
        pick(rng, units[:2]).set(pick(rng, TEXT_KEYWORDS), f"'{pick(rng, WILD_TEXTS)}'")


@on_units
def a_wild_structure(rng: Random, units: list[Unit]) -> None:
    words = ('NAXIS', 'NAXIS1', 'NAXIS2', 'BITPIX', 'PCOUNT', 'GCOUNT', 'TFIELDS', 'THEAP', 'EXTVER')
    table(rng, units).set(pick(rng, words), pick(rng, WILD_COUNTS))


@on_units
def a_billion_rows(rng: Random, units: list[Unit]) -> None:
    unit = table(rng, units)
    unit.set('NAXIS2', '1000000000')
    if rng.random() < 0.3:
        unit.set('NAXIS1', '0')


@on_units
def no_rows(rng: Random, units: list[Unit]) -> None:
    unit = table(rng, units)
    unit.set('NAXIS2', '0')
    unit.data = b''


@on_units
def a_wild_form(rng: Random, units: list[Unit]) -> None:
    unit = table(rng, units)
    unit.set(f'TFORM{int(rng.integers(1, max(2, int(unit.value("TFIELDS") or 1))))}', f"'{pick(rng, WILD_FORMS)}'")


@on_units
def pointers_to_nowhere(rng: Random, units: list[Unit]) -> None:
    """Turn columns of numbers into arrays of variable length whose pointers are numbers."""
    unit = table(rng, units)
    for k, (_, _, form) in enumerate(unit.columns(), 1):
        if form in ('D', '1D', '2E', '1K', '2J') or (form.endswith('D') and rng.random() < 0.5):
            unit.set(f'TFORM{k}', "'1PD(99)'" if form != '2J' else "'1PJ(99)'")
    unit.set('PCOUNT', pick(rng, ('0', '2880', '999999999999', '-5')))


@on_units
def a_wild_dimension(rng: Random, units: list[Unit]) -> None:
    unit = table(rng, units)
    unit.set(f'TDIM{int(rng.integers(1, max(2, int(unit.value("TFIELDS") or 1))))}', f"'{pick(rng, WILD_DIMS)}'")


@on_units
def a_wild_scale(rng: Random, units: list[Unit]) -> None:
    unit = table(rng, units)
    number = int(rng.integers(1, max(2, int(unit.value('TFIELDS') or 1))))
    values = ('-1.0', '0.0', '1e30', 'NaN', "'1'", '-32768', '32768', '1e308', 'T', '')
    unit.set(f'{pick(rng, ("TSCAL", "TZERO", "TNULL"))}{number}', pick(rng, values))


@on_units
def swapped_columns(rng: Random, units: list[Unit]) -> None:
    unit = table(rng, units)
    a, b = (int(k) for k in rng.integers(1, 1 + int(unit.value('TFIELDS') or 1), 2))
    one, other = unit.value(f'TTYPE{a}'), unit.value(f'TTYPE{b}')
    unit.set(f'TTYPE{a}', f"'{other}'")
    unit.set(f'TTYPE{b}', f"'{pick(rng, (one, one, other, 'NEW', ''))}'")


@on_units
def a_card_less(rng: Random, units: list[Unit]) -> None:
    for _ in range(int(rng.integers(1, 4))):
        unit = pick(rng, units)
        del unit.cards[int(rng.integers(len(unit.cards)))]


@on_units
def a_card_twice(rng: Random, units: list[Unit]) -> None:
    unit = pick(rng, units)
    card = pick(rng, unit.cards)
    unit.cards.insert(
        int(rng.integers(1, len(unit.cards))), (card[:10] + pick(rng, WILD_VALUES).encode('latin1', 'replace'))[:CARD].ljust(CARD)
    )


@on_units
def continued_without_end(rng: Random, units: list[Unit]) -> None:
    unit = pick(rng, units)
    place = int(rng.integers(1, len(unit.cards)))
    lines = (
        "CONTINUE  'more&'",
        'CONTINUE  no quotes',
        "CONTINUE  'it''s&' / comment",
        'CONTINUE',
        "CONTINUE= 'x&'",
        "LONGSTRN= 'OGIP 1.0'",
    )
    unit.cards[place:place] = [pick(rng, lines).encode().ljust(CARD) for _ in range(int(pick(rng, (1, 3, 2000))))]


@on_units
def units_in_disorder(rng: Random, units: list[Unit]) -> None:
    number = int(rng.integers(len(units)))
    kind = int(rng.integers(4))
    if kind == 0:
        del units[number]
    elif kind == 1:
        units.insert(0, units.pop())
    elif kind == 2:
        units.append(units[number])
    else:
        units += [Unit(list(units[-1].cards), units[-1].data)] * int(3_000_000 // max(BLOCK, len(units[-1].data) + BLOCK))


@on_units
def another_extension(rng: Random, units: list[Unit]) -> None:
    unit = table(rng, units)
    if rng.random() < 0.5:
        unit.set('XTENSION', f"'{pick(rng, ('IMAGE   ', 'TABLE   ', 'A3DTABLE', 'x', ''))}'")
    else:
        unit.set(
            *pick(
                rng,
                (
                    ('ZIMAGE', 'T'),
                    ('EXTNAME', "'EVENTS'"),
                    ('EXTNAME', "'GTI'"),
                    ('EXTNAME', "''"),
                    ('EXTNAME', '5'),
                    ('ZTABLE', 'T'),
                ),
            )
        )


@on_units
def wild_numbers(rng: Random, units: list[Unit]) -> None:
    def change(values: np.ndarray) -> None:
        chosen = rng.random(values.shape) < pick(rng, (1e-4, 0.1, 1.0))
        wild = np.asarray([pick(rng, WILD_NUMBERS)])
        values[chosen] = wild.astype(values.dtype)[0] if values.dtype.kind == 'f' else rng.integers(-32768, 32767)

    unit = table(rng, units)
    for _ in range(int(rng.integers(1, 4))):
        put(unit, int(rng.integers(1000)), change)


@on_units
def noise_in_a_column(rng: Random, units: list[Unit]) -> None:
    def change(values: np.ndarray) -> None:
        values.view(np.uint8)[:] = rng.integers(0, 256, values.view(np.uint8).shape)

    put(table(rng, units), int(rng.integers(1000)), change)


@on_units
def a_column_backward(rng: Random, units: list[Unit]) -> None:
    def change(values: np.ndarray) -> None:
        values[:] = values[::-1, ::-1].copy()

    put(table(rng, units), int(pick(rng, (0, 0, 0, 1, 2, 3))), change)


@on_units
def wild_good_time(rng: Random, units: list[Unit]) -> None:
    """Intervals that are not numbers, infinite, turned round, overlap or never end; what stands in the second extension."""

    def change(values: np.ndarray) -> None:
        kind = int(rng.integers(6))
        wild = (np.nan, np.inf, -np.inf, 1e30, 1e9, -1e5)[kind]
        values[rng.random(values.shape) < 0.7] = np.asarray([wild]).astype(values.dtype)[0]

    put(units[min(2, len(units) - 1)], int(rng.integers(2)), change)


@on_units
def data_of_one_value(rng: Random, units: list[Unit]) -> None:
    unit = table(rng, units)
    unit.data = pick(rng, (b'\0', b'\xff', b'\x7f', b'\x20', b'\x80')) * len(unit.data)
