"""Tasks that run only when they are asked for: demo, serve, publish, reset."""

import sys
from collections.abc import Iterator
from typing import Any

from hstlc.errors import HstlcError
from hstlc.tasks.building import Step, Task, build, perform
from hstlc.tasks.session import current

DEMO = Step('hstlc.steps.demo:make_demo')
PUBLISH = Step('hstlc.steps.publish:publish_site')
SERVE = Step('hstlc.steps.serve:serve_site')
RESET = 'hstlc.steps.reset:reset'
TABLES = ('production', 'metadata', 'outputs', 'stats', 'bad_data', 'all')


def _single(name: str, task: Task, **more: Any) -> Task:
    return {**{key: value for key, value in task.items() if key not in ('name', 'task_dep')}, 'basename': name, **more}


def task_demo() -> Iterator[Task]:
    """Simulate a small archive in demo/ and run everything on it (on request)."""
    yield _single('demo', build('demo', DEMO, current().folder / 'demo', uptodate=[False]))


def task_serve() -> Iterator[Task]:
    """Show the site in a browser on this machine, http://127.0.0.1:8000 (on request)."""
    port = {'name': 'port', 'long': 'port', 'type': int, 'default': 8000, 'help': 'port of the local preview'}
    yield _single('serve', build('serve', SERVE, uptodate=[False]), params=[port])


def task_publish() -> Iterator[Task]:
    """Put the site where the setting `publish` says, if it has no dead links (on request)."""
    yield _single('publish', build('publish', PUBLISH, uptodate=[False]))


def task_reset() -> Iterator[Task]:
    """Move files back to ingest/ and remove what was made from them (on request; asks first)."""
    task = build('reset', Step(RESET), uptodate=[False])
    yield _single('reset', task, actions=[(reset_if_sure,)], params=_RESET_OPTIONS)


_RESET_OPTIONS = [
    {'name': 'yes', 'long': 'yes', 'short': 'y', 'type': bool, 'default': False, 'help': 'do not ask'},
    {
        'name': 'filesystem',
        'long': 'filesystem',
        'type': bool,
        'default': False,
        'help': 'only files: back to ingest/, products removed',
    },
    {'name': 'database', 'long': 'database', 'type': bool, 'default': False, 'help': 'only the catalog and its records'},
    {
        'name': 'table',
        'long': 'table',
        'type': str,
        'default': '',
        'choices': [(name, '') for name in TABLES],
        'help': 'empty a table: production (metadata, outputs, stats), one of its names, bad_data, or all',
    },
]


def reset_if_sure(yes: bool, filesystem: bool, database: bool, table: str) -> Any:
    """Say what would be removed, ask, and do it."""
    from doit.exceptions import TaskFailed

    from hstlc.steps.reset import plan

    session = current()
    try:
        scope = plan(session.settings, filesystem=filesystem, database=database, table=table)
    except HstlcError as error:
        return TaskFailed(str(error))
    if not yes:
        if not sys.stdin.isatty():
            return TaskFailed('reset removes products; say doit reset --yes to do it without being asked')
        sys.stdout.write(f'{scope.describe()}\nGo on? [y/N] ')
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() not in ('y', 'yes'):
            return {'said': 'Nothing was changed.'}
    return perform(RESET, str(session.log()), session.settings, scope)
