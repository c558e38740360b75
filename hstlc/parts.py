"""Half-written files: their names say who writes them, so that nobody else's are taken for left behind."""

import functools
import getpass
import hashlib
import os
import re
import secrets
import socket
import time
from collections.abc import Iterable
from pathlib import Path

PART = re.compile(r'\..+\.part')
SIGNED = re.compile(r'\..+\.([0-9a-f]{8})\.(\d+)\.[0-9a-f]{8}\.part')  # host, process
FORGOTTEN_S = 3600.0  # a part whose writer cannot be asked is nobody's after this time without a byte


def part_beside(path: Path) -> Path:
    """Return a name beside a file for what is written of it; it says by whom, so that `sweep` knows when nobody will finish it."""
    return path.with_name(f'.{path.name[:60]}.{_host()}.{os.getpid()}.{secrets.token_hex(4)}.part')


@functools.cache
def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def sweep(folders: Iterable[Path]) -> list[Path]:
    """Remove what killed processes have left half-written below some folders; return the files.

    To be called by the one who holds the lock of the home. The parts of other living processes of this host are left alone, and so
    are those of processes that cannot be asked, of other hosts, as long as something was written to them in the last hour.
    """
    found = {Path(top, name) for folder in folders for top, _, names in os.walk(folder) for name in names if PART.fullmatch(name)}
    gone = [part for part in sorted(found) if _is_left_behind(part)]
    for part in gone:
        remove(part)
    return gone


def remove(part: Path) -> None:
    """Remove a half-written file, if it is there and can be removed; where not, the error before says so, and `sweep` finds it."""
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return


def _is_left_behind(part: Path) -> bool:
    """Whether nobody will finish a part. This process writes nothing while it sweeps: what bears its number is of an older one."""
    signed = SIGNED.fullmatch(part.name)
    try:
        if signed and signed[1] == _host():
            return int(signed[2]) == os.getpid() or not is_alive(int(signed[2]))
        return time.time() - part.stat().st_mtime > FORGOTTEN_S
    except FileNotFoundError:
        return False


def is_alive(process: int) -> bool:
    """Whether a process of this host is alive."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _has_ended(process)


def _has_ended(process: int) -> bool:
    """Whether a process has ended, and Linux lists it until its parent asks for it; the first process of a container may never."""
    try:
        return Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0] == 'Z'
    except OSError:
        return False


def user_name() -> str:
    """Return who runs this process, by number where there is no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user id has no name
        return str(os.getuid())
