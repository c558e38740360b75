"""The manifest: one line for every file that was asked for, appended and never changed; the last line of a file counts."""

import dataclasses
import json
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from hstlc.mast.fetch import put
from hstlc.mast.jsonlines import append, to_lines
from hstlc.mast.records import Entry, FileStatus
from hstlc.parts import part_beside

Key = tuple[str, str]  # dataset, file name


class Manifest:
    """Lines of JSON. A line that a killed run left torn is passed over.

    Parameters
    ----------
    path : Path
        The file; need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.entries: dict[Key, Entry] = {}
        self.lines = 0
        self.torn = 0
        for entry in self._read():
            self.entries[entry.dataset, entry.name] = entry

    def _read(self) -> Iterator[Entry]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        for line in content.splitlines():
            self.lines += 1
            entry = _entry(line)
            if entry is None:
                self.torn += 1
            else:
                yield entry

    def add(self, *entries: Entry) -> None:
        """Append entries; they are on the disk when this returns.

        Raises
        ------
        StateError
            The manifest cannot be written.
        """
        with self.lock:
            append(self.path, _text(entries))
            self.lines += len(entries)
            self.entries.update({(entry.dataset, entry.name): entry for entry in entries})

    def compact(self) -> None:
        """Write the file anew where most of its lines no longer count."""
        if self.lines <= 2 * len(self.entries) + 100:
            return
        part = part_beside(self.path)
        with part.open('w', encoding='utf-8') as file:
            file.write(_text(entry for _, entry in sorted(self.entries.items())))
            file.flush()
            os.fsync(file.fileno())
        put(part, self.path)
        self.lines = len(self.entries)

    def of_dataset(self) -> dict[str, list[Entry]]:
        """Return the entries of each dataset; that it had no file counts only where it never got one."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries.values():
            found.setdefault(entry.dataset, []).append(entry)
        return {name: [entry for entry in group if entry.name] or group for name, group in found.items()}


def _text(entries: Iterable[Entry]) -> str:
    """Return the lines of entries, without what is not known."""
    return to_lines(
        {key: value for key, value in dataclasses.asdict(one).items() if value not in (None, False, 0)} for one in entries
    )


def _entry(line: bytes) -> Entry | None:
    names = {item.name for item in dataclasses.fields(Entry)}
    try:
        values = {key: value for key, value in json.loads(line).items() if key in names}
        return Entry(**{**values, 'status': FileStatus(values['status']), 'name': values.get('name', '')})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
