"""How doit runs: `DOIT_CONFIG` of dodo.py."""

import atexit
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

from doit.exceptions import InvalidDodoFile

from hstlc import compute
from hstlc.errors import HstlcError, StateError
from hstlc.lock import Lock
from hstlc.reporter import Reporter
from hstlc.steps.home import check_home
from hstlc.tasks.commandline import STAGES, list_in_order, refuse_misspelt
from hstlc.tasks.filechanges import FileChanged
from hstlc.tasks.session import Session, current
from hstlc.tasks.state import mend

NO_STATE = ':memory:'  # a database of sqlite that is never written


def configuration() -> dict[str, Any]:
    """Return doit's configuration; the home is checked, and created where doit needs a place for its state.

    Raises
    ------
    InvalidDodoFile
        The settings or the home cannot be used; doit shows the message without traceback.
    """
    gc.set_threshold(200_000, 20, 100)  # a run makes many objects that live to its end
    try:
        session = current()
        refuse_misspelt(session.words)
        list_in_order()
        if session.only_looks:
            _end_with_reader()
        state = _state(session)
    except HstlcError as error:
        raise InvalidDodoFile(str(error)) from error
    processes = 0 if session.requested else compute.in_flight(session.settings)
    return {
        'default_tasks': list(STAGES),
        'sort': 'definition',
        'reporter': Reporter,
        'continue': True,
        'verbosity': 2,
        'num_process': processes if processes > 1 else 0,
        'par_type': 'thread' if session.settings.scheduler else 'process',
        'backend': 'sqlite3',
        'dep_file': state,
        'check_file_uptodate': FileChanged,
    }


def _state(session: Session) -> str:
    """Return where doit keeps what it knows; a command that only looks creates no home."""
    if not session.needs_home:
        return NO_STATE
    check_home(session.settings)
    if session.only_looks and not session.paths.home.is_dir():
        return NO_STATE
    if session.changes_alone:
        lock = Lock(session.paths.lock)
        lock.take()
        atexit.register(lock.release)
    elif not session.only_looks:
        _make(session.paths.home)
        said = mend(session.paths)
        sys.stderr.write(f'{said}\n' if said else '')
    return str(session.paths.state)


def _make(home: Path) -> None:
    """Create the home, and make sure before doit opens its state there that it can be written."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f'cannot create {home}: {error.strerror}; check permissions, or name another folder as home') from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise StateError(f'{home} cannot be written; check its permissions, and that its disk is not read-only')


def _end_with_reader() -> None:
    """Let `doit list | head` end like any program of Unix whose reader leaves, instead of with a traceback."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
