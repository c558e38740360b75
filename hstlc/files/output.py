"""Writing files so that a name only ever holds a whole file, and only changes when its content does."""

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hstlc.errors import StateError

BLOCK = 1 << 20


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path` to write to; at the end it replaces `path` if its content differs.

    Nothing changes when the body raises. An unchanged file keeps its modification time, so that nothing below it runs again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, name = tempfile.mkstemp(prefix=f'.{path.name[:60]}.', suffix='.part', dir=path.parent)
    except OSError as error:
        raise StateError(f'cannot write in {path.parent}: {error.strerror}; check its permissions and free space') from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
        if same_content(part, path):
            part.unlink()
            return
        os.chmod(part, _mode())
        _sync(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _mode() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def same_content(one: Path, other: Path) -> bool:
    """Whether two files exist and hold the same bytes."""
    try:
        if one.stat().st_size != other.stat().st_size or not stat.S_ISREG(other.stat().st_mode):
            return False
        with one.open('rb') as a, other.open('rb') as b:
            while block := a.read(BLOCK):
                if block != b.read(BLOCK):
                    return False
        return True
    except FileNotFoundError:
        return False


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole, or leave it alone where it holds that content already."""
    with replacing(path) as part:
        part.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text whole, or leave the file alone where it holds that content already."""
    write_bytes(path, content.encode('utf-8'))


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


def move(source: Path, target: Path) -> None:
    """Move a file; `target` holds it whole or not at all, also across file systems. An equal file there stays as it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if same_content(source, target):
        source.unlink()
        return
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise StateError(f'cannot move {source} to {target}: {error.strerror}; check permissions and free space') from error
        with replacing(target) as part:
            shutil.copyfile(source, part)
        source.unlink()


def put_aside(path: Path, folder: Path) -> Path:
    """Move a file into `folder` under its own name, numbered where that is taken; return where it went."""
    target, number = folder / path.name, 1
    while target.exists() and not same_content(path, target):
        number += 1
        target = folder / f'{path.name}.{number}'
    move(path, target)
    return target
