"""One log per run, with the environment in its head."""

import contextlib
import importlib.metadata
import logging
import os
import platform
import re
import socket
from datetime import datetime
from pathlib import Path

from hstlc import __version__
from hstlc.parts import user_name
from hstlc.settings import Settings, names

FORMAT = '%(asctime)s %(levelname)-7s %(processName)s %(name)s: %(message)s'
PACKAGE = 'hstlc'


def log_name(command: str, now: datetime) -> str:
    """Return the name of a run's log: what was asked for, and when."""
    safe = re.sub(r'[^A-Za-z0-9._-]+', '-', command).strip('-.') or 'doit'
    return f'{safe[:60]}_{now:%Y-%m-%dT%H-%M-%S-%f}.log'


def start(path: Path, settings: Settings) -> None:
    """Begin a log with the environment: user, host, Python, package versions and settings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join(environment(settings)) + '\n\n', encoding='utf-8')
    attach(path)


class LogFile(logging.FileHandler):
    """A log that is given up quietly where it cannot be written: on a full disk the steps that need the space say so."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Do nothing, instead of a traceback on the terminal for every line."""

    def close(self) -> None:
        """Close the file; what could not be written stays unwritten."""
        with contextlib.suppress(OSError):
            super().close()


def attach(path: Path) -> None:
    """Let this process append to a log; doing it again does nothing."""
    root = logging.getLogger()
    if any(getattr(handler, 'baseFilename', None) == os.path.abspath(path) for handler in root.handlers):
        return
    handler = LogFile(path, mode='a', encoding='utf-8')
    handler.setFormatter(logging.Formatter(FORMAT))
    root.addHandler(handler)
    logging.getLogger(PACKAGE).setLevel(logging.INFO)
    logging.captureWarnings(True)


def detach() -> None:
    """Close the logs of this process."""
    root = logging.getLogger()
    for handler in [item for item in root.handlers if isinstance(item, logging.FileHandler)]:
        root.removeHandler(handler)
        handler.close()
    logging.captureWarnings(False)


def environment(settings: Settings) -> list[str]:
    """Return the lines of a log's head."""
    return [
        f'user      {user_name()}',
        f'host      {socket.gethostname()}',
        f'system    {platform.platform()}',
        f'python    {platform.python_version()}',
        *(f'package   {line}' for line in versions()),
        *(f'setting   {name} = {value!r}' for name, value in settings.subset(*names()).items()),
    ]


def versions() -> list[str]:
    """Return hstlc and the packages it needs, with their versions."""
    return [f'{PACKAGE} {__version__}', *(f'{requirement} {_version(requirement)}' for requirement in _requirements())]


def _requirements() -> list[str]:
    try:
        wanted = importlib.metadata.requires(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:  # run from a checkout that is not installed
        wanted = ['astropy', 'numpy', 'scipy', 'tinydb', 'jinja2', 'matplotlib', 'bokeh', 'mkdocs', 'doit']
    return sorted({re.split(r'[^A-Za-z0-9_.-]', item, maxsplit=1)[0] for item in wanted if 'extra ==' not in item})


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return 'not installed'
