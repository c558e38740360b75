"""The one place that builds task dictionaries, and the helpers that decide what is up to date."""

import functools
import hashlib
import inspect
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from doit import create_after
from doit.exceptions import InvalidTask, TaskFailed

from hstlc import compute
from hstlc.errors import HstlcError, StateError
from hstlc.files.output import sha256
from hstlc.files.tables import packaged
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.tasks.made import state
from hstlc.tasks.session import Session, current

Task = dict[str, Any]
Creator = Callable[[], Iterator[Task]]
OPENING = 'hstlc.steps.home:open_home'


@dataclass(frozen=True)
class Step:
    """A step of the pipeline as tasks know it."""

    function: str  # 'module:name', imported only when it runs
    version: int = 1  # raised when the same input gives another output than before
    settings: tuple[str, ...] = ()  # the settings that it uses; changing another one does not run it again
    tables: tuple[str, ...] = ()  # of hstlc/data, likewise
    heavy: bool = False  # goes to a cluster where there is one; may be begun anew when its worker is lost


def after(stage: str) -> Callable[[Creator], Creator]:
    """Delay a creator until every task of another stage has run; its own errors become one calm message.

    The group of its tasks has nothing to do itself. Doit would call that undone, and start its processes for it in every run.
    """

    def decorate(creator: Creator) -> Creator:
        @functools.wraps(creator)
        def calm() -> Iterator[Task]:
            yield {'basename': creator.__name__.removeprefix('task_'), 'name': None, 'doc': creator.__doc__, 'uptodate': [True]}
            try:
                yield from creator()
            except OSError as error:
                raise InvalidTask(_of_the_system(error, creator.__name__)) from error

        return cast(Creator, create_after(executed=stage)(calm))

    return decorate


def listing(read: Callable[[], Any]) -> Any:
    """Read what a creator needs; an error of the archive ends the run with its message instead of a traceback.

    Raises
    ------
    InvalidTask
        Reading raised an error of hstlc.
    """
    try:
        return read()
    except HstlcError as error:
        raise InvalidTask(str(error)) from error


def build(
    name: str,
    step: Step,
    *arguments: Any,
    file_dep: Iterable[str] = (),
    targets: Iterable[str] = (),
    watched: Sequence[str] = (),
    uptodate: Sequence[Any] = (),
    config: Mapping[str, Any] | None = None,
    clean: Sequence[Any] = (),
    **more: Any,
) -> Task:
    """Return the dictionary of a sub-task.

    Parameters
    ----------
    name : str
        Of the sub-task.
    step : Step
        Called with the settings and `arguments`, in a worker process.
    file_dep, targets : iterable of str
        Absolute names.
    watched : sequence of str
        Files that the step makes, or may make: it runs again when one is no more as the step left it, because somebody edited it.
    uptodate : sequence
        Further conditions; all must hold.
    config : mapping, optional
        What else runs the step again when it changes; JSON-safe.
    clean : sequence
        What `doit clean` does.
    """
    session = current()
    return {
        'name': name.replace('=', '-'),
        'actions': [(_performer(step, session), [step.function, session.logfile, session.settings, *arguments])],
        'file_dep': list(file_dep),
        'targets': list(targets),
        'uptodate': [Same(_digest_of(step, config), watched), *uptodate],
        'task_dep': ['_open'],
        'io': {'capture': False},
        'verbosity': 2,
        'clean': list(clean) if 'clean' in session.words[:1] else [],
        **more,
    }


class Same:
    """Whether what a step uses beside files is what it was, and what it made is as it left it.

    The first is `doit.tools.config_changed` on a hash that many tasks share; the second is of times and sizes of files. Doit asks
    every condition for its signature, which takes longer than the answer where it is not written down.
    """

    __signature__ = inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ('task', 'values')]
    )
    __slots__ = ('digest', 'watched')

    def __init__(self, digest: str, watched: Sequence[str] = ()) -> None:
        self.digest = digest
        self.watched = watched

    def configure_task(self, task: Any) -> None:
        """Have the hash saved with the task."""
        task.value_savers.append(self._saved)

    def _saved(self) -> dict[str, Any]:
        return {'_config_changed': self.digest, **({'made': state(self.watched)} if self.watched else {})}

    def __call__(self, task: Any, values: Mapping[str, Any]) -> bool:
        """Whether the hash is that of the last success, and the files are those that it made."""
        return values.get('_config_changed') == self.digest and (not self.watched or values.get('made') == state(self.watched))

    def __repr__(self) -> str:
        return 'its settings, its version, or the files that it made'


def _digest_of(step: Step, config: Mapping[str, Any] | None) -> str:
    return _digest_of_step(step) if config is None else _md5({**_used(step), **config})


@functools.cache
def _digest_of_step(step: Step) -> str:
    return _md5(_used(step))


@functools.cache
def _used(step: Step) -> dict[str, Any]:
    tables = {name: hashlib.md5(packaged(name).encode(), usedforsecurity=False).hexdigest() for name in step.tables}
    return {'version': step.version, **tables, **current().settings.subset(*step.settings)}


def _md5(value: dict[str, Any]) -> str:
    return hashlib.md5(json.dumps(value, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def _performer(step: Step, session: Session) -> Callable[..., Any]:
    return submit if step.heavy and session.settings.scheduler and session.requested is None else perform


def perform(step: str, log: str, settings: Settings, *arguments: Any, **options: Any) -> Any:
    """Run a step where doit put it; an expected failure becomes one sentence, with its traceback in the log."""
    return _result(step, settings, partial(compute.run, step, log, settings, *arguments, **options))


def submit(step: str, log: str, settings: Settings, *arguments: Any) -> Any:
    """Run a step on the cluster, and wait for it; failures become what they become here."""
    return _result(step, settings, partial(compute.cluster(settings).run, step, log, settings, *arguments))


def _result(step: str, settings: Settings, call: Callable[[], Any]) -> Any:
    try:
        _require_home(step, settings)
        said = call()
    except HstlcError as error:
        return _failed(step, str(error), error.exit_code)
    except OSError as error:
        return _failed(step, _of_the_system(error, step), 1)
    return {'said': said} if isinstance(said, str) else None


def _of_the_system(error: OSError, doing: str) -> str:
    return f'{error.filename or doing}: {error.strerror or error}; check that it is there, its permissions and its disk'


def _failed(step: str, message: str, exit_code: int) -> TaskFailed:
    logging.getLogger(__name__).exception('%s', step)
    failed = TaskFailed(message)
    failed.exit_code = exit_code
    return failed


def _require_home(step: str, settings: Settings) -> None:
    """Make sure that the home is still there, or a step would begin another one under its mount point.

    Raises
    ------
    StateError
        It is not.
    """
    if current().requested is None and step != OPENING and not Paths(settings).marker.is_file():
        raise StateError(f'{settings.home} vanished while the run went on; is its disk mounted? The next doit goes on from here')


def cleaning(step: str, *arguments: Any) -> list[Any]:
    """Return what `doit clean` does for a task: a step that removes what it made."""
    return [(_clean, [step, *arguments])]


def _clean(step: str, *arguments: Any) -> None:
    compute.run(step, '', current().settings, *arguments)


def digest(value: Any) -> str:
    """Return a hash of JSON-safe data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def fingerprint(*folders: str) -> str:
    """Return a hash of the names, times and sizes of everything below folders; of files, when given those."""
    return digest([_listing(folder) for folder in folders])


def _listing(path: str) -> list[tuple[str, int, int]]:
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        found = os.stat(path)
        return [(path, found.st_mtime_ns, found.st_size)]
    found_here: list[tuple[str, int, int]] = []
    for entry in entries:
        if entry.is_dir():
            found_here += _listing(entry.path)
        else:
            info = entry.stat()
            found_here.append((entry.path, info.st_mtime_ns, info.st_size))
    return found_here


@functools.cache
def content_digest(*folders: str) -> str:
    """Return a hash of the content of everything below folders, whatever its times: for what is installed with hstlc."""
    hashes = []
    for folder in folders:
        top = Path(folder)
        files = sorted(top.rglob('*')) if top.is_dir() else [top]
        hashes += [
            (str(file.relative_to(top)), sha256(file)) for file in files if file.is_file() and '__pycache__' not in file.parts
        ]
    return digest(hashes)
