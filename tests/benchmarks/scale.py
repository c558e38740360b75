"""What an archive of N small exposures costs: built, looked at again, with one exposure more, with another title.

    python -m tests.benchmarks.scale [N ...] [--bare] [--folder PATH] [--files] [-- arguments of doit]

An exposure has the structure of a real one (headers, tables, both segments of COS, an x1d) and few events. Three in five are COS;
every fifth belongs to a star with a hundred exposures over years, the others come three to a target. One exposure of each kind is
simulated; the others are its bytes with other names, places and times in their headers, and a link to its x1d. `--bare` adds what
doit itself takes to find nothing to do in a static dodo.py with five tasks per exposure. Times are of the clock and of all
processes together, memory is that of the largest process.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from astropy.time import Time

from hstlc.simulate.archive import WRITERS
from hstlc.simulate.demo import TINY, Item
from hstlc.simulate.spectrum import Spectrum

ROOT = Path(__file__).parents[2]
DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'
KINDS = ('fuv', 'first_order', 'nuv', 'fuv', 'first_order')
SECONDS = 30.0
OFTEN, PER_STAR, PER_TARGET = 5, 100, 3  # every fifth exposure is of a star with a hundred; other targets have three
BLOCK, CARD = 2880, 80

BARE = """
from pathlib import Path
HERE = Path(__file__).parent
DOIT_CONFIG = {'backend': 'sqlite3', 'dep_file': str(HERE / 'doit.db')}


def touch(path):
    Path(path).write_text(path)


def task_bare():
    for k in range(%d):
        for stage in range(5):
            source = [f'{HERE}/{k}.0', *([f'{HERE}/{k}.{stage}'] if stage else [])]
            target = f'{HERE}/{k}.{stage + 1}'
            yield {'name': f'{k}-{stage}', 'file_dep': source, 'targets': [target], 'actions': [(touch, [target])]}
"""


# a small process of its own: the largest memory of a child begins with its parent's
METER = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_utime, used.ru_stime, used.ru_maxrss)
"""


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    clock_s: float
    cpu_s: float
    memory_mb: float
    user_s: float  # of the processor time, without the system's


def templates(folder: Path) -> dict[str, tuple[str, list[Path]]]:
    """Simulate one exposure of each kind; return its rootname and files."""
    found = {}
    for item in TINY:
        if item.mode in KINDS and item.mode not in found:
            short = _faint(item)
            truth = WRITERS[item.mode](folder, item.rootname, short.source, exptime_s=SECONDS, seed=1, **short.options)
            found[item.mode] = (item.rootname, [folder / name for name in truth.files])
    return found


def _faint(item: Item) -> Item:
    source = replace(item.source, spectrum=Spectrum(4e-15, -1))
    return replace(item, source=source, options={**item.options, **({'airglow': 0.2} if item.mode == 'fuv' else {'dark': 1e-5})})


def base36(number: int, width: int) -> str:
    """Return a number in 36 digits."""
    text = ''
    for _ in range(width):
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text


def plan(count: int, first: int = 0) -> Iterator[tuple[str, str, int, float]]:
    """Yield kind, rootname, number of the target and start of exposures."""
    for k in range(first, first + count):
        kind = KINDS[(k // OFTEN) % len(KINDS)] if k % OFTEN == 0 else KINDS[k % len(KINDS)]
        rootname = ('o' if kind == 'first_order' else 'l') + base36(k, 6) + ('10' if kind == 'first_order' else '1q')
        often, turn = divmod(k, OFTEN)
        if turn == 0:
            target, start = often // PER_STAR, 55200.1 + 20.0 * (often % PER_STAR) + 0.01 * (k % 7)
        else:
            number = k - often
            target, start = 100_000 + number // PER_TARGET, 55300.2 + (number // PER_TARGET) % 4000 + 0.066 * (number % PER_TARGET)
        yield kind, rootname, target, start


def position(target: int) -> tuple[float, float]:
    """Return a place in the sky that no other target is near to."""
    return (target * 137.50776) % 360.0, -75.0 + (target * 0.61803) % 150.0


def write_exposures(folder: Path, made: dict[str, tuple[str, list[Path]]], wanted: Iterator[tuple[str, str, int, float]]) -> None:
    """Write exposures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, rootname, target, start in wanted:
        template, files = made[kind]
        for file in files:
            place = folder / file.name.replace(template, rootname)
            if file.name.endswith('_x1d.fits'):
                os.link(file, place)
            else:
                place.write_bytes(renamed(file.read_bytes(), rootname, target, start))


def renamed(content: bytes, rootname: str, target: int, start_mjd: float) -> bytes:
    """Return an event list with another name, target and time in its headers."""
    ra_deg, dec_deg = position(target)
    date, clock = Time(start_mjd, format='mjd').isot.split('T')
    end_mjd = start_mjd + SECONDS / 86400
    cards = {
        'ROOTNAME': f"'{rootname}'", 'EXPNAME': f"'{rootname}'", 'ASN_ID': f"'{rootname.upper()}'", 'TARGNAME': f"'STAR-{target}'",
        'RA_TARG': f'{ra_deg:.7f}', 'DEC_TARG': f'{dec_deg:.7f}', 'EXPSTART': f'{start_mjd:.8f}', 'EXPEND': f'{end_mjd:.8f}',
        'TEXPSTRT': f'{start_mjd:.8f}', 'TEXPEND': f'{end_mjd:.8f}', 'DATE-OBS': f"'{date}'", 'TIME-OBS': f"'{clock[:8]}'",
    }  # fmt: skip
    pattern = b'|'.join(re.escape(f'{name:<8}= '.encode()) for name in cards)

    def card(match: re.Match[bytes]) -> bytes:
        name = match[1][:8].decode().strip()
        return f'{name:<8}= {cards[name]:>20}'.ljust(CARD).encode()[:CARD]

    return re.sub(b'(?s)(' + pattern + b').{70}', card, content)


def run(command: list[str], environ: dict[str, str]) -> Cost:
    """Run a command; its output is shown only if it fails."""
    with tempfile.TemporaryFile() as said:
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, '-S', '-c', METER, *command],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=said,
            stdin=subprocess.DEVNULL,
        )
        clock_s = time.monotonic() - start
        code, user_s, system_s, memory_kb = done.stdout.split()
        if int(code):
            said.seek(0)
            sys.stderr.write(said.read().decode()[-4000:])
    return Cost(clock_s, float(user_s) + float(system_s), float(memory_kb) / 1024, float(user_s))


def state(home: Path) -> dict[str, tuple[int, int, int]]:
    """Return what tells whether a file was written."""
    found = {}
    for folder, _, names in os.walk(home):
        for name in names:
            info = os.stat(os.path.join(folder, name))
            found[os.path.relpath(os.path.join(folder, name), home)] = (info.st_mtime_ns, info.st_size, info.st_ino)
    return found


def written(before: dict[str, tuple[int, int, int]], after: dict[str, tuple[int, int, int]]) -> list[str]:
    """Return the files that are new, changed or gone, in the order of their names."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def bare(folder: Path, count: int) -> Cost:
    """Return what a bare dodo.py takes to find nothing to do."""
    folder.mkdir()
    (folder / 'dodo.py').write_text(BARE % count)
    for k in range(count):
        (folder / f'{k}.0').write_text(str(k))
    command = [sys.executable, '-m', 'doit', '-f', str(folder / 'dodo.py')]
    run(command, dict(os.environ))
    return min((run(command, dict(os.environ)) for _ in range(3)), key=lambda cost: cost.cpu_s)


class Bench:
    """An archive of N exposures and what was measured of it."""

    def __init__(self, folder: Path, count: int, options: list[str]) -> None:
        self.home, self.count, self.options = folder / str(count), count, options
        self.templates = templates(folder / f'templates-{count}')
        self.written: list[str] = []
        kept = {name: value for name, value in os.environ.items() if not name.startswith('HSTLC_')}
        self.environ = {**kept, 'HSTLC_HOME': str(self.home)}

    def doit(self, label: str) -> Cost:
        """Run everything, and print what it took."""
        before = state(self.home) if label != 'build' else {}
        cost = run([sys.executable, '-m', 'doit', '-f', str(ROOT / 'dodo.py'), *self.options], self.environ)
        self.written = written(before, state(self.home)) if before else []
        report(label, self.count, cost, f'{len(self.written)} files written' if before else '')
        return cost

    def measure(self) -> None:
        """Build, look, add, change."""
        start = time.monotonic()
        write_exposures(self.home / 'ingest', self.templates, plan(self.count))
        print(f'{self.count} exposures simulated in {time.monotonic() - start:.0f} s', flush=True)
        self.doit('build')
        self.doit('no-op')
        self.doit('no-op')
        write_exposures(self.home / 'ingest', self.templates, plan(1, first=self.count))
        self.doit('one new')
        self.news = self.written
        (self.home / 'hstlc.toml').write_text('title = "Another title"\n')
        self.doit('pages')
        self.doit('no-op')


def report(label: str, count: int, cost: Cost, more: str = '') -> None:
    """Print one line of the table."""
    figures = f'{cost.clock_s:>9.2f} {cost.cpu_s:>9.2f} {cost.memory_mb:>7.0f}'
    print(f'{count:>7} {label:<8} {figures}  {more}', flush=True)


def main() -> None:
    """Measure and print."""
    arguments, options = sys.argv[1:], []
    if '--' in arguments:
        cut = arguments.index('--')
        arguments, options = arguments[:cut], arguments[cut + 1 :]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('counts', nargs='*', type=int, default=[1000, 3000])
    parser.add_argument('--bare', action='store_true', help='compare with a static dodo.py')
    parser.add_argument('--folder', type=Path, help='keep the archives here')
    parser.add_argument('--files', action='store_true', help='list what one new exposure made a run write')
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        print(f'{"N":>7} {"run":<8} {"clock s":>9} {"cpu s":>9} {"MB":>7}')
        for count in given.counts:
            bench = Bench(folder, count, options)
            bench.measure()
            if given.bare:
                report('bare', count, bare(folder / f'bare-{count}', count))
            if given.files:
                kinds = Counter(name.partition('/')[0] for name in bench.news)
                print(', '.join(f'{kind}: {number}' for kind, number in kinds.items()), *bench.news, sep='\n  ')


if __name__ == '__main__':
    main()
