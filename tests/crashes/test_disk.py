"""Full disks, folders that cannot be written, a home that vanishes: a clear message, nothing half written, the next run goes on."""

import ctypes
import os
import resource
import shutil
import subprocess
import sys

import pytest
from test_tasks import FIRST, Archive, digest, wait_for

from hstlc.errors import StateError
from hstlc.files import output

CAPABILITIES = (1, 2, 3)  # of root, with which it passes over permissions: DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER
PR_CAPBSET_DROP = 24


def without_privileges():
    """Let permissions count for root too; called in a child before it begins."""
    if os.geteuid() == 0:
        for capability in CAPABILITIES:
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


class Plain(Archive):
    """A home on which doit runs as somebody for whom permissions count."""

    def doit(self, *arguments, code=0):
        done = subprocess.run(
            [*self.command, *arguments], env=self.environ, capture_output=True, text=True, check=False, timeout=120,
            stdin=subprocess.DEVNULL, preexec_fn=without_privileges,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def archive(tmp_path):
    return Plain(tmp_path / 'home').put(**FIRST)


def parts(folder):
    return [path for path in folder.rglob('*') if path.name.endswith('.part')]


@pytest.fixture
def small_files():
    """No file may be longer than 4 kB, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_the_old_file_stays(tmp_path, small_files):
    path = tmp_path / 'a.json'
    output.write_text(path, 'old')
    with pytest.raises(StateError, match=r'a\.json: the disk is full; make room'):
        output.write_text(path, 'x' * 5000)
    assert os.listdir(tmp_path) == ['a.json']
    assert path.read_text() == 'old'


@pytest.mark.parametrize(('umask', 'mode'), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_the_umask_of_the_one_who_runs_it_counts(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        output.write_text(tmp_path / 'a.json', 'content')
    finally:
        os.umask(before)
    assert (tmp_path / 'a.json').stat().st_mode & 0o777 == mode


def test_the_error_of_another_file_is_not_blamed_on_the_one_that_is_written(tmp_path):
    with pytest.raises(FileNotFoundError, match='source'), output.replacing(tmp_path / 'a') as part:
        shutil.copyfile(tmp_path / 'source', part)
    assert os.listdir(tmp_path) == []


def test_a_move_to_another_disk_is_safe_before_the_source_goes(tmp_path, monkeypatch):
    source, target, order = tmp_path / 'a', tmp_path / 'b' / 'a', []
    source.write_text('content')
    replace, sync = os.replace, output._sync

    def replaces(one, other):
        if one == source:
            raise OSError(18, 'another disk', str(one))
        replace(one, other)
        order.append('named')

    monkeypatch.setattr(os, 'replace', replaces)
    monkeypatch.setattr(output, '_sync', lambda path: order.append((path.name, source.exists())) or sync(path))
    output.move(source, target)
    assert order[1:] == ['named', ('b', True)]
    assert (target.read_text(), source.exists()) == ('content', False)


def test_a_move_that_fails_leaves_the_source(tmp_path):
    source = tmp_path / 'a'
    source.write_text('content')
    (tmp_path / 'b').write_text('a file where a folder is needed')
    with pytest.raises(StateError, match='cannot move'):
        output.move(source, tmp_path / 'b' / 'a')
    assert source.read_text() == 'content'


def test_outputs_that_cannot_be_written_are_named_and_the_next_run_completes(archive):
    archive.doit()
    folder = archive.home / 'outputs' / 'GJ436'
    folder.chmod(0o555)
    said = archive.put(aaaa03010={'targname': 'GJ436', 'day': 2}).doit(code=2)
    assert f'cannot write {folder}/aaaa03010_curve.fits: Permission denied; check the permissions of {folder}' in said
    assert 'Traceback' not in said
    assert 'an error in the program' not in said
    assert not parts(archive.home)
    folder.chmod(0o755)
    assert '1 light curve' in archive.doit()
    record = archive.home / 'records' / 'aaaa01010.json'
    record.chmod(0)
    assert 'nothing to do' in archive.doit()  # what it said is known
    os.utime(record)
    said = archive.doit(code=2)
    assert 'aaaa01010.json' in said
    assert 'Traceback' not in said
    record.chmod(0o644)
    archive.home.chmod(0o555)
    said = archive.doit(code=3)
    assert f'{archive.home} cannot be written' in said
    assert 'Traceback' not in said
    archive.home.chmod(0o755)


def test_a_home_that_vanishes_is_not_begun_anew(archive):
    archive.put(**{f'eeee{number:02}010': {'targname': 'WD0308', 'sleep': 0.3} for number in range(12)})
    with subprocess.Popen(
        archive.command, env=archive.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        wait_for(lambda: list((archive.home / 'outputs').glob('WD0308/*_curve.fits')))
        archive.home.rename(archive.home.with_name('elsewhere'))
        said, _ = running.communicate(timeout=100)
    assert running.returncode != 0
    assert f'{archive.home} vanished while the run went on; is its disk mounted?' in said
    assert not archive.home.exists()
    archive.home.with_name('elsewhere').rename(archive.home)
    archive.doit()
    assert len(list((archive.home / 'outputs' / 'WD0308').glob('*_curve.fits'))) == 13


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 1 MB of its own."""
    folder = tmp_path / 'disk'
    folder.mkdir()
    if os.geteuid() or subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', folder], check=False).returncode:
        pytest.skip('mounting a small disk needs root')
    yield folder
    subprocess.run(['umount', '-l', folder], check=True)


@pytest.mark.skipif(sys.platform != 'linux', reason='tmpfs is of Linux')
def test_a_full_disk_is_said_and_the_next_run_completes(small_disk, tmp_path):
    archive = Archive(small_disk / 'home').put(**FIRST)
    inputs = sorted(digest(path) for path in (small_disk / 'home' / 'ingest').iterdir())
    room = os.statvfs(small_disk)
    (small_disk / 'filler').write_bytes(b'x' * (room.f_bavail * room.f_frsize - 60_000))
    done = subprocess.run(archive.command, env=archive.environ, capture_output=True, text=True, check=False, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode in (1, 2), said
    assert 'the disk is full; make room' in said
    assert 'Traceback' not in said
    assert not parts(small_disk)
    folders = ('ingest', 'filesystem', 'bad_data')
    assert sorted(digest(path) for name in folders for path in (archive.home / name).rglob('*.fits')) == inputs
    (small_disk / 'filler').unlink()
    archive.doit()
    other = Archive(tmp_path / 'other').put(**FIRST)
    other.doit()
    assert archive.products() == other.products()
