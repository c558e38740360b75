"""`python -m hstlc`: what works without an archive: prepare a folder for one, check files, extract single exposures."""

import argparse
import os
import sys
from pathlib import Path

from hstlc import __version__
from hstlc.errors import HstlcError, InputError, StateError
from hstlc.files.output import write_bytes
from hstlc.names import curve_stem
from hstlc.paths import shared


def init(chosen: argparse.Namespace) -> str:
    """Put a dodo.py and an empty archive into a folder, and say what to do next.

    Raises
    ------
    StateError
        There is a dodo.py already that is not hstlc's.
    """
    folder = chosen.folder.resolve()
    target, content = folder / 'dodo.py', shared('dodo.py').read_bytes()
    if target.exists() and target.read_bytes() != content:
        raise StateError(f'{target} is there already and differs; move it away or choose another folder')
    write_bytes(target, content)
    ingest = folder / 'archive' / 'ingest'
    ingest.mkdir(parents=True, exist_ok=True)
    return f'{folder} is ready. Put *_tag, *_corrtag and *_x1d files into\n  {ingest}\nand type doit in {folder}.'


def check(chosen: argparse.Namespace) -> str:
    """Say of every exposure whether it passes the quality checks, and why not; `chosen.failed` then says whether any does not."""
    from hstlc.model import Status
    from hstlc.settings import load
    from hstlc.steps.judging import check_files, verdict_line

    records = list(check_files(load(os.environ, Path.cwd()), chosen.files))
    chosen.failed = any(record.status is Status.REJECTED for record in records)
    return '\n'.join(verdict_line(record) for record in records)


def extract(chosen: argparse.Namespace) -> str:
    """Write the light curve of each exposure that is named, and say what it holds."""
    from hstlc.api import extract_light_curve
    from hstlc.files.exposurenames import rootname_of
    from hstlc.files.products import write_lightcurve

    first_of = {rootname_of(path.name): path for path in reversed(chosen.files)}
    airglow = 'none' if chosen.keep_airglow else 'auto'
    lines = []
    for rootname, path in reversed(first_of.items()):
        if rootname is None:
            raise InputError(f'{path} is not an event file: its name should end in _tag, _corrtag, _corrtag_a or _corrtag_b .fits')
        curve = extract_light_curve(path, step=chosen.step, wlim=(chosen.wmin, chosen.wmax), airglow=airglow, night=chosen.night)
        target = chosen.output / f'{curve_stem(rootname)}.fits'
        write_lightcurve(target, curve)
        live = float(curve.exptime_s.sum())
        net, error = float(curve.counts.sum()) / live, float(curve.variance.sum()) ** 0.5 / live
        bins = f'{len(curve.mjd)} bins of {curve.step_s:g} s, net {net:.4g} +- {error:.2g} count/s'
        lines.append(f'{rootname}: {bins}, flux from {curve.flux_sources[0]} -> {target}')
    return '\n'.join(lines)


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    whole = argparse.ArgumentParser(prog='python -m hstlc', description='Ultraviolet light curves from Hubble COS and STIS events.')
    whole.add_argument('--version', action='version', version=f'hstlc {__version__}')
    commands = whole.add_subparsers(dest='command')
    command = commands.add_parser('init', help='put a dodo.py in a folder, so that doit works there')
    command.add_argument('folder', type=Path, nargs='?', default=Path())
    command = commands.add_parser('check', help='say which exposures pass the quality checks; nothing is moved')
    command.add_argument('files', type=Path, nargs='+', help='event files, or folders of them')
    command = commands.add_parser('extract', help='make the light curves of single event files, without an archive')
    command.add_argument('files', type=Path, nargs='+', help='event files; of an exposure with two segments one is enough')
    command.add_argument('--step', type=float, default=2.0, help='bin width, s (default 2)')
    command.add_argument('--wmin', type=float, help='shortest wavelength, Angstrom')
    command.add_argument('--wmax', type=float, help='longest wavelength, Angstrom')
    command.add_argument('--keep-airglow', action='store_true', help='do not leave out the geocoronal lines')
    command.add_argument('--night', action='store_true', help="only times with the Sun below the Earth's limb (COS)")
    command.add_argument('--output', type=Path, default=Path(), help='folder of the light curves (default: this one)')
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code: 1 where a file cannot be used or does not pass the checks."""
    grammar = parser()
    chosen = grammar.parse_args(arguments, argparse.Namespace(failed=False))
    if chosen.command is None:
        grammar.print_help()
        return 2
    try:
        report = {'init': init, 'check': check, 'extract': extract}[chosen.command](chosen)
    except HstlcError as error:
        sys.stderr.write(f'{error}\n')
        return 1
    sys.stdout.write(f'{report}\n')
    return int(chosen.failed)


if __name__ == '__main__':
    sys.exit(main())
