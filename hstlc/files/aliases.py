"""Tables of target names: the one that comes with hstlc and the operator's, which wins."""

import csv
from collections.abc import Mapping
from pathlib import Path

from hstlc.errors import InputError
from hstlc.files.tables import operator_text, packaged
from hstlc.paths import Paths

HEAD = ['alias', 'name']


def load_aliases(paths: Paths) -> dict[str, str]:
    """Return alias to name of the packaged table and, where there is one, the operator's.

    Raises
    ------
    InputError
        A table cannot be read; the message names file and line.
    """
    operator = read_aliases(paths.aliases) if paths.aliases.is_file() else {}
    return merge(_parse(packaged('target_aliases.csv'), 'target_aliases.csv'), operator)


def read_aliases(path: Path) -> dict[str, str]:
    """Return the operator's names: CSV with the columns alias and name; blank lines and lines that begin with # are passed over.

    Raises
    ------
    InputError
        The file is not such a table; the message names file and line.
    """
    return _parse(operator_text(path), str(path))


def merge(packaged_names: Mapping[str, str], operator: Mapping[str, str]) -> dict[str, str]:
    """Return both tables as one; what the operator names, as alias or as name, the packaged table does not change."""
    settled = operator.keys() | set(operator.values())
    return {alias: name for alias, name in packaged_names.items() if alias not in settled} | dict(operator)


def _parse(text: str, file: str) -> dict[str, str]:
    names: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, cells in _rows(text, file):
        alias, name = cells
        if names.get(alias, name) != name:
            raise InputError(f'{file}, line {number}: {alias} is {names[alias]} in line {lines[alias]}; keep one of the two')
        names[alias], lines[alias] = name, number
    for alias in names:
        _refuse_circle(alias, names, file, lines)
    return names


def _rows(text: str, file: str) -> list[tuple[int, tuple[str, str]]]:
    rows = []
    numbered = [(k, line) for k, line in enumerate(text.splitlines(), start=1) if line.strip() and not line.startswith('#')]
    for number, line in numbered:
        try:
            cells = [tidy_cell(cell) for cell in next(csv.reader([line]))]
        except csv.Error as error:
            raise InputError(f'{file}, line {number}: {error}') from None
        if [cell.lower() for cell in cells] == HEAD:
            continue
        if len(cells) != 2 or not all(cells):
            raise InputError(f'{file}, line {number}: expected alias,name but found {line!r}')
        rows.append((number, (cells[0], cells[1])))
    return rows


def tidy_cell(cell: str) -> str:
    """Return a name as `hstlc.science.targetnames.tidy` has it: upper case, blanks as hyphens."""
    return '-'.join(cell.upper().split())


def _refuse_circle(alias: str, names: Mapping[str, str], file: str, lines: Mapping[str, int]) -> None:
    seen = [alias]
    while (name := names.get(seen[-1])) is not None and name != seen[-1]:
        if name in seen:
            raise InputError(
                f'{file}, line {lines[alias]}: {" -> ".join([*seen, name])} goes round in a circle; leave one line out'
            )
        seen.append(name)
