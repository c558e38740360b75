"""Runs are killed at random moments: nothing is lost, nothing is half written, and in the end all is as if undisturbed.

    python tests/validation/kills.py --kills 100 --seed 1

An archive is simulated, an undisturbed run makes its products; then runs on fresh copies are killed with SIGKILL, one after the
other, until one comes to its end: the whole process group or only its main process, with two workers, three, or none. A moment is a
number of seconds of processor time of the run, so that it does not depend on what else the machine does. Prints a line for each
kill, and ends with 1 where anything is wrong.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from astropy.io import fits
from tinydb import TinyDB

ROOT = Path(__file__).parents[2]
DODO = ROOT / 'dodo.py'
INPUTS = ('ingest', 'filesystem', 'bad_data')
MADE = ('outputs', 'plots', 'site', 'records')
TICKS = os.sysconf('SC_CLK_TCK')
PATIENCE_S = 60.0
LAST_S = 3.0  # what was done so long before a kill is not done again
ORPHANED_S = 2.0  # a worker may live on half a second after its main process; logs tell whole seconds
STEP = re.compile(r'(?m)^(\S+ \S+),\d+ INFO .* hstlc\.steps\.(\w+: \S+):')


@dataclass
class Trial:
    """A home on which runs are killed."""

    home: Path
    dodo: Path = DODO
    stages: tuple[str, ...] = ()  # none is all
    faults: list[str] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)  # when

    def start(self, processes):
        """Start a run in a process group of its own."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith('HSTLC_')}
        return subprocess.Popen(
            [sys.executable, '-m', 'doit', '-f', str(self.dodo), '-n', str(processes), *self.stages],
            env={**environ, 'HSTLC_HOME': str(self.home)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, processes=2):
        """Run to the end; return what was said."""
        running = self.start(processes)
        said, _ = running.communicate()
        if running.returncode:
            self.faults.append(f'a run ended with {running.returncode}: {said[-2000:]}')
        return said

    def kill(self, moment_s, whole, processes):
        """Start a run and kill it at a moment; return whether it was still alive then."""
        running = self.start(processes)
        while running.poll() is None and cpu_s(running.pid) < moment_s:
            time.sleep(0.03)
        alive = running.poll() is None
        if alive:
            self.kills.append(time.time())
            (os.killpg if whole else os.kill)(running.pid, signal.SIGKILL)
        until = time.monotonic() + PATIENCE_S
        while living(running.pid, running) and time.monotonic() < until:
            time.sleep(0.05)
        left = living(running.pid, running)
        if left:
            self.faults.append(f'processes {left} outlive their run by {PATIENCE_S:g} s')
            os.killpg(running.pid, signal.SIGKILL)
        said, _ = running.communicate()
        if not alive and running.returncode:
            self.faults.append(f'a run ended with {running.returncode}: {said[-2000:]}')
        return alive

    def was_early(self, made_at):
        """Whether something was made long enough before its run was killed."""
        return made_at < min((kill for kill in self.kills if kill > made_at - ORPHANED_S), default=0.0) - LAST_S

    def inputs(self):
        """Return the hashes of all files that may be input."""
        files = [path for name in INPUTS for path in (self.home / name).rglob('*') if path.is_file()]
        return Counter(digest(path) for path in files)

    def check(self, inputs):
        """Note what is wrong now: an input that is missing or there twice, a file with its final name that is not whole."""
        found = self.inputs()
        if any(found[one] != number for one, number in inputs.items()):
            self.faults.append(f'{sum((inputs - found).values())} of {sum(inputs.values())} input files are missing')
        for path in self.made():
            try:
                whole(path)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with a file is to be told
                self.faults.append(f'{path} is not whole: {error}')

    def made(self):
        """Return the files that hstlc wrote and that have their final name."""
        files = [path for name in MADE for path in (self.home / name).rglob('*')] + [self.home / 'hstlc.json']
        return [path for path in files if path.is_file() and not path.name.endswith('.part')]

    def products(self):
        """Return the hash of every file that hstlc wrote."""
        return {str(path.relative_to(self.home)): digest(path) for path in self.made()}

    def leavings(self):
        """Return half-written files and the lock."""
        return [str(path) for path in self.home.rglob('*') if path.name.endswith('.part') or path.name == '.lock']

    def compare(self, wanted):
        """Note what differs from the products of an undisturbed run, or is left behind."""
        made = self.products()
        differ = sorted(name for name in made.keys() | wanted.keys() if made.get(name) != wanted.get(name))
        if differ:
            self.faults.append(f'{len(differ)} files differ from an undisturbed run: {", ".join(differ[:5])}')
        if self.leavings():
            self.faults.append(f'left behind: {", ".join(self.leavings()[:5])}')

    def steps(self):
        """Return when each light curve, statistics, page and so on was made last, as the logs tell."""
        found = {}
        for path in sorted((self.home / 'logs').glob('*.log')):
            for at, name in STEP.findall(path.read_text()):
                found[name] = time.mktime(time.strptime(at, '%Y-%m-%d %H:%M:%S'))
        return found


def digest(path):
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def whole(path):
    """Raise what tells that a file is cut off or does not parse."""
    data = path.read_bytes()
    name = path.name.removesuffix('.gz')
    require(data or path.parent.name == 'verdicts')
    data = gzip.decompress(data) if data.startswith(b'\x1f\x8b') else data
    if name.endswith('.fits') and data.startswith(b'SIMPLE'):
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            with fits.open(io.BytesIO(data), checksum=True) as hdus:
                hdus.verify('exception')
                [hdu.data for hdu in hdus]
    elif name == 'hstlc.json':
        with TinyDB(path, access_mode='r') as database:
            database.tables()
    elif name.endswith('.json'):
        json.loads(data)
    elif name.endswith('.html'):
        require(data.rstrip().endswith(b'</html>') or b'<' not in data)
    elif name.endswith('.png') and data[:1] == b'\x89':
        require(b'IEND' in data[-12:])


def require(holds):
    """Raise where something does not hold."""
    if not holds:
        raise ValueError('its end is missing')


def members(group):
    """Return the processes of a group that are alive."""
    found = []
    for entry in os.scandir('/proc'):
        if entry.name.isdigit():
            try:
                fields = Path(entry.path, 'stat').read_text().rpartition(')')[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] not in 'ZX':
                found.append(int(entry.name))
    return found


def cpu_s(process):
    """Return the processor time of a process, its children, and those of them that have ended."""
    try:
        children = Path(f'/proc/{process}/task/{process}/children').read_text().split()
        return sum(_used_s(one) for one in (process, *children))
    except OSError:
        return 0.0


def _used_s(process):
    fields = Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()
    return sum(int(item) for item in fields[11:15]) / TICKS


def living(group, running):
    """Return the processes of a run that are alive; its main one is fetched."""
    running.poll()
    return sorted(members(group))


def report(trial, before, number, moment_s, kind):
    """Print a line for a kill; return how many faults there are now."""
    new = trial.faults[before:]
    sys.stdout.write(f'{number:3} {moment_s:5.1f} s  {kind:28} {len(trial.leavings()):2} leavings  {"; ".join(new) or "sound"}\n')
    sys.stdout.flush()
    return len(trial.faults)


def campaign(
    fresh, reference, *, kills, seed, folder, dodo=DODO, stages=(), earliest_s=0.2, longest=0.5
):  # fmt: skip
    """Kill runs on copies of `fresh` until there were enough; return all faults.

    Parameters
    ----------
    fresh : Path
        A home that holds only files to ingest.
    reference : Path
        The same after an undisturbed run, see `undisturbed`.
    kills, seed : int
        How many, and of what chance.
    folder : Path
        Where copies are made.
    earliest_s, longest : float
        The earliest moment, s of processor time, and the latest, as a part of the processor time of an undisturbed run.
    """
    chance, wanted, faults, number, home = random.Random(seed), Trial(reference).products(), [], 0, folder / 'home'
    total_s = float((reference / 'cpu_s').read_text())
    while number < kills:
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(fresh, home)
        trial = Trial(home, dodo, stages)
        inputs, alive, before = trial.inputs(), True, 0
        while alive and number < kills:
            moment_s, entire = chance.uniform(earliest_s, longest * total_s), chance.random() < 0.5
            processes = chance.choice((0, 2, 2, 3))
            made = trial.steps()
            alive = trial.kill(moment_s, entire, processes)
            trial.check(inputs)
            again = [name for name, at in trial.steps().items() if name in made and at != made[name]]
            early = [name for name in again if trial.was_early(made[name])]
            if early:
                trial.faults.append(f'done again although done long before the kill: {", ".join(early)}')
            number += alive
            kind = f'{"group" if entire else "main"}, -n {processes}, again {len(again)}' if alive else 'came to its end'
            before = report(trial, before, number, moment_s, kind)
        trial.run()
        trial.check(inputs)
        trial.compare(wanted)
        report(trial, before, number, 0.0, 'last run')
        faults += trial.faults
    return faults


def undisturbed(fresh, reference, dodo=DODO, stages=()):
    """Make the products of `fresh` in `reference`, and note the processor time that it takes."""
    shutil.copytree(fresh, reference)
    trial = Trial(reference, dodo, stages)
    running, used = trial.start(2), 0.0
    while running.poll() is None:
        used = max(used, cpu_s(running.pid))
        time.sleep(0.03)
    said, _ = running.communicate()
    if running.returncode:
        raise SystemExit(said)
    (reference / 'cpu_s').write_text(str(used))
    return used


def main():
    """Run as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--kills', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--dodo', type=Path, default=DODO)
    chosen = parser.parse_args()
    from hstlc.simulate.archive import write_archive

    with tempfile.TemporaryDirectory(prefix='kills-') as name:
        folder = Path(name)
        write_archive(folder / 'fresh', size='tiny')
        shutil.rmtree(folder / 'fresh' / 'truth')
        used = undisturbed(folder / 'fresh', folder / 'reference', chosen.dodo)
        sys.stdout.write(f'an undisturbed run takes {used:.1f} s of processor time\n')
        faults = campaign(
            folder / 'fresh', folder / 'reference', kills=chosen.kills, seed=chosen.seed, folder=folder, dodo=chosen.dodo
        )
    sys.stdout.write(f'{chosen.kills} kills, {len(faults)} faults\n')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
