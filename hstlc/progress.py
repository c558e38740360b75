"""Progress of a run: one line that changes on a terminal, a line per stage elsewhere."""

import os
import shutil
import time
from collections.abc import Callable
from typing import TextIO

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


class Progress:
    """Counts the tasks of one stage at a time."""

    def __init__(self, stream: TextIO | Steady) -> None:
        self.stream = stream
        self.live = stream.isatty()
        self.stage = ''
        self.finished = 0
        self.worked = 0
        self.total = 0
        self.running: list[str] = []
        self.since = self.line_at = time.monotonic()
        self.shown = False
        self.width = max(shutil.get_terminal_size().columns - 1, NARROWEST)

    def begin(self, task: str, total: int) -> None:
        """Show the task that began."""
        self._enter(task)
        self.total = max(self.total, total)
        self.running.append(task.partition(':')[2])
        if self.live:
            self._show(f'{self.stage:<11} {self._how_far()}  {", ".join(self.running)}')
        elif time.monotonic() - self.line_at > LINE_EVERY_S and self.finished:
            self._write(f'{self.stage:<11} {self._how_far()}')

    def _how_far(self) -> str:
        """Return what is done and left, and how long that will take if it goes on like this."""
        left = max(self.total - self.finished, 0)
        elapsed_s = time.monotonic() - self.since
        told = f', {duration(elapsed_s * left / self.finished)}' if self.finished and elapsed_s > ENOUGH_S else ''
        return f'{self.finished} of {self.total} done, {left} left{told}'

    def done(self, task: str, total: int) -> None:
        """Count a task that was done."""
        self.failed(task)
        self.total = max(self.total, total)
        self.worked += 1

    def failed(self, task: str) -> None:
        """Count a task that began and failed."""
        self.passed(task)
        name = task.partition(':')[2]
        if name in self.running:
            self.running.remove(name)

    def passed(self, task: str) -> None:
        """Count a task that was up to date."""
        self._enter(task)
        self.finished += 1

    def _enter(self, task: str) -> None:
        stage = task.partition(':')[0]
        if stage != self.stage:
            self.end()
            self.stage, self.finished, self.worked, self.total, self.running = stage, 0, 0, 0, []
            self.since = self.line_at = time.monotonic()

    def end(self) -> None:
        """Finish the stage with a line that stays, where anything was done."""
        self.clear()
        if self.worked and self.stage in NOUNS:
            noun = NOUNS[self.stage] if self.worked == 1 else f'{NOUNS[self.stage]}s'
            self._write(f'{self.stage:<11} {self.worked} {noun}')
        elif self.worked:
            self._write(self.stage)
        self.worked = 0

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
