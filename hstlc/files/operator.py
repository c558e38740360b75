"""The operator's list: exposures that are excluded or accepted whatever the checks say, each with a reason that is published."""

import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hstlc.errors import InputError
from hstlc.files.tables import operator_text

COLUMNS = ('rootname', 'action', 'reason')


class Action(StrEnum):
    """What the operator wants."""

    EXCLUDE = 'exclude'
    ACCEPT = 'accept'


@dataclass(frozen=True)
class Decision:
    """The operator's word on one exposure."""

    action: Action  # exclude or accept
    reason: str  # published with the exposure


def read_operator_list(path: Path) -> dict[str, Decision]:
    """Read the list, a CSV file with the columns rootname, action, reason; empty where there is no file.

    Raises
    ------
    InputError
        The file is no table, a column is missing, an action is neither exclude nor accept, or a reason is empty; names
        file and line.
    """
    if not path.is_file():
        return {}
    reader = csv.DictReader(io.StringIO(operator_text(path), newline=''))
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InputError(f'{path}: the first line must be {",".join(COLUMNS)}')
        return dict(_decision(row, f'{path}, line {reader.line_num}') for row in reader)
    except csv.Error as error:
        raise InputError(f'{path}, line {reader.line_num}: {error}') from None


def _decision(row: dict[str, str | None], place: str) -> tuple[str, Decision]:
    rootname, action, reason = ((row[name] or '').strip() for name in COLUMNS)
    if action not in tuple(Action) or not reason or not rootname:
        raise InputError(f'{place}: write rootname, exclude or accept, and a reason')
    return rootname.lower(), Decision(Action(action), reason)
