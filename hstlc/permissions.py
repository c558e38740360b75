"""Access to the archive: a group's own, with a site that everyone can read."""

import grp
import os
import stat
from pathlib import Path

from hstlc.errors import SettingsError, StateError
from hstlc.paths import Paths

FOLDER = 0o2770  # rwxrws---: new files inherit the group
FILE = 0o660
SITE_FOLDER = 0o2775
SITE_FILE = 0o664
UMASK = 0o007
PASSABLE = 0o001  # others may walk through to the site


def group_id(name: str) -> int:
    """Return the number of a group.

    Raises
    ------
    SettingsError
        This machine has no group of that name.
    """
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise SettingsError(
            f"setting 'group': there is no group {name!r} on this machine; name one of yours or leave it out"
        ) from None


def prepare(paths: Paths) -> None:
    """Let this process create files for the group only, when the settings name one."""
    if paths.settings.group:
        os.umask(UMASK)


def settle(paths: Paths) -> None:
    """Give every file and folder of the archive its group and mode; what has them already is left alone.

    Raises
    ------
    SettingsError
        The group does not exist.
    StateError
        A file belongs to somebody else.
    """
    if not paths.settings.group:
        return
    group = group_id(paths.settings.group)
    for top in paths.tops():
        _settle_tree(top, group, paths.site)
    for folder in paths.site.parents:
        if folder.is_relative_to(paths.home):
            _set(folder, group, FOLDER | PASSABLE)


def _settle_tree(top: Path, group: int, site: Path) -> None:
    for folder, _, names in os.walk(top):
        public = Path(folder).is_relative_to(site)
        if Path(folder) not in site.parents:
            _set(Path(folder), group, SITE_FOLDER if public else FOLDER)
        for name in names:
            _set(Path(folder, name), group, SITE_FILE if public else FILE)


def _set(path: Path, group: int, mode: int) -> None:
    if path.is_symlink():
        return
    try:
        found = path.stat()
        if found.st_gid != group:
            os.chown(path, -1, group)
            found = path.stat()
        if stat.S_IMODE(found.st_mode) != mode:
            path.chmod(mode)
    except FileNotFoundError:
        return
    except PermissionError:
        raise StateError(f'{path} cannot be given to the group: it belongs to user {path.stat().st_uid}; ask its owner') from None
