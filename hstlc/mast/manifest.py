"""The manifest: one line for every file that was asked for, appended and never changed; the last line of a file counts."""

import dataclasses
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from hstlc.errors import StateError
from hstlc.mast.fetch import put
from hstlc.mast.records import Entry, FileStatus

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
        text = ''.join(f'{_line(entry)}\n' for entry in entries)
        with self.lock:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open('ab+') as file:
                    if _is_torn(file.fileno()):
                        file.write(b'\n')
                    file.write(text.encode())
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                raise StateError(f'cannot write {self.path}: {error.strerror}; make room or check its permissions') from error
            self.lines += len(entries)
            self.entries.update({(entry.dataset, entry.name): entry for entry in entries})

    def compact(self) -> None:
        """Write the file anew where most of its lines no longer count."""
        if self.lines <= 2 * len(self.entries) + 100:
            return
        part = self.path.with_name(f'.{self.path.name}.{os.getpid()}.part')
        with part.open('w', encoding='utf-8') as file:
            file.writelines(f'{_line(entry)}\n' for _, entry in sorted(self.entries.items()))
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


def _is_torn(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b'\n'


def _line(entry: Entry) -> str:
    values = {key: value for key, value in dataclasses.asdict(entry).items() if value not in (None, False, 0)}
    return json.dumps(values, ensure_ascii=False)


def _entry(line: bytes) -> Entry | None:
    names = {item.name for item in dataclasses.fields(Entry)}
    try:
        values = {key: value for key, value in json.loads(line).items() if key in names}
        return Entry(**{**values, 'status': FileStatus(values['status']), 'name': values.get('name', '')})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
