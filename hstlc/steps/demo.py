"""The demo: a simulated archive, with everything run on it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from hstlc.errors import StateError
from hstlc.paths import Paths, shared
from hstlc.settings import Settings, load
from hstlc.simulate.archive import write_archive
from hstlc.steps.home import check_home, open_home


def make_demo(settings: Settings, folder: Path) -> str:
    """Simulate exposures in `folder`/ingest and run the pipeline there in a process of its own.

    Returns
    -------
    str
        Where the site is and how to look at it.

    Raises
    ------
    StateError
        The folder holds something else, or the pipeline failed.
    """
    own = load({'HSTLC_HOME': str(folder)}, folder)
    check_home(own)
    open_home(own)
    paths = Paths(own)
    if not any(paths.records.glob('*.json')):
        write_archive(folder)
    finished = subprocess.run([sys.executable, '-m', 'doit', '-f', str(shared('dodo.py'))], env=_environment(folder), check=False)
    if finished.returncode != 0:
        raise StateError(f'the demo did not finish; its log in {paths.logs} says why')
    return f'\nThe demo is ready: {paths.site / "index.html"}\nLook at it with:   HSTLC_HOME={_short(folder)} doit serve'


def _environment(folder: Path) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(('HSTLC_', 'DOIT_'))}
    return {**kept, 'HSTLC_HOME': str(folder)}


def _short(folder: Path) -> str:
    return folder.name if folder.parent == Path.cwd() else str(folder)
