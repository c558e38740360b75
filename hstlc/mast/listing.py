"""The last list of the archive, as a file: one line for each dataset."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from hstlc.mast.records import Dataset


def list_text(datasets: Sequence[Dataset], *, time: str, query: str) -> str:
    """Return the text of the file: a head with time, question and number of datasets, then the datasets by name."""
    head = {'time': time, 'query': query, 'datasets': len(datasets)}
    ordered = sorted(datasets, key=lambda one: one.name)
    return ''.join(json.dumps(line, ensure_ascii=False) + '\n' for line in (head, *map(dataclasses.asdict, ordered)))


def listed_before(path: Path) -> int | None:
    """Return how many datasets the last list had; None where there is none, or its head is damaged."""
    try:
        with path.open(encoding='utf-8') as file:
            return int(json.loads(file.readline())['datasets'])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
