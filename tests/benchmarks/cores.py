"""How well two cores are used: doit with two processes against two doits of one process with half of the exposures each.

    python -m tests.benchmarks.cores [--exposures 4] [--repeats 3] [--folder PATH]

Exposures of COS FUV with three million events each, from ingest to their light curves. Both ways in turn, so that they suffer the
same neighbours. 1 is as good as two machines.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hstlc.simulate import cos
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import Spectrum
from tests.benchmarks.scale import ROOT, base36, renamed

TEMPLATE = 'lbench01q'


def make(folder: Path, count: int) -> list[list[Path]]:
    """Write exposures; return the files of each."""
    folder.mkdir(parents=True)
    cos.write_fuv(folder, TEMPLATE, Source('BRIGHT', spectrum=Spectrum(5e-14)), exptime_s=1800.0, seed=1)
    made = []
    for k in range(count):
        rootname, files = f'l{base36(k, 6)}1q', []
        for file in sorted(folder.glob(f'{TEMPLATE}_*')):
            place = folder / file.name.replace(TEMPLATE, rootname)
            place.write_bytes(file.read_bytes() if 'x1d' in file.name else renamed(file.read_bytes(), rootname, k, 55000.0 + k))
            files.append(place)
        made.append(files)
    return made


def prepare(home: Path, exposures: list[list[Path]]) -> None:
    """Furnish a home with exposures to ingest."""
    shutil.rmtree(home, ignore_errors=True)
    (home / 'ingest').mkdir(parents=True)
    for file in (file for files in exposures for file in files):
        os.link(file, home / 'ingest' / file.name)


def start(home: Path, processes: int) -> subprocess.Popen[bytes]:
    """Begin to make the light curves of a home."""
    (home / 'hstlc.toml').write_text(f'num_cores = {processes}\n')
    environ = {**os.environ, 'HSTLC_HOME': str(home), 'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'}
    command = [sys.executable, '-m', 'doit', '-f', str(ROOT / 'dodo.py'), 'lightcurve']
    return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)


def seconds(homes: dict[Path, list[list[Path]]], processes: int) -> float:
    """Return how long it takes until all homes have their light curves."""
    for home, exposures in homes.items():
        prepare(home, exposures)
    begun = time.monotonic()
    running = [start(home, processes) for home in homes]
    if any(one.wait() for one in running):
        sys.exit('a run failed')
    return time.monotonic() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--exposures', type=int, default=4)
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument('--folder', type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as temporary:
        folder = Path(temporary)
        made = make(folder / 'made', given.exposures)
        ratios = []
        for _ in range(given.repeats):
            apart = seconds({folder / 'one': made[::2], folder / 'other': made[1::2]}, 1)
            together = seconds({folder / 'both': made}, 2)
            ratios.append(apart / together)
            print(f'two doits {apart:.1f} s, one with two processes {together:.1f} s: {ratios[-1]:.2f}', flush=True)
        print(f'median {statistics.median(ratios):.2f}')


if __name__ == '__main__':
    main()
