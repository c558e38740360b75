"""Tables that come with hstlc: emission-line and continuum bands, programmes unfit for light curves; the text of the operator's."""

import csv
from collections import defaultdict
from importlib import resources
from pathlib import Path

from hstlc.errors import InputError
from hstlc.model import BadProposal, Band, BandKind, ProposalAction

LARGEST = 10_000_000  # bytes of a table that a person wrote


def operator_text(path: Path) -> str:
    """Return the text of a table that the operator wrote.

    Raises
    ------
    InputError
        It is not UTF-8, or much larger than such a table can be.
    """
    try:
        with path.open('rb') as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror}; check its permissions') from None
    if len(content) > LARGEST:
        raise InputError(f'{path} has more than {LARGEST} bytes; it should be a table with a line for each name')
    try:
        return content.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise InputError(f'{path} is not UTF-8 text ({error}); save it as UTF-8') from None


def packaged(name: str) -> str:
    """Return the text of a file of package data."""
    return resources.files('hstlc').joinpath('data', name).read_text(encoding='utf-8')


def load_bands() -> tuple[Band, ...]:
    """Return the named bands in the order of the table; rows of one name are windows of one band.

    Line windows are laboratory wavelengths (vacuum) widened to whole Angstroms; continuum windows hold no strong line.
    """
    windows: dict[tuple[str, BandKind], list[tuple[float, float]]] = defaultdict(list)
    for row in _rows('bands.csv'):
        windows[row['name'], BandKind(row['kind'])].append((float(row['lo_aa']), float(row['hi_aa'])))
    return tuple(Band(name=name, kind=kind, windows_aa=tuple(found)) for (name, kind), found in windows.items())


def load_bad_proposals() -> dict[int, BadProposal]:
    """Return the programmes that are rejected or warned of, by number (COS Instrument Handbook ch. 12)."""
    return {int(row['proposid']): _bad_proposal(row) for row in _rows('bad_proposals.csv')}


def _bad_proposal(row: dict[str, str]) -> BadProposal:
    return BadProposal(proposid=int(row['proposid']), action=ProposalAction(row['action']), why=row['why'])


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(packaged(name).splitlines()))
