"""Writing files so that a name only ever holds a whole file, and only changes when its content does."""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hstlc.errors import StateError
from hstlc.parts import part_beside, remove

BLOCK = 1 << 20
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path` to write to; at the end it replaces `path` if its content differs.

    Nothing changes when the body raises. An unchanged file keeps its modification time, so that nothing below it runs again.

    Raises
    ------
    StateError
        The disk is full, or the folder cannot be written.
    """
    part = part_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch(exist_ok=False)
        yield part
        if same_content(part, path):
            return
        os.chmod(part, _mode())
        _sync(part)
        os.replace(part, path)
    except OSError as error:
        if _is_of_writing(error, part, path):
            raise StateError(_why_not(path, error)) from error
        raise
    finally:
        remove(part)


def _is_of_writing(error: OSError, part: Path, path: Path) -> bool:
    """Whether an error is of the file that is written, and not of another one that its writer reads."""
    if error.errno is None:
        return str(error).startswith('Not enough space')  # astropy's own words
    named = {str(name) for name in (error.filename, error.filename2) if name is not None}
    return error.errno in FULL or not named or bool(named & {str(part), str(path), str(path.parent)})


def _why_not(path: Path, error: OSError) -> str:
    if error.errno is None or error.errno in FULL:
        return f'cannot write {path}: the disk is full; make room, then the next doit goes on'
    return f'cannot write {path}: {error.strerror}; check the permissions of {path.parent}, then the next doit goes on'


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
    """Move a file; `target` holds it whole or not at all, also across file systems. An equal file there stays as it is.

    Raises
    ------
    StateError
        The disk is full, or a folder cannot be written; the source is still there.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if same_content(source, target):
            source.unlink()
        elif source.is_symlink():
            _move_link(source, target)
        else:
            _rename(source, target)
    except OSError as error:
        why = 'the disk is full' if error.errno in FULL else error.strerror
        raise StateError(f'cannot move {source} to {target}: {why}; check permissions and free space') from error


def _rename(source: Path, target: Path) -> None:
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with replacing(target) as part:
            shutil.copyfile(source, part)
        _sync(target.parent)  # the new name is on the disk before the old one goes, also when the power does
        source.unlink()


def _move_link(source: Path, target: Path) -> None:
    """Move a link so that it leads to the same file; the file stays where it is, nothing is copied from it."""
    part = part_beside(target)
    try:
        part.symlink_to(os.path.realpath(source))
        os.replace(part, target)
    finally:
        remove(part)
    source.unlink()


def put_aside(path: Path, folder: Path) -> Path:
    """Move a file into `folder` under its own name, numbered where that is taken; return where it went."""
    target, number = folder / path.name, 1
    while target.exists() and not same_content(path, target):
        number += 1
        target = folder / f'{path.name}.{number}'
    move(path, target)
    return target
