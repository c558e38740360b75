"""Doit's reporter: the lock, the log, progress, and one summary at the end."""

import gc
import logging
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from doit import get_var
from doit.exceptions import InvalidTask, TaskFailed, UnmetDependency

from hstlc import compute, logs, permissions
from hstlc.errors import HstlcError, SettingsError, some
from hstlc.lock import Lock
from hstlc.paths import Paths
from hstlc.processes import end_workers, handle_signals
from hstlc.progress import Progress, Steady
from hstlc.steps.home import sweep_home
from hstlc.tasks.archive import read_ahead
from hstlc.tasks.commandline import STAGES
from hstlc.tasks.session import ON_REQUEST, Session, current
from hstlc.tasks.state import Guard, forget_group
from hstlc.tasks.summary import Tally, free_bytes, report, summary

log = logging.getLogger(__name__)


class Reporter:
    """Tells what a run does, in the terms of the field; see doit's documentation of reporters for when each method is called."""

    desc = 'progress and a summary'

    def __init__(self, stream: TextIO, options: Mapping[str, Any]) -> None:
        self.stream = Steady(stream)
        self.session: Session = current()
        self.progress = Progress(self.stream, STAGES)
        self.lock = Lock(self.session.paths.lock)
        self.tasks: Mapping[str, Any] = {}
        self.tally = Tally()
        self.totals: dict[tuple[str, int], int] = {}  # sub-tasks of a group, counted once
        self.errors: list[str] = []
        self.log: Path | None = None
        self.state: Guard | None = None  # of a run that has the lock
        self.ahead = False  # whether the records were read while the first exposure is ingested
        self.cluster: compute.Cluster | None = None
        self.exit_code = 0  # of a task on request that failed in its own way; 0 leaves it to doit

    def initialize(self, tasks: Mapping[str, Any], selected_tasks: Sequence[str]) -> None:
        """Take the lock and begin the log.

        Raises
        ------
        InvalidTask
            Another run holds the lock, or the home cannot be written; doit ends with the message.
        """
        self.tasks = tasks
        handle_signals(self._lost_worker)
        os.register_at_fork(after_in_child=partial(compute.get_ready, self.session.settings))
        if not self.session.needs_home:
            logging.getLogger().addHandler(logging.NullHandler())  # no log, so that nothing appears twice on the terminal
            return
        try:
            permissions.prepare(self.session.paths)
            self.lock.take(self._patience_s())
            self.state = Guard(self.session.paths)
            self.log = self.session.log()
            logs.start(self.log, self.session.settings)
            self._tidy_up()
            self.tally.free_bytes = free_bytes(self.session.paths)
            self._connect()
        except (HstlcError, OSError) as error:
            raise InvalidTask(str(error)) from error
        log.info('doit %s', ' '.join(sys.argv[1:]))

    def _patience_s(self) -> float:
        asked = get_var('wait')
        try:
            return self.session.settings.wait if asked is None else float(asked)
        except ValueError:
            raise SettingsError(f'wait={asked} is not a number of seconds') from None

    def _tidy_up(self) -> None:
        """Say that the run before was killed, and remove what it had begun to write."""
        if self.lock.left_behind:
            swept = sweep_home(self.session.settings)
            files = f'; {swept} half-written files of it removed' if swept else ''
            self._line(f'The run before did not come to its end: {self.lock.left_behind}{files}')

    def _lost_worker(self, number: int) -> None:
        self.errors.append(f'a worker process was killed by signal {number}, perhaps for want of memory; try doit -n 1')
        raise SystemExit(2)

    def _connect(self) -> None:
        if self.session.settings.scheduler and self.session.requested is None:
            self.cluster = compute.cluster(self.session.settings)
            if not self.cluster.workers:
                self._line(f'{self.cluster.address} has no workers yet; steps wait for them')

    def _leave_cluster(self) -> None:
        if self.tally.made:
            sweep_home(self.session.settings)  # what lost workers had begun to write
        if self.cluster is not None:
            self.cluster.close()

    def get_status(self, task: Any) -> None:
        """Note that a task's turn has come; refuse a sub-task that does not exist, which doit itself would call done."""
        if ':' in task.name and not task.actions and not task.has_subtask:
            stage = task.name.split(':', 1)[0]
            raise InvalidTask(f"there is no task '{task.name}'; `doit list --all {stage}` shows those of {stage}")
        if _is_counted(task):
            self.progress.choose(task.name)

    def execute_task(self, task: Any) -> None:
        """Show that a task began."""
        if _is_counted(task):
            self.progress.begin(task.name, self._total(task))
            self._read_ahead(task.name)

    def _read_ahead(self, task: str) -> None:
        """Read the records while the first exposure is ingested by another process; the threads of a cluster's run share them."""
        if not self.ahead and task.startswith('ingest:') and threading.current_thread() is threading.main_thread():
            self.ahead = True
            read_ahead(self.session.paths)

    def _total(self, task: Any) -> int:
        group = self.tasks.get(task.subtask_of)
        if group is None:
            return 1
        key = (task.subtask_of, len(group.task_dep))
        if key not in self.totals:
            self.totals[key] = sum(1 for name in group.task_dep if name.startswith(f'{task.subtask_of}:'))
        return self.totals[key]

    def add_success(self, task: Any) -> None:
        """Count what was made, and save doit's state now and then so that a killed run loses little."""
        stage, _, name = task.name.partition(':')
        if not task.actions:
            forget_group(task.name)
        elif not stage.startswith('_') and stage not in ON_REQUEST:
            self.progress.done(task.name, self._total(task))
            self.tally.count(stage, name)
        said = task.values.pop('said', None)
        if said:
            self._line(said)
        if self.state is not None:
            self.state.save_soon()

    def skip_uptodate(self, task: Any) -> None:
        """Count what need not be made again."""
        if _is_counted(task):
            self.tally.unchanged += 1
            if self.state is not None:
                self.state.release(task.name)
            self.progress.passed(task.name)

    def skip_ignore(self, task: Any) -> None:
        """Say that a task is left out because a person said so."""
        self.progress.leave(task.name)
        self._line(f'{task.name} is left out (doit ignore)')

    def add_failure(self, task: Any, failure: Any) -> None:
        """Say in one line what went wrong; the traceback goes to the log."""
        if isinstance(failure, UnmetDependency):
            if task.actions:
                self.tally.waiting.append(task.name)
                self.progress.leave(task.name)
            return
        message = _message(failure)
        self.tally.failures.append((task.name, message))
        if task.name in ON_REQUEST:
            self.exit_code = getattr(failure, 'exit_code', 0)
        self.progress.failed(task.name)
        log.error('%s: %s\n%s', task.name, message, ''.join(failure.traceback))
        self._line(f'{task.name} failed: {message}')

    def cleanup_error(self, exception: Any) -> None:
        """Doit calls this when a teardown fails; hstlc has none."""
        self.errors.append(str(exception))

    def runtime_error(self, message: str) -> None:
        """Keep an error that ended the run, for the end."""
        self.errors.append(message)

    def teardown_task(self, task: Any) -> None:
        """Doit calls this for teardown actions; hstlc has none."""

    def complete_run(self) -> None:
        """Sum up, settle permissions, let go of the lock."""
        self.progress.end()
        try:
            for message in [*self.errors, *([self.state.said] if self.state is not None and self.state.said else [])]:
                self._line(message)
                log.error('%s', message)
            if self.log is not None and not self.errors:
                permissions.settle(self.session.paths)
        except HstlcError as error:
            self._line(str(error))
        finally:
            stopped = sys.exc_info()[0]  # doit calls this while an error passes through
            if self.cluster is not None:
                self._leave_cluster()
            if stopped is not None or self.errors:
                end_workers()
            if self.state is not None and (stopped is not None or self.lock.left_behind):
                sweep_home(self.session.settings)  # again: until now a worker of the run before may have been alive
            if stopped is not None and self.session.needs_home:
                self._line('Stopped before the end; the next doit goes on from here.')
                log.error('stopped', exc_info=stopped is not KeyboardInterrupt)
            elif self.log is not None and self.session.requested is None and not self.errors:
                self._sum_up()
            logs.detach()
            self.lock.release()
            gc.freeze()  # the process ends: Python need not look through all tasks once more for what it could free
        if self.exit_code > 1 and stopped is None and not self.errors:
            raise SystemExit(self.exit_code)  # doit itself knows but 1 for every failure

    def _sum_up(self) -> None:
        paths = self.session.paths
        for line in report(paths, self.tally):
            log.info('%s', line)
        for line in [*_waiting_lines(paths), *summary(paths, self.tally, self.log)]:
            self._line(line)
            log.info('%s', line)

    def _line(self, text: str) -> None:
        self.progress.clear()
        self.stream.write(text + '\n')
        self.stream.flush()


def _is_counted(task: Any) -> bool:
    """Whether a task is one of those that progress and summary count."""
    return bool(task.actions) and not task.name.startswith('_') and task.name not in ON_REQUEST


def _exposures(paths: Paths) -> bool:
    """Whether the archive knows any exposure, accepted or rejected."""
    found = paths.records.glob('*.json') if paths.records.is_dir() else ()
    return any(file != paths.targets for file in found)


def _waiting_lines(paths: Paths) -> list[str]:
    """Return what is still in ingest/ after a run: spectra whose events are missing, files of exposures that failed, no files."""
    names = sorted(name for name in os.listdir(paths.ingest) if name.lower().endswith('.fits')) if paths.ingest.is_dir() else []
    files = [name for name in names if os.path.isfile(paths.ingest / name)]
    others = [name for name in names if name not in files]
    if not names and not _exposures(paths):
        return [f'The archive is empty: put event lists and their x1d files into {paths.ingest}, or look at a demo: doit demo']
    lines = [
        ('Not ingested, because events or other parts are missing', files),
        ('Not ingested, because they are no files but folders, pipes or links that lead nowhere', others),
    ]
    return [f'{why}: {some(found)} ({len(found)} in {paths.ingest})' for why, found in lines if found]


def _message(failure: Any) -> str:
    """Return an expected failure's own words; of any other error its last line."""
    if isinstance(failure, TaskFailed) or not failure.traceback:
        return str(failure.message).removeprefix('ERROR: ')
    return f'an error in the program, {failure.traceback[-1].strip()}; please report it with the log'
