"""Progress of a run: one line that changes on a terminal, a line per stage elsewhere."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

NOUNS = {
    'ingest': 'exposure', 'corrtag': 'STIS exposure', 'lightcurve': 'light curve', 'composite': 'composite',
    'stats': 'light curve',
}  # fmt: skip
BESIDE = ('catalog', 'plots')  # stages that run side by side, in the order of their lines
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
    """What is known of a stage that runs."""

    name: str
    total: int = 0
    finished: int = 0
    worked: int = 0
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


class Progress:
    """Counts the tasks of the stages that run: of one, or of several that run side by side."""

    def __init__(self, stream: TextIO | Steady) -> None:
        self.stream = stream
        self.live = stream.isatty()
        self.stages: dict[str, Stage] = {}
        self.line_at = time.monotonic()
        self.shown = False
        self.width = max(shutil.get_terminal_size().columns - 1, NARROWEST)

    def begin(self, task: str, total: int) -> None:
        """Show the task that began."""
        stage = self._enter(task)
        stage.total = max(stage.total, total)
        stage.running.append(task.partition(':')[2])
        if self.live:
            self._show(f'{stage.how_far()}  {", ".join(stage.running)}')
        elif time.monotonic() - self.line_at > LINE_EVERY_S and stage.finished:
            self._write(stage.how_far())

    def done(self, task: str, total: int) -> None:
        """Count a task that was done."""
        stage = self.failed(task)
        stage.total = max(stage.total, total)
        stage.worked += 1

    def failed(self, task: str) -> Stage:
        """Count a task that began and failed; return its stage."""
        stage = self.passed(task)
        name = task.partition(':')[2]
        if name in stage.running:
            stage.running.remove(name)
        return stage

    def passed(self, task: str) -> Stage:
        """Count a task that was up to date; return its stage."""
        stage = self._enter(task)
        stage.finished += 1
        return stage

    def _enter(self, task: str) -> Stage:
        name = task.partition(':')[0]
        if name not in self.stages:
            if not set(BESIDE).issuperset((name, *self.stages)):
                self.end()
            self.stages[name] = Stage(name)
            self.line_at = self.stages[name].since
        return self.stages[name]

    def end(self) -> None:
        """Finish the stages that run, each with a line that stays where anything was done."""
        self.clear()
        for name in sorted(self.stages, key=BESIDE.index) if len(self.stages) > 1 else self.stages:
            if line := self.stages[name].summary():
                self._write(line)
        self.stages.clear()

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
