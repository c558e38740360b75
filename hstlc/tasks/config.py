"""How doit runs: `DOIT_CONFIG` of dodo.py."""

import gc
from typing import Any

from doit.exceptions import InvalidDodoFile

from hstlc import compute
from hstlc.errors import HstlcError
from hstlc.reporter import Reporter
from hstlc.steps.home import check_home
from hstlc.tasks.building import FileChanged
from hstlc.tasks.session import Session, current

STAGES = (
    '_open', 'ingest', 'corrtag', 'lightcurve', 'targets', 'composite', 'stats', 'catalog', 'plots',
    'pages', 'guide', 'prune', 'check',
)  # fmt: skip
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
        state = _state(session)
    except HstlcError as error:
        raise InvalidDodoFile(str(error)) from error
    processes = 0 if session.requested else compute.cores(session.settings)
    return {
        'default_tasks': list(STAGES),
        'reporter': Reporter,
        'continue': True,
        'verbosity': 2,
        'num_process': processes if processes > 1 else 0,
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
    session.paths.home.mkdir(parents=True, exist_ok=True)
    return str(session.paths.state)
