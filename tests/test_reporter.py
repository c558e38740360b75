"""What a run says: progress, failures, the summary."""

import io
import re
from itertools import permutations

import pytest
from archives import accepted, furnish, rejected

from hstlc import reporter
from hstlc.model import Reason
from hstlc.progress import Progress, duration
from hstlc.settings import Settings
from hstlc.tasks import summary


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
    assert re.search(r'\rlightcurve  1 of 3 done, 2 left  a1 +', text)
    assert screen(text) == ['lightcurve  3 light curves', 'composite   1 composite', '']
    assert max(len(line) for line in re.split('[\r\n]', text)) == 39


def test_a_long_stage_says_how_far_it_is(monkeypatch):
    clock = iter(range(0, 1000, 6))
    monkeypatch.setattr('hstlc.progress.time.monotonic', lambda: next(clock))
    stream = io.StringIO()
    run(Progress(stream))
    assert 'lightcurve  1 of 3 done, 2 left, 36 s\n' in stream.getvalue()


def test_all_that_runs_is_shown_until_it_is_done(monkeypatch):
    monkeypatch.setenv('COLUMNS', '60')
    stream = Terminal()
    progress = Progress(stream)
    for name in ('a', 'b', 'c'):
        progress.begin(f'stats:{name}', 4)
    progress.done('stats:a', 4)
    progress.failed('stats:b')
    progress.begin('stats:d', 4)
    shown = [line.strip() for line in stream.getvalue().split('\r')]
    assert shown[3] == 'stats       0 of 4 done, 4 left  a, b, c'
    assert shown[-1] == 'stats       2 of 4 done, 2 left  c, d'


def test_lines_of_stages_that_run_side_by_side_come_in_one_order():
    texts = set()
    for events in permutations(('catalog:tinydb', 'plots:a', 'plots:b')):
        progress = Progress(stream := io.StringIO(), ('catalog', 'plots', 'pages'))
        for task in events:
            progress.choose(task)
        for task in events:
            progress.begin(task, 2)
        progress.passed('plots:c')
        for task in ('plots:a', 'plots:b'):
            progress.done(task, 2)
        progress.begin('pages:a', 1)  # the catalog is not finished yet
        progress.done('pages:a', 1)
        assert stream.getvalue() == ''
        progress.done('catalog:tinydb', 1)
        assert stream.getvalue() == 'catalog\nplots\n'
        progress.end()
        texts.add(stream.getvalue())
    assert texts == {'catalog\nplots\npages\n'}


def test_a_task_that_is_not_tried_does_not_hold_back_the_lines_of_others():
    progress = Progress(stream := io.StringIO())
    for task in ('composite:a', 'composite:b', 'composite:c'):
        progress.choose(task)
    progress.done('composite:a', 3)
    progress.leave('composite:b')
    progress.failed('composite:c')
    progress.choose('stats:a')
    assert stream.getvalue() == 'composite   1 composite\n'


@pytest.mark.parametrize(('seconds', 'words'), [(2.4, '2 s'), (89, '89 s'), (100, '2 min'), (5000, '83 min'), (9000, '2.5 h')])
def test_a_time_to_wait_is_told_roughly(seconds, words):
    assert duration(seconds) == words


def tally_of(tmp_path):
    paths = furnish(Settings(home=tmp_path), [accepted('aaaa01010'), rejected('bbbb01010', Reason.SHORT_EXPOSURE)])
    tally = summary.Tally(ingested=['aaaa01010', 'bbbb01010'], unchanged=7, free_bytes=10_000_000_000)
    for stage, name in (('lightcurve', 'aaaa01010'), ('stats', 'aaaa01010_curve')):
        tally.count(stage, name)
    return paths, tally


def test_a_run_ends_with_what_came_in_and_what_was_made(tmp_path, monkeypatch):
    paths, tally = tally_of(tmp_path)
    monkeypatch.setattr(summary, 'free_bytes', lambda _: 9_900_000_000)
    tally.failures, tally.waiting = [('composite:x', 'no')], ['stats:x']
    assert summary.summary(paths, tally, tmp_path / 'a.log') == [
        'Exposures: 1 accepted, 1 rejected (Short Exposure 1)',
        'Products and pages: 2 made, 7 unchanged, 1 failed, 1 not tried because of them',
        f'Log:  {tmp_path / "a.log"}',
    ]


def test_the_report_in_the_log_names_everything(tmp_path, monkeypatch):
    paths, tally = tally_of(tmp_path)
    monkeypatch.setattr(summary, 'free_bytes', lambda _: 9_900_000_000)
    tally.failures = [('composite:x', 'no')]
    assert summary.report(paths, tally) == [
        'Accepted: aaaa01010 GJ-436 COS G130M/1291 100 s',
        'Rejected: bbbb01010 GJ-436 COS G130M/1291 100 s: Short Exposure: because of SHORT_EXPOSURE',
        'Made: lightcurve 1: aaaa01010',
        'Made: stats 1: aaaa01010_curve',
        'Failed: composite:x: no',
        'Disk: 9.9 GB free, 0.1 GB less than before this run; room for about 99 runs like it, 190 exposures',
        'Exit code: 1',
    ]


def test_a_disk_that_fills_up_is_told_on_the_terminal(tmp_path, monkeypatch):
    paths, tally = tally_of(tmp_path)
    monkeypatch.setattr(summary, 'free_bytes', lambda _: 900_000_000)
    assert any(line.startswith('Disk: 0.9 GB free, 9.1 GB less') for line in summary.summary(paths, tally, None))


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
