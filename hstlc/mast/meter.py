"""How far a download is: one line that changes on a terminal, a line now and then elsewhere."""

import shutil
import threading
import time
from typing import TextIO

DRAW_EVERY_S = 0.2
LINE_EVERY_S = 10.0
SMOOTHING_S = 20.0  # the rate is that of about so long
BAR = 20


class Meter:
    """Counts files and bytes; may be told of them by several threads."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.live = stream.isatty()
        self.lock = threading.Lock()
        self.begin(0, 0)

    def begin(self, files: int, size: int) -> None:
        """Begin to count towards a number of files and bytes."""
        self.files, self.size = files, size
        self.done, self.received, self.failed = 0, 0, 0
        self.rate = 0.0  # bytes per second
        self.since = self.drawn_at = self.measured_at = time.monotonic()
        self.measured = 0
        self.shown = False

    def add(self, count: int) -> None:
        """Count bytes; a negative number takes back those of a try that failed."""
        with self.lock:
            self.received += count
            self._draw()

    def finish(self, failed: bool) -> None:
        """Count a file that came, or did not."""
        with self.lock:
            self.done += 1
            self.failed += failed
            self._draw()

    def say(self, text: str) -> None:
        """Write a line that stays."""
        with self.lock:
            self._clear()
            self.stream.write(text + '\n')
            self.stream.flush()

    def end(self) -> None:
        """Remove the changing line."""
        with self.lock:
            self._clear()
            self.stream.flush()

    def _measure(self, now: float) -> None:
        passed = now - self.measured_at
        if passed >= 1:
            weight = min(passed / SMOOTHING_S, 1.0) if self.rate else 1.0
            self.rate += weight * ((self.received - self.measured) / passed - self.rate)
            self.measured, self.measured_at = self.received, now

    def line(self) -> str:
        """Return how far it is, how fast, and how long it will take."""
        part = min(self.received / self.size, 1.0) if self.size else 0.0
        bar = '#' * round(part * BAR)
        left = f'{duration((self.size - self.received) / self.rate)} left' if self.rate > 0 and self.size > self.received else ''
        failed = f'{self.failed} failed' if self.failed else ''
        facts = (
            f'{self.done} of {self.files} files',
            f'{amount(self.received)} of {amount(self.size)}',
            f'{amount(self.rate)}/s' if self.rate > 0 else '',
            left,
            failed,
        )
        return f'[{bar:<{BAR}}] ' + ', '.join(fact for fact in facts if fact)

    def _draw(self) -> None:
        now = time.monotonic()
        self._measure(now)
        if now - self.drawn_at < (DRAW_EVERY_S if self.live else LINE_EVERY_S):
            return
        self.drawn_at = now
        if self.live:
            width = max(shutil.get_terminal_size().columns - 1, 20)
            self.stream.write('\r' + self.line()[:width].ljust(width))
            self.shown = True
        else:
            self.stream.write(self.line() + '\n')
        self.stream.flush()

    def _clear(self) -> None:
        if self.shown:
            width = max(shutil.get_terminal_size().columns - 1, 20)
            self.stream.write('\r' + ' ' * width + '\r')
            self.shown = False


def amount(count: float) -> str:
    """Return bytes as a person says them."""
    for unit in ('bytes', 'kB', 'MB', 'GB'):
        if count < 1000:
            return f'{count:.0f} {unit}' if unit == 'bytes' else f'{count:.1f} {unit}'
        count /= 1000
    return f'{count:.2f} TB'


def duration(seconds: float) -> str:
    """Return a time span as a person says it."""
    if seconds < 90:
        return f'{seconds:.0f} s'
    if seconds < 90 * 60:
        return f'{seconds / 60:.0f} min'
    return f'{seconds / 3600:.1f} h'
