"""What the archive listed the last time, as a file, and what is at home."""

import dataclasses
import json
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from hstlc.mast.jsonlines import to_lines
from hstlc.mast.records import FILE_NAME, Dataset
from hstlc.paths import Paths


def list_text(datasets: Sequence[Dataset], *, time: str, query: str) -> str:
    """Return the text of the file: a head with time, question and number of datasets, then the datasets by name."""
    head = {'time': time, 'query': query, 'datasets': len(datasets)}
    ordered = sorted(datasets, key=lambda one: one.name)
    return to_lines((head, *map(dataclasses.asdict, ordered)))


def listed_before(path: Path) -> int | None:
    """Return how many datasets the last list had; None where there is none, or its head is damaged."""
    try:
        with path.open(encoding='utf-8') as file:
            return int(json.loads(file.readline())['datasets'])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _filed(paths: Paths) -> Iterator[os.DirEntry[str]]:
    """Yield every file of an exposure that waits or was filed."""
    filed = [entry.path for entry in os.scandir(paths.filesystem) if entry.is_dir()] if paths.filesystem.is_dir() else []
    for folder in (str(paths.ingest), str(paths.bad_data), *filed):
        for entry in os.scandir(folder) if os.path.isdir(folder) else ():
            if FILE_NAME.fullmatch(entry.name):
                yield entry


def present_files(paths: Paths) -> dict[str, set[int]]:
    """Return name and sizes of every file of an exposure that waits or was filed."""
    found: dict[str, set[int]] = {}
    for entry in _filed(paths):
        found.setdefault(entry.name, set()).add(entry.stat().st_size)
    return found


def places_of(paths: Paths, names: Collection[str]) -> list[Path]:
    """Return where files of these names wait or were filed."""
    return sorted(Path(entry.path) for entry in _filed(paths) if entry.name in names) if names else []
