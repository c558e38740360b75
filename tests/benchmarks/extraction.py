"""How long a bright COS FUV exposure takes from photons to a calibrated dynamic spectrum, and how much memory a long one.

    python -m tests.benchmarks.extraction [--folder DIR] [--original PYTHON] [--repeats 5]

Makes a pair of event lists of 6 million events once (234 MB, in a temporary folder unless told where), then compares
`steps.extraction.extract` (both segments; counts, weights, flux weights and their squares, source and background) with
`Path.read_bytes` of the same files and, where PYTHON can import it, `lightcurve` 0.6.2: once with the FLUXTAB and TDSTAB that the
files name, so that it calibrates its fluxes too, and once without. One run of each in turn, so that all suffer the same
neighbours; medians. Memory is the largest resident size of a process that extracts one list of growing length
(VmHWM: ru_maxrss of a child begins with its parent's).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstlc.files.exposures import describe, open_all
from hstlc.settings import Settings
from hstlc.simulate import cos
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import Spectrum
from hstlc.steps.extraction import extract

ROOTNAME = 'lbench01q'
EVENT_BYTES = 39
ORIGINAL = """
import contextlib, io, sys, time, warnings
warnings.simplefilter('ignore')
import lightcurve
for line in sys.stdin:
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        lightcurve.read(sys.argv[1], step=1)
    print(time.perf_counter() - start, flush=True)
"""


def event_names(folder: Path) -> tuple[Path, ...]:
    return tuple(folder / f'{ROOTNAME}_corrtag_{letter}.fits' for letter in 'ab')


def make_pair(folder: Path) -> None:
    if not all(name.exists() for name in event_names(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        cos.write_fuv(folder, ROOTNAME, Source('BRIGHT', spectrum=Spectrum(1.027e-13)), exptime_s=1800.0, seed=1)


def make_long(folder: Path, source: Path, copies: int) -> None:
    """Write an event list and the x1d beside it, its events repeated."""
    folder.mkdir(parents=True)
    with fits.open(source) as hdus:
        offset, rows = hdus[1].fileinfo()['datLoc'], hdus[1].header['NAXIS2']
        header, rest = hdus[1].header.copy(), hdus[2:]
        header['NAXIS2'] = rows * copies
        events = source.read_bytes()[offset : offset + rows * EVENT_BYTES]
        path = folder / source.name
        with path.open('wb') as file:
            file.write(hdus[0].header.tostring().encode('ascii'))
            file.write(header.tostring().encode('ascii'))
            for _ in range(copies):
                file.write(events)
            file.write(b'\0' * (-(rows * copies * EVENT_BYTES) % 2880))
        for hdu in rest:
            fits.append(path, hdu.data, hdu.header)
    (folder / f'{ROOTNAME}_x1d.fits').symlink_to(source.with_name(f'{ROOTNAME}_x1d.fits'))


def run(folder: Path) -> None:
    names = tuple(name for name in event_names(folder) if name.exists())
    exposure = describe(open_all(names), 'BRIGHT', (folder / f'{ROOTNAME}_x1d.fits',))
    extract(Settings(home=folder), folder, exposure)


def report(folder: Path) -> None:
    """Extract and print the largest resident size of this process so far, kB."""
    run(folder)
    print(next(line.split()[1] for line in Path('/proc/self/status').read_text().splitlines() if line.startswith('VmHWM')))


def seconds(job: Callable[[], object]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def make_references(folder: Path, place: Path) -> None:
    """Write the FLUXTAB and TDSTAB that the pair names: the sensitivity of its x1d, and no change with time."""
    header, spectra = fits.getheader(event_names(folder)[0]), fits.getdata(folder / f'{ROOTNAME}_x1d.fits', 1)
    n, n_wl, n_t = spectra['WAVELENGTH'].shape[1], 60, 3
    sensitivity = [
        np.interp(wave, wave[flux > 0], net[flux > 0] / flux[flux > 0])
        for wave, net, flux in zip(spectra['WAVELENGTH'], spectra['NET'], spectra['FLUX'], strict=True)
    ]
    mode = [
        fits.Column('SEGMENT', '4A', array=spectra['SEGMENT']),
        fits.Column('OPT_ELEM', '6A', array=[header['OPT_ELEM']] * 2),
        fits.Column('APERTURE', '4A', array=[header['APERTURE']] * 2),
    ]
    flux = [
        fits.Column('CENWAVE', 'J', array=[header['CENWAVE']] * 2),
        fits.Column('WAVELENGTH', f'{n}D', array=spectra['WAVELENGTH']),
        fits.Column('SENSITIVITY', f'{n}E', array=sensitivity),
    ]
    change = [
        fits.Column('NT', 'J', array=[n_t] * 2),
        fits.Column('WAVELENGTH', f'{n_wl}D', array=[np.linspace(800.0, 2400.0, n_wl)] * 2),
        fits.Column('TIME', f'{n_t}D', array=[[52000.0, 55000.0, 57000.0]] * 2),
        fits.Column('SLOPE', f'{n_t * n_wl}E', dim=f'({n_wl},{n_t})', array=np.zeros((2, n_t, n_wl))),
        fits.Column('INTERCEPT', f'{n_t * n_wl}E', dim=f'({n_wl},{n_t})', array=np.ones((2, n_t, n_wl))),
    ]
    for keyword, columns in (('FLUXTAB', flux), ('TDSTAB', change)):
        table = fits.BinTableHDU.from_columns([*mode, *columns])
        table.header['REF_TIME'] = 55000.0
        table.writeto(place / str(header[keyword]).partition('$')[2])


class Original:
    """`lightcurve` in a process of its own, its reference files in a folder."""

    def __init__(self, python: str, path: Path, references: Path) -> None:
        known = bool(python) and subprocess.run([python, '-c', 'import lightcurve'], capture_output=True).returncode == 0
        command = [python, '-W', 'ignore', '-c', ORIGINAL, str(path)]
        pipe = subprocess.PIPE
        environment = {**os.environ, 'lref': f'{references}/'}
        self.process = (
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=environment)
            if known
            else None
        )

    def seconds(self) -> float:
        if self.process is None:
            return float('nan')
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def end(self) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


def time_all(folder: Path, place: Path, python: str, repeats: int) -> None:
    names, references, empty = event_names(folder), place / 'lref', place / 'nothing'
    references.mkdir()
    make_references(folder, references)
    exposure = describe(open_all(names), 'BRIGHT', (folder / f'{ROOTNAME}_x1d.fits',))
    settings = Settings(home=folder)
    calibrated, plain = Original(python, names[0], references), Original(python, names[0], empty)
    rows = []
    for _ in range(repeats + 1):
        read = seconds(lambda: [name.read_bytes() for name in names])
        ours = seconds(lambda: extract(settings, folder, exposure))
        rows.append((read, ours, calibrated.seconds(), plain.seconds()))
    calibrated.end()
    plain.end()
    read, *others = (statistics.median(column) for column in zip(*rows[1:], strict=True))  # the first run warms up
    events = sum(fits.getheader(name, 1)['NAXIS2'] for name in names)
    print(f'{events} events, {sum(name.stat().st_size for name in names) / 1e6:.0f} MB, medians of {repeats}')
    print(f'load of the machine {os.getloadavg()[0]:.1f}')
    print('| | s | in units of read_bytes |')
    print('|---|---|---|')
    labels = ('Path.read_bytes', 'extract', 'lightcurve 0.6.2, fluxes calibrated', 'lightcurve 0.6.2, no reference files')
    for label, value in zip(labels, (read, *others), strict=True):
        print(f'| {label} | {value:.3f} | {value / read:.1f} |')
    print(f'lightcurve / extract = {others[1] / others[0]:.1f}; without its flux calibration {others[2] / others[0]:.1f}')


def memory(folder: Path, place: Path) -> None:
    print('| events, MB | peak memory, MB |')
    print('|---|---|')
    for copies in (1, 3, 9):
        target = place / f'long{copies}'
        make_long(target, event_names(folder)[0], copies)
        code = f'from pathlib import Path; from tests.benchmarks import extraction; extraction.report(Path({str(target)!r}))'
        answer = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
        size = (target / event_names(folder)[0].name).stat().st_size
        print(f'| {size / 1e6:.0f} | {int(answer.stdout) / 1024:.0f} |')
        for item in target.iterdir():
            item.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--folder', type=Path, help='where the pair is kept')
    parser.add_argument('--original', default='', help='a Python that can import lightcurve 0.6.2')
    parser.add_argument('--repeats', type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = arguments.folder or Path(place) / 'pair'
        make_pair(folder)
        time_all(folder, Path(place), arguments.original, arguments.repeats)
        memory(folder, Path(place))


if __name__ == '__main__':
    main()
