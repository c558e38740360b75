"""What a run says: progress, failures, the summary."""

import io
import re

import pytest

from hstlc import reporter
from hstlc.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def screen(text):
    """Return what stays visible of lines that are written over."""
    lines = []
    for line in text.split('\n'):
        shown = ''
        for piece in line.split('\r'):
            shown = piece + shown[len(piece) :]
        lines.append(shown.rstrip())
    return lines


def run(progress):
    for number in range(3):
        progress.begin(f'lightcurve:a{number}', 3)
        progress.done(f'lightcurve:a{number}', 3)
    progress.passed('stats:a')
    progress.begin('composite:c', 1)
    progress.done('composite:c', 1)
    progress.end()


def test_elsewhere_than_on_a_terminal_there_is_a_line_per_stage_that_did_something():
    stream = io.StringIO()
    run(Progress(stream))
    assert stream.getvalue() == 'lightcurve  3 light curves\ncomposite   1 composite\n'


def test_on_a_terminal_one_line_changes(monkeypatch):
    monkeypatch.setenv('COLUMNS', '40')
    stream = Terminal()
    run(Progress(stream))
    text = stream.getvalue()
    assert re.search(r'\rlightcurve 2/3  a1 +', text)
    assert screen(text) == ['lightcurve  3 light curves', 'composite   1 composite', '']
    assert max(len(line) for line in re.split('[\r\n]', text)) == 39


def test_a_long_stage_says_how_far_it_is(monkeypatch):
    clock = iter(range(0, 1000, 6))
    monkeypatch.setattr('hstlc.progress.time.monotonic', lambda: next(clock))
    stream = io.StringIO()
    run(Progress(stream))
    assert 'lightcurve  1 of 3' in stream.getvalue()


BUG = 'an error in the program, KeyError: 1; please report it with the log'


class Failure:
    def __init__(self, message, traceback):
        self.message, self.traceback = message, traceback


@pytest.mark.parametrize(
    ('failure', 'message'),
    [
        (Failure('x.fits cannot be read; get it again', ''), 'x.fits cannot be read; get it again'),
        (Failure('ERROR: Task checking dependencies: no x.fits', ''), 'Task checking dependencies: no x.fits'),
        (Failure('PythonAction Error', ['Traceback', 'KeyError: 1\n']), BUG),
    ],
)
def test_a_failure_is_one_sentence(failure, message):
    assert reporter._message(failure) == message
