"""The lock of a home: who holds it is said, it is waited for when asked, and it is free again whatever happened to its holder."""

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_tasks import FIRST, TESTS, Archive, wait_for

from hstlc import lock as module
from hstlc.errors import StateError
from hstlc.lock import Lock, holder
from hstlc.parts import is_alive, part_beside, sweep

HOLD = 'from hstlc.lock import Lock; from pathlib import Path; Lock(Path({!r})).take(); print(flush=True); input()'
SLOW = {f'eeee{number:02}010': {'targname': 'WD0308', 'sleep': 30} for number in range(2)}


class Holder:
    """A process that holds a lock until it is told to end."""

    def __init__(self, path):
        command = [sys.executable, '-c', HOLD.format(str(path)), 'lightcurve', 'with space']
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=TESTS.parent)
        self.process.stdout.readline()

    def end(self):
        self.process.communicate(b'\n')


@pytest.fixture(scope='module')
def done(tmp_path_factory):
    archive = Archive(tmp_path_factory.mktemp('two') / 'home').put(**FIRST)
    archive.doit()
    return archive


def test_a_second_run_says_who_holds_the_lock_or_waits_when_asked(done):
    holder = Holder(done.home / '.lock')
    said = done.doit(code=2)
    assert f'process {holder.process.pid} on {socket.gethostname()} since 2' in said
    assert 'UTC, user ' in said
    assert "doit lightcurve 'with space'; wait for it or stop it" in said
    assert 'lightcurve' in done.doit('list')
    assert 'another run is going on' in done.doit('clean', code=3)
    assert 'a number of seconds' in done.doit('wait=long', code=2)
    began = time.monotonic()
    assert 'another run' in done.doit('wait=1', code=2)
    assert time.monotonic() - began > 1
    with subprocess.Popen([*done.command, 'wait=60'], env=done.environ, stdout=subprocess.PIPE, text=True) as waiting:
        time.sleep(2)
        assert waiting.poll() is None
        holder.end()
        said, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert 'nothing to do' in said


def test_a_killed_run_is_told_by_the_next_one_which_removes_what_it_left(done):
    holder = Holder(done.home / '.lock')
    dead = part_beside(done.home / 'outputs' / 'GJ436' / 'a.fits')
    own, living = str(os.getpid()), str(os.getppid())
    left = dead.with_name(dead.name.replace(f'.{own}.', f'.{holder.process.pid}.'))
    alive = dead.with_name(dead.name.replace(f'.{own}.', f'.{living}.'))
    left.touch()
    alive.touch()
    holder.process.kill()
    holder.process.communicate()
    said = done.doit()
    assert f'The run before did not come to its end: process {holder.process.pid} on ' in said
    assert '1 half-written files of it removed' in said
    assert (left.exists(), alive.exists()) == (False, True)
    alive.unlink()
    assert 'did not come to its end' not in done.doit()


@pytest.mark.skipif(not Path('/proc/self/stat').exists(), reason='only Linux lists processes in /proc')
def test_parts_of_a_process_that_ended_and_was_not_asked_for_are_left_behind(tmp_path):
    program = 'import sys; from pathlib import Path; from hstlc.parts import part_beside; '
    program += 'part = part_beside(Path(sys.argv[1])); part.touch(); print(part.name, flush=True); sys.stdin.read()'
    command = [sys.executable, '-c', program, str(tmp_path / 'a')]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        part = tmp_path / writer.stdout.readline().strip()
        assert is_alive(writer.pid)
        assert sweep([tmp_path]) == []
        writer.kill()
        os.waitid(os.P_PID, writer.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is still listed
        os.kill(writer.pid, 0)
        assert not is_alive(writer.pid)
        assert sweep([tmp_path]) == [part]


def test_parts_of_other_hosts_go_after_an_hour(tmp_path):
    ours = part_beside(tmp_path / 'a')
    there = ours.with_name(ours.name.replace(ours.name.split('.')[2], '01234567'))
    for path in (ours, there, tmp_path / 'a.part', tmp_path / '.a'):
        path.touch()
    assert sweep([tmp_path]) == [ours]  # of a process that bore this number before
    os.utime(there, (time.time() - 4000, time.time() - 4000))
    assert sweep([tmp_path]) == [there]
    assert sorted(os.listdir(tmp_path)) == ['.a', 'a.part']


@pytest.fixture
def no_locks(monkeypatch):
    """A file system that knows no locks."""

    def refuses(descriptor, kind):
        raise OSError(errno.ENOLCK, 'No locks available')

    monkeypatch.setattr(fcntl, 'lockf', refuses)
    monkeypatch.setattr(module, 'SETTLE_S', 0.01)


def test_without_locks_the_file_is_the_lock(tmp_path, no_locks):
    path = tmp_path / '.lock'
    one, other = Lock(path), Lock(path)
    one.take()
    with pytest.raises(StateError, match=f'process {os.getpid()} on'):
        other.take()
    one.release()
    other.take()
    other.release()
    assert not path.exists()


def test_without_locks_that_of_a_dead_process_is_taken_over_unless_it_was_elsewhere(tmp_path, no_locks):
    path = tmp_path / '.lock'
    dead = subprocess.Popen(['true'])
    dead.wait()
    its = holder().replace(f'process {os.getpid()} ', f'process {dead.pid} ')
    path.write_text(its)
    lock = Lock(path)
    lock.take()
    assert f'process {dead.pid} on' in lock.left_behind
    lock.release()
    path.write_text(its.replace(socket.gethostname(), 'another-host'))
    with pytest.raises(StateError, match='on another-host since'):
        Lock(path).take()


def test_without_locks_the_last_of_two_at_once_has_it(tmp_path, no_locks, monkeypatch):
    path = tmp_path / '.lock'
    later = holder().replace(f'process {os.getpid()} ', f'process {os.getppid()} ')
    monkeypatch.setattr(time, 'sleep', lambda _: path.write_text(later))
    with pytest.raises(StateError, match=f'process {os.getppid()} on'):
        Lock(path).take()


def children(process):
    with open(f'/proc/{process}/task/{process}/children') as file:
        return [int(one) for one in file.read().split()]


def alive(processes):
    found = []
    for process in processes:
        try:
            with open(f'/proc/{process}/stat') as file:
                found += [process] if file.read().rpartition(')')[2].split()[0] not in 'ZX' else []
        except OSError:
            continue
    return found


@pytest.mark.skipif(not os.path.exists('/proc/self/task'), reason='needs /proc')
def test_no_worker_outlives_its_run_and_no_run_its_worker(tmp_path):
    archive = Archive(tmp_path / 'home').put(**SLOW)
    for victim in ('main', 'worker'):
        with subprocess.Popen(
            [*archive.command, '-n', '5'], env=archive.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:  # five workers for two light curves: three are idle
            wait_for(lambda run=running: 'lightcurve' in log(archive) and len(children(run.pid)) == 5)
            time.sleep(1)
            workers = children(running.pid)
            os.kill(running.pid if victim == 'main' else workers[0], signal.SIGKILL)
            said = end_of(running)
            wait_for(lambda workers=workers: not alive(workers))
    assert running.returncode == 2
    assert 'a worker process was killed by signal 9' in said
    assert 'Traceback' not in said


def end_of(running):
    """Return what a run said that ends by itself; one that does not is killed, and fails the test."""
    try:
        return running.communicate(timeout=30)[0]
    except subprocess.TimeoutExpired:
        for process in (*children(running.pid), running.pid):
            os.kill(process, signal.SIGKILL)
        raise


def log(archive):
    return (
        'lightcurve'
        if (archive.home / 'records').is_dir() and len(list((archive.home / 'records').glob('eeee*.json'))) == 2
        else ''
    )


def test_a_light_curve_that_was_done_a_second_before_the_kill_is_not_done_again(tmp_path):
    archive = Archive(tmp_path / 'home').put(**FIRST, eeee01010={'targname': 'ZZ', 'sleep': 6})
    with subprocess.Popen([*archive.command, '-n', '2'], env=archive.environ, stdout=subprocess.DEVNULL) as running:
        outcomes = archive.home / 'records' / 'lightcurves'
        wait_for(lambda: len(list(outcomes.glob('*.json'))) == 3)
        time.sleep(3)
        running.kill()
    assert 'lightcurve  1 light curve\n' in archive.doit()
