"""The home, its lock, its permissions and its logs."""

import grp
import logging
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hstlc import logs, permissions
from hstlc.errors import SettingsError, StateError
from hstlc.lock import Lock
from hstlc.paths import MARKER, Paths
from hstlc.settings import Settings
from hstlc.steps.home import check_home, is_furnished, open_home

OWN_GROUP = grp.getgrgid(os.getgid()).gr_name


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / 'home')


def test_a_new_home_is_furnished_and_marked(settings):
    assert not is_furnished(settings)
    open_home(settings)
    assert is_furnished(settings)
    assert all(folder.is_dir() for folder in Paths(settings).folders())
    assert (settings.home / MARKER).is_file()


def test_opening_again_changes_nothing(settings):
    open_home(settings)
    before = {path: path.stat().st_mtime_ns for path in settings.home.rglob('*')}
    open_home(settings)
    assert {path: path.stat().st_mtime_ns for path in settings.home.rglob('*')} == before


def test_a_folder_with_other_files_is_refused_and_left_alone(settings):
    settings.home.mkdir()
    (settings.home / 'thesis.tex').touch()
    with pytest.raises(StateError, match=r'thesis\.tex.*empty folder'):
        open_home(settings)
    assert os.listdir(settings.home) == ['thesis.tex']
    (settings.home / MARKER).touch()
    open_home(settings)


def test_files_to_ingest_may_wait_in_a_folder_that_is_no_home_yet(settings):
    (settings.home / 'ingest').mkdir(parents=True)
    (settings.home / 'operator.csv').touch()
    open_home(settings)


def test_a_file_is_no_home(settings):
    settings.home.touch()
    with pytest.raises(StateError, match='is a file'):
        check_home(settings)


def test_two_settings_cannot_name_one_folder(tmp_path):
    with pytest.raises(SettingsError, match='both ingest and site'):
        check_home(Settings(home=tmp_path, ingest_dir=tmp_path / 'x', site_dir=tmp_path / 'x'))


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / 'plots').touch()
    with pytest.raises(StateError, match='plots'):
        open_home(Settings(home=tmp_path / 'home', plot_dir=tmp_path / 'plots' / 'here'))


HOLD = """
import pathlib, sys
from hstlc.lock import Lock
Lock(pathlib.Path(sys.argv[1])).take()
print('held', flush=True)
input()
"""


def test_a_second_process_is_told_who_holds_the_lock(tmp_path):
    path = tmp_path / '.lock'
    with subprocess.Popen([sys.executable, '-c', HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == 'held\n'
        with pytest.raises(StateError, match=rf'another run is going on in .*process {holder.pid} on .* since \d{{4}}-'):
            Lock(path).take()
        holder.kill()
        holder.wait()
    lock = Lock(path)  # free after a kill
    lock.take()
    lock.release()
    assert not path.exists()


def test_a_lock_that_was_not_taken_is_not_released(tmp_path):
    path = tmp_path / '.lock'
    path.touch()
    Lock(path).release()
    assert path.exists()


def test_a_group_that_does_not_exist_names_the_setting(tmp_path):
    with pytest.raises(SettingsError, match="setting 'group': there is no group 'no-such-group'"):
        check_home(Settings(home=tmp_path, group='no-such-group'))


def mode(path: Path) -> str:
    return stat.filemode(path.stat().st_mode)


def test_with_a_group_the_archive_is_its_own_and_the_site_is_public(tmp_path):
    settings = Settings(home=tmp_path / 'home', group=OWN_GROUP)
    open_home(settings)
    paths = Paths(settings)
    for path in (paths.record('a'), paths.site / 'targets' / 'x.html'):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    permissions.settle(paths)
    assert mode(paths.record('a')) == '-rw-rw----'
    assert mode(paths.records) == 'drwxrws---'
    assert mode(paths.site / 'targets' / 'x.html') == '-rw-rw-r--'
    assert mode(paths.site) == mode(paths.site / 'targets') == 'drwxrwsr-x'
    assert mode(paths.home) == 'drwxrws--x'  # passable
    assert paths.record('a').stat().st_gid == os.getgid()


def test_settling_again_touches_nothing(tmp_path):
    settings = Settings(home=tmp_path / 'home', group=OWN_GROUP)
    open_home(settings)
    permissions.settle(Paths(settings))
    before = {path: path.stat().st_ctime_ns for path in settings.home.rglob('*')}
    permissions.settle(Paths(settings))
    assert {path: path.stat().st_ctime_ns for path in settings.home.rglob('*')} == before


def test_without_a_group_permissions_are_left_alone(settings):
    open_home(settings)
    os.chmod(settings.home, 0o700)
    permissions.settle(Paths(settings))
    assert mode(settings.home) == 'drwx------'


def test_a_log_begins_with_the_environment(tmp_path, settings):
    path = tmp_path / 'logs' / logs.log_name('lightcurve:a', datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert path.name == 'lightcurve-a_2026-01-02T03-04-05-000000.log'
    try:
        logs.start(path, settings)
        logs.attach(path)  # a second time does nothing
        logging.getLogger('hstlc.steps').info('a line')
    finally:
        logs.detach()
    text = path.read_text()
    for word in ('user ', 'host ', 'python ', 'package   astropy ', 'package   hstlc ', 'setting   step = 2.0', f'{settings.home}'):
        assert word in text
    assert text.count('a line') == 1
