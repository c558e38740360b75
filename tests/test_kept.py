"""Records are read once, and kept in doit's database until they change."""

import dataclasses
import os
import sqlite3

import pytest

from hstlc.files import records
from hstlc.model import Exposure, GroupKey, Instrument, Outcome, Record, Status
from hstlc.parts import part_beside
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.tasks import archive, kept


def record(rootname, message=None):
    return Record(
        rootname=rootname, status=Status.ACCEPTED, ingest_date='2026-01-01', path='filesystem/GJ436', message=message,
        filename=f'{rootname}_corrtag.fits',
        exposure=Exposure(
            rootname=rootname, filename=f'{rootname}_corrtag.fits', instrume=Instrument.COS, detector='FUV',
            header_targname='GJ436', targname='GJ436', opt_elem='G130M', cenwave=1291, aperture='PSA',
            expstart_mjd=55000.0, expend_mjd=55000.1, exptime_s=100.0,
        ),
    )  # fmt: skip


def outcome(stem):
    key = GroupKey(instrume=Instrument.COS, detector='FUV', targname='GJ436', opt_elem='G130M', cenwave=1291, aperture='PSA')
    return Outcome(stem=stem, composite=False, key=key, rootnames=('a',), mean_net=1.0, provenance=({'rootname': 'a'},))


class Home:
    """Records, and what a new run knows of them."""

    def __init__(self, folder):
        self.paths = Paths(Settings(home=folder))
        self.database = sqlite3.connect(folder / 'state')
        for name in ('a', 'b'):
            records.save(self.paths.record(name), record(name))

    def new_run(self):
        for known in (archive._READ, archive._FOLDERS, archive._LISTED):
            known.clear()
        return kept.recall(self.database)

    def look(self):
        found = archive.exposures(self.paths)
        kept.write(self.database)
        self.database.commit()
        return found


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.new_run()
    home.look()
    home.new_run()
    yield home
    home.database.close()


@pytest.fixture
def opened(monkeypatch):
    """The names of the records that are opened."""
    names, load = [], records.load
    monkeypatch.setattr(records, 'load', lambda path, kind: names.append(path.name) or load(path, kind))
    return names


def test_a_run_opens_only_records_that_changed(home, opened):
    assert home.look() == {'a': record('a'), 'b': record('b')}
    assert opened == []
    records.save(home.paths.record('b'), record('b', 'changed'))
    home.new_run()
    assert home.look() == {'a': record('a'), 'b': record('b', 'changed')}
    assert opened == ['b.json']
    home.new_run()
    assert home.look()['b'].message == 'changed'
    assert opened == ['b.json']


def test_a_record_that_is_touched_is_read_again(home, opened):
    os.utime(home.paths.record('a'), ns=(0, 1))
    home.look()
    assert opened == ['a.json']


def test_what_is_kept_of_removed_records_goes(home, opened):
    text = home.paths.record('a').read_text()
    home.paths.record('a').unlink()
    assert set(home.look()) == {'b'}
    assert [name for (name,) in home.database.execute(f'select name from {kept.TABLE}')] == ['records/b.json']
    home.paths.record('a').write_text(text)
    home.new_run()
    assert set(home.look()) == {'a', 'b'}
    assert opened == ['a.json']


def test_a_run_without_news_writes_nothing(home):
    home.look()
    before = home.database.total_changes
    home.new_run()
    home.look()
    assert home.database.total_changes == before


def test_a_light_curve_is_kept_without_what_no_task_needs(home, opened):
    records.save(home.paths.outcome('a_curve'), outcome('a_curve'))
    lean = {'a_curve': dataclasses.replace(outcome('a_curve'), provenance=())}
    assert archive.outcomes(home.paths) == lean
    home.look()
    home.new_run()
    opened.clear()
    assert archive.outcomes(home.paths) == lean
    assert opened == []


def test_the_file_counts_where_what_is_kept_is_damaged(home, opened):
    home.database.execute(f"update {kept.TABLE} set said = '{{' where name = 'records/a.json'")
    home.new_run()
    assert home.look()['a'] == record('a')
    assert opened == ['a.json']


def test_a_damaged_database_is_told(tmp_path):
    (tmp_path / 'state').write_bytes(b'no database' * 1000)
    with sqlite3.connect(tmp_path / 'state') as database:
        assert not kept.recall(database)
    database.close()


def test_what_a_killed_worker_left_half_written_is_no_record(home):
    """It is swept by the next run, which must not make the catalog once more for it."""
    before = archive.fingerprint_of_records(home.paths)
    part_beside(home.paths.record('c')).touch()
    home.new_run()
    assert archive.fingerprint_of_records(home.paths) == before
    records.save(home.paths.record('c'), record('c'))
    assert archive.fingerprint_of_records(home.paths) != before
