"""What one call of doit knows: settings, paths, what was asked for."""

import functools
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from doit import get_initial_workdir

from hstlc import logs, settings
from hstlc.paths import Paths
from hstlc.settings import Settings

ON_REQUEST = (
    'download', 'references', 'names', 'demo', 'serve', 'publish', 'deliver', 'status', 'reset',
)  # fmt: skip  # run only when they are named; in the order of `doit list`
WITHOUT_HOME = ('demo', 'serve', 'status')  # touch nothing in the home: no lock, no log, no state
LOOKING = ('list', 'info', 'help', 'dumpdb', 'tabcompletion', 'clean', 'forget', 'ignore', 'reset-dep', 'strace')
CHANGING = ('clean', 'forget', 'ignore', 'reset-dep')  # of those, what must not happen while a run goes on
VALUED = (
    '-f', '-d', '-n', '-P', '-r', '-o', '-v', '--file',
    '--dir', '--process', '--table', '--port', '--reporter', '--limit', '--target', '--program', '--max-bytes',
)  # fmt: skip  # options whose value is the next word


@dataclass(frozen=True)
class Session:
    """One call of doit."""

    settings: Settings
    words: tuple[str, ...]  # the words of the command line
    started: datetime
    folder: Path  # of dodo.py

    @cached_property
    def paths(self) -> Paths:
        """Where everything is."""
        return Paths(self.settings)

    @property
    def requested(self) -> str | None:
        """The task on request that was asked for, if any."""
        return next((word for word in self.words if word in ON_REQUEST), None)

    @property
    def only_looks(self) -> bool:
        """Whether the command runs no task."""
        return bool(self.words) and self.words[0] in LOOKING

    @property
    def changes_alone(self) -> bool:
        """Whether the command runs no task, but must not meet a run."""
        return bool(self.words) and self.words[0] in CHANGING

    @property
    def needs_home(self) -> bool:
        """Whether the command reads or writes the archive."""
        return self.requested not in WITHOUT_HOME

    @property
    def today(self) -> str:
        """The day, ISO 8601, UTC."""
        return f'{self.started:%Y-%m-%d}'

    @cached_property
    def logfile(self) -> str:
        """The log of this run."""
        asked = [word for word in self.words if word != 'run']
        return str(self.paths.logs / logs.log_name(asked[0] if asked else 'doit', self.started))

    def log(self) -> Path:
        """Return the log of this run."""
        return Path(self.logfile)


@functools.cache
def current() -> Session:
    """Return this call's session; the settings are read once.

    Raises
    ------
    SettingsError
        A setting is unknown or of the wrong kind.
    """
    return make(os.environ, sys.argv[1:], Path.cwd(), Path(get_initial_workdir() or Path.cwd()))


def make(environ: Mapping[str, str], arguments: Sequence[str], dodo_dir: Path, called_from: Path) -> Session:
    """Return the session of a command line; folders of the environment are relative to where doit was called."""
    resolved = dict(environ)
    for name in ('HSTLC_HOME', 'HSTLC_CONFIG'):
        if resolved.get(name):
            resolved[name] = os.path.abspath(called_from / os.path.expanduser(resolved[name]))
    chosen = settings.load(resolved, dodo_dir)
    return Session(settings=chosen, words=tuple(_words(arguments)), started=datetime.now(UTC), folder=dodo_dir)


def _words(arguments: Sequence[str]) -> list[str]:
    """Return the arguments that are neither options, nor their values, nor variables."""
    words, value_follows = [], False
    for argument in arguments:
        if value_follows:
            value_follows = False
        elif argument in VALUED:
            value_follows = True
        elif not argument.startswith('-') and '=' not in argument:
            words.append(argument)
    return words
