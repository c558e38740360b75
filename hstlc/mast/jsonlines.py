"""Files with a JSON object on each line, appended to and never changed; readers pass over a line that a killed run left torn."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hstlc.errors import StateError


def to_lines(objects: Iterable[Mapping[str, Any]]) -> str:
    """Return objects as text, one on a line."""
    return ''.join(json.dumps(one, ensure_ascii=False) + '\n' for one in objects)


def append(path: Path, text: str) -> None:
    """Append whole lines; they are on the disk when this returns, and a torn line before them is ended.

    Raises
    ------
    StateError
        The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open('ab+') as file:
            if _is_torn(file.fileno()):
                file.write(b'\n')
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StateError(f'cannot write {path}: {error.strerror}; make room or check its permissions') from error


def _is_torn(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b'\n'
