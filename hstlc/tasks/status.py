"""The task `status`, which says what a run would do and why, and does nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from doit.dependency import Dependency, SqliteDB
from doit.exceptions import InvalidTask, TaskFailed
from doit.loader import generate_tasks

from hstlc.errors import HstlcError
from hstlc.steps.home import check_home
from hstlc.tasks import exposures, index, kept, lightcurves, site
from hstlc.tasks.building import Creator, Same, Task
from hstlc.tasks.filechanges import FileChanged
from hstlc.tasks.session import Session, current

CREATORS: tuple[tuple[str, Creator], ...] = (
    ('ingest', exposures.task_ingest), ('corrtag', exposures.task_corrtag), ('lightcurve', exposures.task_lightcurve),
    ('targets', lightcurves.task_targets), ('composite', lightcurves.task_composite), ('stats', lightcurves.task_stats),
    ('catalog', lightcurves.task_catalog), ('plots', site.task_plots), ('pages', site.task_pages), ('index', index.task_index),
    ('guide', index.task_guide), ('prune', index.task_prune), ('check', index.task_check),
)  # fmt: skip
SHOWN = 3
WORDS = (  # doit's reasons, the first that applies counts
    ('missing_target', 'what it makes is missing'),
    ('uptodate_false', 'a reference file came'),
    ('changed_file_dep', 'its files changed'),
    ('missing_file_dep', 'its files are missing'),
    ('added_file_dep', 'it has other files than before'),
    ('removed_file_dep', 'it has other files than before'),
)
Whys = Mapping[str, list[str]]  # names of sub-tasks by reason


def task_status() -> Iterator[Task]:
    """Say what doit would do and why, and do nothing (on request)."""
    yield {'basename': 'status', 'actions': [(say,)], 'uptodate': [False], 'io': {'capture': False}, 'verbosity': 2}


def say() -> Any:
    """Return the report as what a task says."""
    session = current()
    try:
        check_home(session.settings)
        return {'said': '\n'.join(status(session))}
    except (HstlcError, InvalidTask) as error:
        return TaskFailed(str(error))


def status(session: Session) -> list[str]:
    """Return a line per stage that has something to do, from the records and doit's state as they are.

    What follows from a task that would run is said to follow; what new exposures bring is known only when they are in.
    """
    state = session.paths.state
    known = Dependency(SqliteDB, str(state) if state.is_file() else ':memory:', FileChanged)
    kept.recall(known.backend._conn)
    lines, current_tasks, changed = [], 0, set[str]()
    for stage, creator in CREATORS:
        tasks = [task for task in generate_tasks(stage, creator(), creator.__doc__) if task.actions]
        whys = _whys(known, tasks, changed)
        stale = sum(map(len, whys.values()))
        current_tasks += len(tasks) - stale
        if stale:
            lines.append(f'{stage:<11} {stale} of {len(tasks)}: ' + '; '.join(_said(why, names) for why, names in whys.items()))
    if any(line.startswith('ingest') for line in lines):
        lines.append('What new exposures bring with them comes on top: light curves, composites, statistics, figures, pages.')
    return [*lines, f'{"Nothing to do" if not lines else "Up to date"}: {current_tasks} tasks']


def _whys(known: Any, tasks: list[Any], changed: set[str]) -> Whys:
    whys = defaultdict(list)
    for task in tasks:
        why = _why(known, task, changed)
        if why is not None:
            whys[why].append(task.name.partition(':')[2])
            changed.update(task.targets)
    return whys


def _why(known: Any, task: Any, changed: set[str]) -> str | None:
    """Return why a task would run, the first reason that applies; None where it would not."""
    if task.name.startswith('ingest:'):
        return 'files in ingest/'
    found = known.get_status(task, {}, get_log=True)
    if found.status != 'up-to-date' and not known.get_values(task.name):
        return 'never made'
    if changed.intersection(task.file_dep):
        return 'follows from the tasks above'
    if found.status == 'up-to-date':
        return None
    return _reason(found.reasons, known.get_values(task.name).get('_config_changed'))


def _reason(reasons: Mapping[str, Any], digest: str | None) -> str:
    for same in (condition[0] for condition in reasons['uptodate_false'] if isinstance(condition[0], Same)):
        return 'what it made was edited or lost' if same.digest == digest else 'settings, program, templates or records changed'
    for kind, words in WORDS:
        if reasons[kind]:
            return words
    return 'its state is not known'


def _said(why: str, names: list[str]) -> str:
    return f'{why} ({", ".join(names[:SHOWN])}{f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""})'
