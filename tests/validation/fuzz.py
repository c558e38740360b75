"""Broken event files, spectra and reference files through the real doit: what is not refused must be sound.

    python -m tests.validation.fuzz [--n 2000] [--batch 100] [--seed 1] [--only MUTATION] [--keep FOLDER] [--output FILE.json]

Every file is a good simulated one to which something was done. They are put into ingest/ of new homes in batches, and doit runs
on each as a person would run it, with limited memory. Then every exposure must be accepted, or rejected with a reason and lie in
bad_data/; nothing may fail, nothing may be half written, no number in the records may be NaN, and what was made must open.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from astropy.io import fits

from .fuzz_seeds import Seed, make_seeds
from .mutations import MUTATIONS, pick

ROOT = Path(__file__).parents[2]
ADDRESS_SPACE = 6 << 30  # bytes, of each process
PEAK_MEMORY = 1200  # MB that a process may have used
PAUSE_S = 60.0  # between two lines of the log of one process
SPECIAL = ('a_folder', 'a_pipe', 'a_dangling_link', 'a_loop', 'a_link_to_a_device')
LINES = re.compile(r'^(\S+ \d\d:\d\d:\d\d,\d{3}) \w+ +(\S+) hstlc.steps.(?:ingest|lightcurves)', re.MULTILINE)
BUGS = re.compile('Traceback|an error in the program')


@dataclass(frozen=True)
class Case:
    """An exposure, the one of its files that is broken, and how."""

    number: int
    rootname: str
    seed: str
    file: str  # the end of the broken file's name, or the name of a reference file
    mutation: str


@dataclass
class Result:
    """What became of a batch."""

    cases: int
    accepted: int
    rejected: int
    reasons: dict[str, int]
    without_curve: int
    seconds: float
    longest_pause_s: float
    peak_memory_mb: float
    faults: list[str]


def plan(seeds: tuple[Seed, ...], first: int, count: int, seed: int, only: str | None) -> list[Case]:
    """Return the cases from number `first` on; the same numbers give the same cases."""
    cases = []
    names = [only] if only else [*MUTATIONS, *SPECIAL]
    for number in range(first, first + count):
        rng = np.random.default_rng([seed, number])
        name, good = names[number % len(names)], seeds[(number // len(names) + number) % len(seeds)]
        files = [*good.files, *good.references]
        events = [end for end in good.files if end != '_x1d.fits']
        broken = pick(rng, events) if name in SPECIAL or rng.random() < 0.5 else pick(rng, files)
        cases.append(Case(number, f'{good.rootname[0]}fz{number:06d}', good.kind, broken, name))
    return cases


def write(case: Case, good: Seed, home: Path, seed: int) -> None:
    """Put the files of a case into ingest/ and references/."""
    rng = np.random.default_rng([seed, case.number, 1])
    folder = home / 'references' / 'hst' / ('cos' if good.rootname.startswith('l') else 'stis')
    folder.mkdir(parents=True, exist_ok=True)
    named = {name: f'{case.number:06d}{name[6:]}' if name == case.file else name for name in good.references}
    for end, content in good.files.items():
        for old, new in ((good.rootname, case.rootname), (good.rootname.upper(), case.rootname.upper()), *named.items()):
            content = content.replace(old.encode(), new.encode())
        path = home / 'ingest' / f'{case.rootname}{end}'
        if end != case.file:
            path.write_bytes(content)
        elif case.mutation in SPECIAL:
            make_special(case.mutation, path)
        else:
            path.write_bytes(MUTATIONS[case.mutation](rng, content))
    for name, content in good.references.items():
        path = folder / named[name]
        if name == case.file:
            path.write_bytes(MUTATIONS[case.mutation](rng, content))
        elif not path.exists():
            path.write_bytes(content)


def make_special(kind: str, path: Path) -> None:
    """Make something at `path` that is no file."""
    if kind == 'a_folder':
        path.mkdir()
    elif kind == 'a_pipe':
        os.mkfifo(path)
    else:
        path.symlink_to({'a_dangling_link': 'nothing', 'a_loop': path.name, 'a_link_to_a_device': '/dev/zero'}[kind])


def run(home: Path, *words: str) -> tuple[int, str, float]:
    """Run doit; return its exit code, what it said, and the memory of its largest process in MB."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith('HSTLC_') and name not in ('lref', 'oref')}
    command = [sys.executable, '-m', 'doit', '-f', str(ROOT / 'dodo.py'), *words]
    with tempfile.TemporaryFile('w+') as said:
        process = subprocess.Popen(
            command, env={**environ, 'HSTLC_HOME': str(home)}, stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=_limit
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return process.returncode, said.read(), usage.ru_maxrss / 1024


def _limit() -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def fuzz(home: Path, cases: list[Case], seeds: tuple[Seed, ...], seed: int, *words: str) -> Result:
    """Run doit on a new home with these cases, and look at everything that it left."""
    (home / 'ingest').mkdir(parents=True)
    good = {item.kind: item for item in seeds}
    for case in cases:
        write(case, good[case.seed], home, seed)
    began = time.monotonic()
    code, said, memory = run(home, *words)
    seconds = time.monotonic() - began
    faults = [f'exit code {code}: {said[-2000:]}'] if code else []
    log = ''.join(path.read_text('utf-8') for path in (home / 'logs').iterdir())
    for text in (said, log):
        faults += [text[max(0, found.start() - 300) : found.start() + 3000] for found in BUGS.finditer(text)]
    pause = longest_pause(log)
    faults += [f'{pause:.0f} s without a line in the log'] if pause > PAUSE_S else []
    faults += [f'{memory:.0f} MB'] if memory > PEAK_MEMORY else []
    records = {case: home / 'records' / f'{case.rootname}.json' for case in cases}
    others = sum(case.mutation in SPECIAL for case in cases)
    if others and not re.search(rf'they are no files .*\({others} in ', said):
        faults.append(f'it was not said that {others} are no files')
    status, reasons = Counter(), Counter()
    for case, path in records.items():
        if case.mutation not in SPECIAL:
            faults += [f'{case}: {fault}' for fault in judge(home, case, path, status, reasons)]
    faults += unsound(home)
    without = sum(json.loads(path.read_text())['product'] is None for path in (home / 'records/lightcurves').glob('*.json'))
    return Result(len(cases), status['accepted'], status['rejected'], dict(reasons), without, seconds, pause, memory, faults)


def judge(home: Path, case: Case, path: Path, status: Counter, reasons: Counter) -> list[str]:
    """Return what is wrong with the end of a case."""
    if not path.is_file():
        return ['no record']
    record = json.loads(path.read_text('utf-8'))
    status[record['status']] += 1
    if record['status'] == 'rejected':
        reasons[record['rejections'][0]['reason']] += 1
        faults = [] if len(record['rejections'][0]['detail']) > 5 else ['no detail']
        there = record['path'] == 'bad_data' and (home / 'bad_data' / record['filename']).is_file()
        return faults if there else [*faults, 'not in bad_data/']
    names = [item['name'] for item in record['exposure']['files']]
    faults = [f'{name} is not in {record["path"]}' for name in names if not (home / record['path'] / name).is_file()]
    if not (home / 'records' / 'lightcurves' / f'{case.rootname}_curve.json').is_file():
        faults.append('accepted, but nothing is said of its light curve')
    if case.file.endswith('.fits') and not case.file.startswith('_'):
        faults += reference_fault(home, case)
    return faults


def reference_fault(home: Path, case: Case) -> list[str]:
    """Return a fault where the product says neither that the broken reference file was read nor that it was not."""
    path = home / 'outputs' / f'FUZZ-{case.seed.upper().replace("_", "-")}' / f'{case.rootname}_curve.fits'
    if not path.is_file():
        return []
    outcome = json.loads((home / f'records/lightcurves/{case.rootname}_curve.json').read_text('utf-8'))
    said = ' '.join([*outcome['warnings'], *(str(row['reference_files']) for row in outcome['provenance'])])
    return [] if f'{case.number:06d}{case.file[6:]}' in said else ['the product says nothing of the reference file']


def longest_pause(log: str) -> float:
    """Return the longest time between two lines about exposures of one process in the log, the longest that one of them took."""
    last: dict[str, datetime] = {}
    longest = 0.0
    for when, process in LINES.findall(log):
        now = datetime.fromisoformat(when.replace(',', '.'))
        longest = max(longest, (now - last.get(process, now)).total_seconds())
        last[process] = now
    return longest


def unsound(home: Path) -> list[str]:
    """Return what cannot be read of all that was written."""
    faults = []
    for path in [home / 'hstlc.json', *home.rglob('records/**/*.json'), *home.rglob('site/**/*.json')]:
        if path.is_file():
            try:
                json.loads(path.read_text('utf-8'), parse_constant=_refuse)
            except ValueError as error:
                faults.append(f'{path.relative_to(home)}: {error}')
    for path in [*home.rglob('outputs/**/*.fits*'), *home.rglob('site/**/*.fits')]:
        try:
            with fits.open(path, checksum=True, memmap=False) as hdus:
                faults += [f'{path.relative_to(home)}: no rows' for hdu in hdus if hdu.name == 'LIGHTCURVE' and len(hdu.data) == 0]
                hdus.verify('exception')
        except (OSError, ValueError, TypeError, KeyError, fits.VerifyError) as error:
            faults.append(f'{path.relative_to(home)}: {error}')
    return faults + [f'left behind: {path.relative_to(home)}' for path in home.rglob('*.part')]


def _refuse(name: str) -> None:
    raise ValueError(f'{name} is not JSON')


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--n', type=int, default=2000)
    parser.add_argument('--first', type=int, default=0)
    parser.add_argument('--batch', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', choices=[*MUTATIONS, *SPECIAL])
    parser.add_argument('--keep', type=Path, help='folder where homes with faults stay')
    parser.add_argument('--output', type=Path)
    parser.add_argument('--words', nargs='*', default=[], help='what doit is asked for')
    chosen = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        seeds = make_seeds(Path(folder))
        for first in range(chosen.first, chosen.first + chosen.n, chosen.batch):
            home = (chosen.keep or Path(folder)) / f'home-{first}'
            count = min(chosen.batch, chosen.first + chosen.n - first)
            result = fuzz(home, plan(seeds, first, count, chosen.seed, chosen.only), seeds, chosen.seed, *chosen.words)
            results.append(result)
            ends = f'{result.accepted} accepted ({result.without_curve} without light curve), {result.rejected} rejected'
            cost = f'{result.seconds:.0f} s, at most {result.longest_pause_s:.1f} s for one, {result.peak_memory_mb:.0f} MB'
            print(f'{first}: {ends}; {cost}; {len(result.faults)} faults', flush=True)
            for fault in result.faults:
                print(f'--- {fault}', flush=True)
            if not (chosen.keep and result.faults):
                shutil.rmtree(home)
    if chosen.output:
        chosen.output.write_text(json.dumps([asdict(result) for result in results], indent=1) + '\n')
    return int(any(result.faults for result in results))


if __name__ == '__main__':
    sys.exit(main())
