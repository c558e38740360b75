"""Tasks that use the network, each only when it is asked for: download, references, names."""

import sys
from collections.abc import Iterator
from typing import Any

from doit.exceptions import TaskFailed

from hstlc.tasks.building import Step, Task, build, perform
from hstlc.tasks.session import current

DOWNLOAD = 'hstlc.steps.download:download'
REFERENCES = 'hstlc.steps.references:get_references'
NAMES = Step('hstlc.steps.names:find_names')


def _single(name: str, task: Task, **more: Any) -> Task:
    return {**{key: value for key, value in task.items() if key != 'name'}, 'basename': name, **more}


def _option(name: str, kind: type, default: Any, text: str) -> dict[str, Any]:
    return {'name': name, 'long': name.replace('_', '-'), 'type': kind, 'default': default, 'help': text}


OPTIONS = [
    _option('dry_run', bool, False, 'only say what would be fetched'),
    _option('limit', int, 0, 'fetch so many datasets at most, the smallest first'),
    _option('target', str, '', 'only this target; several with commas between them'),
    _option('program', str, '', 'only this programme; several with commas between them'),
    _option('max_bytes', int, 0, 'refuse to fetch more bytes'),
    _option('accept_shrink', bool, False, 'believe a list that is much shorter than the last one'),
]


def task_download() -> Iterator[Task]:
    """Fetch what the archive of MAST has and this home lacks into ingest/ (on request)."""
    task = build('download', Step(DOWNLOAD), uptodate=[False])
    yield _single('download', task, actions=[(fetch,)], params=OPTIONS)


def task_references() -> Iterator[Task]:
    """Fetch reference files that exposures name and that are not on this machine (on request)."""
    task = build('references', Step(REFERENCES), uptodate=[False])
    yield _single('references', task, actions=[(fetch_references,)])


def task_names() -> Iterator[Task]:
    """Ask a name service which targets may be one object (on request)."""
    yield _single('names', build('names', NAMES, uptodate=[False]))


def fetch(dry_run: bool, limit: int, target: str, program: str, max_bytes: int, accept_shrink: bool) -> Any:
    """Run a download with the options of the command line."""
    from hstlc.steps.transfer import Request

    programs = [item.strip() for item in program.split(',') if item.strip()]
    if not all(item.isdigit() for item in programs) or limit < 0 or max_bytes < 0:
        return TaskFailed('--program takes numbers of programmes, --limit and --max-bytes whole numbers')
    request = Request(
        dry_run=dry_run,
        limit=limit,
        targets=tuple(item.strip() for item in target.split(',') if item.strip()),
        programs=tuple(map(int, programs)),
        max_bytes=max_bytes,
        accept_shrink=accept_shrink,
    )
    session = current()
    return perform(DOWNLOAD, str(session.log()), session.settings, request, sys.stdout)


def fetch_references() -> Any:
    """Run the fetching of reference files."""
    session = current()
    return perform(REFERENCES, str(session.log()), session.settings, sys.stdout)
