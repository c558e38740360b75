"""The home directory: checked before anything is written, then furnished."""

import logging
import os
from pathlib import Path

from hstlc.errors import SettingsError, StateError, some
from hstlc.files.output import write_text
from hstlc.parts import sweep
from hstlc.paths import MARKER, Paths
from hstlc.permissions import group_id
from hstlc.settings import CONFIG_NAME, Settings
from hstlc.steps.inside import check_links

log = logging.getLogger(__name__)
MARKER_TEXT = 'This folder is an archive of hstlc.\n'
OWN_NAMES = frozenset(
    {
        'ingest', 'filesystem', 'bad_data', 'outputs', 'plots', 'records', 'download', 'logs', 'site', 'delivery', 'references',
        'put_aside', 'hstlc.json', '.hstlc-catalog', '.doit.db', '.lock', 'truth', MARKER, CONFIG_NAME,
    }
)  # fmt: skip
DISTINCT = (
    'home', 'ingest', 'filesystem', 'bad_data', 'outputs', 'composites', 'plots', 'logs', 'download', 'site', 'records',
)  # fmt: skip
KEPT = ('home', 'ingest', 'filesystem', 'bad_data', 'records', 'references', 'put_aside', 'download')
REMOVABLE = ('outputs', 'composites', 'plots', 'site')


def check_home(settings: Settings) -> None:
    """Make sure that the home may be used, and that a named group exists; writes nothing.

    Raises
    ------
    StateError
        The home is a file, or a folder with other people's files in it, or one of its folders is a link that leads out of it.
    SettingsError
        Two settings name one folder, or the group does not exist.
    """
    paths = Paths(settings)
    _check_distinct(paths)
    if settings.group:
        group_id(settings.group)
    home = paths.home
    if not home.exists():
        return
    if not home.is_dir():
        raise StateError(f"{home} is a file, but the setting 'home' needs a folder; name another one")
    if not paths.marker.exists():
        _check_foreign(home, settings)
    check_links(paths)


def _check_foreign(home: Path, settings: Settings) -> None:
    own = OWN_NAMES | {settings.operator_list, settings.aliases}
    foreign = sorted(name for name in os.listdir(home) if name not in own and not name.startswith('.doit.db'))
    if foreign:
        raise StateError(
            f'{home} holds files that are not of hstlc ({some(foreign)}); '
            f'choose an empty folder as home, or create an empty file {MARKER} in this one if it is the right one'
        )


def _check_distinct(paths: Paths) -> None:
    named: dict[Path, str] = {}
    for name in DISTINCT:
        folder = getattr(paths, name)
        if folder in named:
            raise SettingsError(f'{folder} cannot be both {named[folder]} and {name}; give one of them another folder')
        named[folder] = name
    for kept in KEPT:
        for made in REMOVABLE:
            inside, outside = getattr(paths, kept), getattr(paths, made)
            if inside.resolve().is_relative_to(outside.resolve()):
                raise SettingsError(f'{kept} cannot lie in {made} ({outside}), which reset empties; give it another folder')


def open_home(settings: Settings) -> None:
    """Create the folders of the home and mark it as one.

    Raises
    ------
    StateError
        A folder cannot be created.
    """
    check_home(settings)
    paths = Paths(settings)
    for folder in paths.folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(f'cannot create the folder {folder}: {error.strerror}; check its permissions') from error
    write_text(paths.marker, MARKER_TEXT)


def sweep_home(settings: Settings) -> int:
    """Remove what killed runs have left half-written; return how many files. Only for the one who holds the lock."""
    gone = sweep(Paths(settings).tops())
    for part in gone:
        log.info('removed %s, which a run that was killed had not finished', part)
    return len(gone)


def is_furnished(settings: Settings) -> bool:
    """Whether every folder is there and the home is marked."""
    paths = Paths(settings)
    return paths.marker.is_file() and all(folder.is_dir() for folder in paths.folders())
