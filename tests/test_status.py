"""`doit status` says what a run would do and why, and does nothing."""

import os

import pytest
from test_tasks import FIRST, GJ436, Archive


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(tmp_path_factory.mktemp('status') / 'home').put(**FIRST)


def status(archive):
    before = archive.files()
    logs = list(archive.home.glob('logs/*'))
    said = archive.doit('status')
    assert archive.changed(before) == set()
    assert list(archive.home.glob('logs/*')) == logs
    return said.splitlines()


def test_status_goes_with_the_archive(archive):
    lines = status(archive)
    assert 'ingest      4 of 4: files in ingest/ (aaaa01010, aaaa02010, bbbb01010 and 1 more)' in lines
    assert any(line.startswith('What new exposures bring') for line in lines)

    archive.doit()
    (line,) = status(archive)
    assert line.startswith('Nothing to do: ')

    (archive.home / 'hstlc.toml').write_text('step = 4')
    lines = status(archive)
    assert 'lightcurve  3 of 3: settings, program, templates or records changed (aaaa01010, aaaa02010, bbbb01010)' in lines
    (composite,) = [line for line in lines if line.startswith('composite')]
    assert composite.startswith('composite   2 of 2: follows from the tasks above (hlsp_')

    (archive.home / 'hstlc.toml').unlink()
    edited = archive.home / 'outputs/GJ436/aaaa01010_curve.fits'
    content, facts = edited.read_bytes(), edited.stat()
    edited.write_bytes(b'what a person wrote')
    assert 'lightcurve  1 of 3: what it made was edited or lost (aaaa01010)' in status(archive)
    edited.write_bytes(content)
    os.utime(edited, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    (archive.home / f'outputs/composite/{GJ436}.png').unlink()
    lines = status(archive)
    assert f'plots       1 of 6: what it makes is missing ({GJ436})' in lines
    assert not [line for line in lines if line.startswith(('lightcurve', 'composite', 'stats'))]


def test_an_archive_that_was_moved_is_checked_and_stays_as_it_is(archive, tmp_path):
    archive.doit()
    before = archive.files()
    moved = Archive(tmp_path / 'elsewhere')
    archive.home.rename(moved.home)
    try:
        assert ' made' in moved.doit()
        assert moved.changed(before) <= {'.doit.db'}
        assert 'nothing to do' in moved.doit()
    finally:
        moved.home.rename(archive.home)


def test_status_of_nothing_creates_nothing(tmp_path):
    home = tmp_path / 'none'
    Archive(home).doit('status')
    assert not home.exists()
