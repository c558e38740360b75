"""Whether the files that a task made are as it left them: doit itself only looks whether they are there."""

import os
import zlib
from collections.abc import Sequence


def state(files: Sequence[str]) -> str:
    """Return a number for the times and sizes of files, 8 hexadecimal digits.

    Doit keeps it with the task: a time and a size for each file would be millions of numbers in a large archive.
    """
    return f'{zlib.crc32(repr([_time_and_size(name) for name in files]).encode()):08x}'


def _time_and_size(name: str) -> tuple[int, int]:
    try:
        info = os.stat(name)
    except OSError:
        return 0, -1
    return info.st_mtime_ns, info.st_size
