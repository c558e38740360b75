"""What is to be fetched, and the manifest that remembers it."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hstlc.mast.crew import MOST_IN_A_ROW, Crew, Job
from hstlc.mast.fetch import Fetched
from hstlc.mast.listing import list_text, listed_before
from hstlc.mast.manifest import Manifest
from hstlc.mast.meter import Meter, amount, duration
from hstlc.mast.pace import Pace
from hstlc.mast.plan import (
    MOST_TRIES,
    gone_files,
    has_shrunk,
    is_due,
    make_plan,
    stale_datasets,
    wanted_files,
    withdrawn_datasets,
)
from hstlc.mast.records import ArchiveFile, Dataset, Entry, FileStatus
from hstlc.mast.sessions import RefusedError

NOW = '2026-03-01T00:00:00+00:00'
JUST = '2026-02-28T00:00:00+00:00'
LONG_AGO = '2026-01-01T00:00:00+00:00'


def dataset(name='D1', generation='g1'):
    return Dataset(name=name, targname='T', instrume='COS', program=1, generation=generation)


def file(name='a', *datasets, size=10):
    return ArchiveFile(name=name, uri=name, datasets=datasets or ('D1',), size=size)


def entry(name='a', status=FileStatus.COMPLETE, **changes):
    values = {'time': JUST, 'dataset': 'D1', 'generation': 'g1', 'bytes': 10}
    return Entry(name=name, status=status, **(values | changes))


def wanted(entries, present, generation='g1', files=None):
    """Return the names that are fetched of D1, with the dataset's staleness checked to agree."""
    known = {'D1': entries} if entries else {}
    stale = stale_datasets([dataset(generation=generation)], known, present, NOW)
    found = wanted_files(files or [file('a'), file('b')], stale, known, present, NOW)
    return [one.name for one in found]


HOME = {'a': {10}, 'b': {10, 7}}
BOTH = [entry('a'), entry('b')]


@pytest.mark.parametrize(
    ('entries', 'present', 'generation', 'names'),
    [
        ([], {}, 'g1', ['a', 'b']),
        ([], HOME, 'g1', ['a', 'b']),  # of unknown origin
        (BOTH, HOME, 'g1', []),
        (BOTH, HOME, 'g2', ['a', 'b']),  # recalibrated
        (BOTH, {'a': {10}}, 'g1', ['b']),  # deleted
        (BOTH, {'a': {10}, 'b': {9}}, 'g1', ['b']),  # cut
        ([entry('a'), entry('b', FileStatus.ERROR, tries=1)], HOME, 'g1', ['b']),
        ([entry('a'), entry('b', FileStatus.MISSING, tries=MOST_TRIES)], HOME, 'g1', []),
        ([entry('a'), entry('b', FileStatus.DENIED, tries=MOST_TRIES)], HOME, 'g2', ['a', 'b']),
        ([entry('a'), entry('b', FileStatus.ERROR, tries=MOST_TRIES, time=LONG_AGO)], HOME, 'g1', ['b']),
        ([entry('a'), entry('b', FileStatus.SUPERSEDED)], HOME, 'g1', []),
        ([entry('a'), entry('b', FileStatus.SUPERSEDED)], HOME, 'g2', ['a', 'b']),  # back again
        ([entry('', FileStatus.NOTHING)], HOME, 'g1', []),
        ([entry('', FileStatus.NOTHING)], HOME, 'g2', ['a', 'b']),
        ([entry('', FileStatus.NOTHING, time=LONG_AGO)], HOME, 'g1', ['a', 'b']),
        ([entry('a'), entry('b', FileStatus.SUPERSEDED, time=LONG_AGO)], HOME, 'g1', []),
        ([entry('a')], HOME, 'g1', []),
    ],
)
def test_what_is_wanted(entries, present, generation, names):
    assert wanted(entries, present, generation) == names


def test_a_failed_file_is_due_at_each_run_and_then_once_a_month():
    failed = entry('a', FileStatus.ERROR)
    due = [is_due(dataclasses.replace(failed, tries=k), 'g1', NOW) for k in range(1, 7)]
    assert due == [True] * (MOST_TRIES - 1) + [False] * (7 - MOST_TRIES)
    assert is_due(dataclasses.replace(failed, tries=9, time='2026-01-30T00:00:00+00:00'), 'g1', NOW)
    assert not is_due(dataclasses.replace(failed, tries=9, time='2026-01-30T00:00:01+00:00'), 'g1', NOW)


def test_a_file_of_two_datasets_is_fetched_once():
    stale = [dataset('D1'), dataset('D2')]
    (one,) = wanted_files([file('a', 'D1'), file('a', 'D2'), file('a', 'D1')], stale, {}, {}, NOW)
    assert one.datasets == ('D1', 'D2')
    (one,) = wanted_files([file('a', 'D1'), file('a', 'D2')], stale[1:], {'D1': [entry('a')]}, {'a': {10}}, NOW)
    assert one.datasets == ('D2',)


def test_the_plan_takes_whole_datasets_the_smallest_first():
    files = [file('a', 'D1', size=30), file('b', 'D1', size=1), file('c', 'D2', size=20), file('d', 'D3', size=None)]
    plan = make_plan(files, 0)
    assert ([one.name for one in plan.files], plan.datasets, plan.later) == (['d', 'c', 'a', 'b'], 3, 0)
    assert (plan.bytes, plan.unknown) == (51, 1)
    assert [one.name for one in make_plan(files, 2).files] == ['d', 'c']
    assert make_plan(files, 2).later == 1
    assert make_plan([], 5).files == ()


@given(st.permutations(range(6)), st.integers(0, 7))
def test_the_plan_does_not_depend_on_the_order_of_the_list(order, limit):
    files = [file(f'n{k}', f'D{k // 2}', size=(7 * k) % 5) for k in range(6)]
    assert make_plan([files[k] for k in order], limit) == make_plan(files, limit)


@pytest.mark.parametrize(
    ('now', 'before', 'shrunk'), [(50, 100, True), (89, 100, True), (90, 100, False), (0, 0, False), (5, None, False)]
)
def test_a_list_that_shrinks(now, before, shrunk):
    assert has_shrunk(now, before) is shrunk


def test_withdrawn_datasets_are_those_with_files_at_home():
    known = {'D1': [entry()], 'D2': [entry(dataset='D2')], 'D3': [entry('', FileStatus.NOTHING, dataset='D3')]}
    assert withdrawn_datasets([dataset('D1')], known) == ('D2',)


def test_files_that_are_gone_from_the_list():
    known = {'D1': [entry('a'), entry('b'), entry('c', FileStatus.SUPERSEDED)], 'D2': [entry('z', dataset='D2')]}
    assert [one.name for one in gone_files([file('a')], {'D1'}, known)] == ['b']


def test_the_manifest_remembers_the_last_line(tmp_path):
    path = tmp_path / 'download' / 'manifest.jsonl'
    manifest = Manifest(path)
    assert (manifest.entries, manifest.of_dataset()) == ({}, {})
    manifest.add(entry('a', FileStatus.ERROR, tries=1), entry('', FileStatus.NOTHING))
    manifest.add(entry('a', sha256='f' * 64, size_differs=True))
    again = Manifest(path)
    assert again.entries == manifest.entries
    assert again.of_dataset() == {'D1': [entry('a', sha256='f' * 64, size_differs=True)]}
    assert (again.lines, again.torn) == (3, 0)


@pytest.mark.parametrize('cut', [1, 20, 60])
def test_a_torn_line_is_passed_over_and_harms_no_other(tmp_path, cut):
    path = tmp_path / 'manifest.jsonl'
    Manifest(path).add(entry('a'), entry('b'))
    path.write_bytes(path.read_bytes()[:-cut])
    manifest = Manifest(path)
    assert (manifest.torn, 'b' in {key[1] for key in manifest.entries}) == ((0, True) if cut == 1 else (1, False))
    manifest.add(entry('c'))
    assert {key[1] for key in Manifest(path).entries} == ({'a', 'b', 'c'} if cut == 1 else {'a', 'c'})


@pytest.mark.parametrize(
    'line', [b'', b'null', b'[]', b'{}', b'"x"', b'{"status": "strange", "name": "a"}', b'\xff\xfe', b'{"name": 1']
)
def test_strange_lines_are_passed_over(tmp_path, line):
    path = tmp_path / 'manifest.jsonl'
    Manifest(path).add(entry('a'))
    path.write_bytes(line + b'\n' + path.read_bytes())
    assert list(Manifest(path).entries) == [('D1', 'a')]


def test_a_long_manifest_is_written_anew(tmp_path):
    manifest = Manifest(tmp_path / 'manifest.jsonl')
    for k in range(104):
        manifest.add(entry('a', bytes=k + 1))
    manifest.compact()
    assert (tmp_path / 'manifest.jsonl').read_text().count('\n') == 1
    assert Manifest(manifest.path).entries == {('D1', 'a'): entry('a', bytes=104)}
    assert [path.name for path in tmp_path.iterdir()] == ['manifest.jsonl']


def test_the_list_says_how_long_it_was(tmp_path):
    path = tmp_path / 'list.jsonl'
    assert listed_before(path) is None
    path.write_text(list_text([dataset('B'), dataset('A')], time=NOW, query='q'))
    assert listed_before(path) == 2
    assert path.read_text().index('"A"') < path.read_text().index('"B"')
    for damaged in ('', '{', '[1]', '{"datasets": null}'):
        path.write_text(damaged)
        assert listed_before(path) is None


class Fetcher:
    """Fails as it is told to."""

    def __init__(self, failures):
        self.failures, self.pace, self.tried = failures, Pace(1000.0), []

    def fetch(self, url, target, check, listed):
        self.tried.append(url)
        if url in self.failures:
            raise self.failures[url]
        return Fetched(url=url, bytes=10, sha256='f' * 64, etag=None, modified=None)

    def close(self):
        pass


def jobs(tmp_path, count, sources=('mast',)):
    return [
        Job(
            name=f'f{k}', addresses=tuple((source, f'{source}/f{k}') for source in sources), target=tmp_path / f'f{k}',
            generations={'D1': 'g1'},
        )
        for k in range(count)
    ]  # fmt: skip


def crew(tmp_path, failures=None):
    return Crew(Fetcher(failures or {}), Manifest(tmp_path / 'm.jsonl'), lambda path: None, lambda: NOW, 1)


def test_after_many_failures_in_a_row_the_archive_is_left_alone(tmp_path):
    down = {f'mast/f{k}': RefusedError('HTTP 500', FileStatus.ERROR, 500) for k in range(50)}
    one = crew(tmp_path, down)
    one.work(jobs(tmp_path, 50))
    assert one.gave_up
    assert len(one.fetcher.tried) == len(one.failed) == MOST_IN_A_ROW
    missing = {name: RefusedError('HTTP 404', FileStatus.MISSING, 404, again=False) for name in down}
    other = crew(tmp_path, missing)
    other.work(jobs(tmp_path, 50))
    assert len(other.failed) == 50
    assert not other.gave_up


def test_failures_in_a_row_are_counted_over_runs(tmp_path):
    for tries in (1, 2):
        crew(tmp_path, {'mast/f0': RefusedError('no', FileStatus.ERROR)}).work(jobs(tmp_path, 1))
        assert Manifest(tmp_path / 'm.jsonl').entries['D1', 'f0'].tries == tries
    crew(tmp_path).work(jobs(tmp_path, 1))
    assert Manifest(tmp_path / 'm.jsonl').entries['D1', 'f0'].status is FileStatus.COMPLETE


def test_what_the_bucket_lacks_comes_from_mast(tmp_path):
    one = crew(tmp_path, {'s3/f0': RefusedError('HTTP 403', FileStatus.DENIED, 403, again=False)})
    one.work(jobs(tmp_path, 2, ('s3', 'mast')))
    assert one.fetcher.tried == ['s3/f0', 'mast/f0', 's3/f1']
    assert [one.manifest.entries['D1', name].source for name in ('f0', 'f1')] == ['mast', 's3']
    broken = crew(tmp_path, {'s3/f0': RefusedError('HTTP 500', FileStatus.ERROR, 500)})
    broken.work(jobs(tmp_path, 1, ('s3', 'mast')))
    assert broken.fetcher.tried == ['s3/f0']
    assert broken.manifest.entries['D1', 'f0'].source == 's3'


class Terminal:
    def __init__(self, live):
        self.text, self.live = '', live

    def isatty(self):
        return self.live

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_progress_on_a_terminal_and_elsewhere(monkeypatch):
    now = [0.0]
    monkeypatch.setattr('hstlc.mast.meter.time.monotonic', lambda: now[0])
    texts = {}
    for live in (True, False):
        now[0], stream = 0.0, Terminal(live)
        meter = Meter(stream)
        meter.begin(4, 100_000_000)
        for _ in range(25):
            now[0] += 1
            meter.add(1_000_000)
        meter.finish(False)
        meter.finish(True)
        assert meter.line() == '[#####               ] 2 of 4 files, 25.0 MB of 100.0 MB, 1.0 MB/s, 75 s left, 1 failed'
        meter.say('said')
        meter.end()
        texts[live] = stream.text
    assert texts[True].count('\r') > 20
    assert texts[True].endswith('\rsaid\n')
    assert texts[False].count('\n') == 3
    assert '\r' not in texts[False]


def test_amounts_and_times_as_a_person_says_them():
    assert [amount(count) for count in (0, 999, 1e3, 34_567_890, 4.2e9, 7.31e12)] == [
        '0 bytes',
        '999 bytes',
        '1.0 kB',
        '34.6 MB',
        '4.2 GB',
        '7.31 TB',
    ]
    assert [duration(seconds) for seconds in (0, 89, 90, 5399, 5400)] == ['0 s', '89 s', '2 min', '90 min', '1.5 h']
