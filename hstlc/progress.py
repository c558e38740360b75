"""Progress of a run: one line that changes on a terminal, a line per stage elsewhere."""

import functools
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

NOUNS = {
    'ingest': 'exposure', 'corrtag': 'STIS exposure', 'lightcurve': 'light curve', 'composite': 'composite',
    'stats': 'light curve',
}  # fmt: skip
LINE_EVERY_S = 10.0
NARROWEST = 20
ENOUGH_S = 3.0  # a forecast from less is guesswork


class Steady:
    """A stream to a reader who may leave, as `head` does, or a terminal that is closed: the run goes on, and its log tells."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def isatty(self) -> bool:
        """Whether a terminal reads."""
        return self.stream.isatty()

    def write(self, text: str) -> None:
        """Write, as long as somebody reads."""
        self._try(lambda: self.stream.write(text))

    def flush(self) -> None:
        """Send what was written."""
        self._try(self.stream.flush)

    def _try(self, action: Callable[[], object]) -> None:
        try:
            action()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())  # what Python still holds goes there, without complaint


@dataclass
class Stage:
    """What is known of a stage."""

    name: str
    total: int = 0
    finished: int = 0
    worked: int = 0
    chosen: set[str] = field(default_factory=set)  # tasks that are to be run or passed over, and are not done
    running: list[str] = field(default_factory=list)
    since: float = field(default_factory=lambda: time.monotonic())

    def how_far(self) -> str:
        """Return what is done and left, and how long that will take if it goes on like this."""
        left = max(self.total - self.finished, 0)
        elapsed_s = time.monotonic() - self.since
        told = f', {duration(elapsed_s * left / self.finished)}' if self.finished and elapsed_s > ENOUGH_S else ''
        return f'{self.name:<11} {self.finished} of {self.total} done, {left} left{told}'

    def summary(self) -> str:
        """Return the line that stays; none where nothing was done."""
        if self.worked and self.name in NOUNS:
            return f'{self.name:<11} {self.worked} {NOUNS[self.name] if self.worked == 1 else f"{NOUNS[self.name]}s"}'
        return self.name if self.worked else ''


def _one_at_a_time(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def locked(self: 'Progress', *arguments: Any) -> Any:
        with self.lock:
            return method(self, *arguments)

    return locked


class Progress:
    """Counts the tasks of the stages that run: of one, or of several side by side, whose lines come in the order of `stages`.

    The threads of a cluster's run share it.
    """

    def __init__(self, stream: TextIO | Steady, stages: Sequence[str] = ()) -> None:
        self.stream = stream
        self.order = {name: place for place, name in enumerate(stages)}
        self.live = stream.isatty()
        self.stages: dict[str, Stage] = {}
        self.line_at = time.monotonic()
        self.shown = False
        self.width = max(shutil.get_terminal_size().columns - 1, NARROWEST)
        self.lock = threading.RLock()

    @_one_at_a_time
    def choose(self, task: str) -> None:
        """Know of a task before it begins or is passed over: the news of its beginning may come late."""
        self._stage(task).chosen.add(task)
        self._settle()

    @_one_at_a_time
    def begin(self, task: str, total: int) -> None:
        """Show the task that began."""
        stage = self._stage(task)
        stage.total = max(stage.total, total)
        stage.chosen.add(task)
        self._settle()
        stage.running.append(task.partition(':')[2])
        if self.live:
            self._show(f'{stage.how_far()}  {", ".join(stage.running)}')
        elif time.monotonic() - self.line_at > LINE_EVERY_S and stage.finished:
            self._write(stage.how_far())

    @_one_at_a_time
    def done(self, task: str, total: int) -> None:
        """Count a task that was done."""
        stage = self._stage(task)
        stage.total = max(stage.total, total)
        stage.worked += 1
        self.failed(task)

    @_one_at_a_time
    def failed(self, task: str) -> None:
        """Count a task that began and failed."""
        running, name = self._stage(task).running, task.partition(':')[2]
        if name in running:
            running.remove(name)
        self.passed(task)

    @_one_at_a_time
    def passed(self, task: str) -> None:
        """Count a task that was up to date."""
        self._stage(task).finished += 1
        self.leave(task)

    @_one_at_a_time
    def leave(self, task: str) -> None:
        """Forget a task that will not be run."""
        self._stage(task).chosen.discard(task)
        self._settle()

    def _stage(self, task: str) -> Stage:
        name = task.partition(':')[0]
        if name not in self.stages:
            self.stages[name] = stage = Stage(name)
            self.line_at = stage.since
        return self.stages[name]

    def _settle(self) -> None:
        """Write the lines of the stages that are over: of all but the last one, up to one that still runs."""
        for stage in self._in_order()[:-1] if len(self.stages) > 1 else ():
            if stage.chosen:
                return
            self._end(stage)

    def _in_order(self) -> list[Stage]:
        return sorted(self.stages.values(), key=lambda stage: self.order.get(stage.name, len(self.order)))

    def _end(self, stage: Stage) -> None:
        del self.stages[stage.name]
        self.clear()
        if line := stage.summary():
            self._write(line)

    @_one_at_a_time
    def end(self) -> None:
        """Finish with the lines of the stages that are not over yet."""
        for stage in self._in_order():
            self._end(stage)
        self.clear()

    def clear(self) -> None:
        """Remove the changing line so that another can be written."""
        if self.shown:
            self.stream.write('\r' + ' ' * self.width + '\r')
            self.shown = False

    def _show(self, text: str) -> None:
        self.stream.write('\r' + text[: self.width].ljust(self.width))
        self.stream.flush()
        self.shown = True

    def _write(self, text: str) -> None:
        self.stream.write(text + '\n')
        self.stream.flush()
        self.line_at = time.monotonic()


def duration(seconds: float) -> str:
    """Return a time to wait, roughly."""
    if seconds < 90:
        return f'{seconds:.0f} s'
    return f'{seconds / 60:.0f} min' if seconds < 5400 else f'{seconds / 3600:.1f} h'
