"""`python -m hstlc`: sets up a folder for an archive; everything else is done by doit."""

import argparse
import sys
from pathlib import Path

from hstlc import __version__
from hstlc.errors import HstlcError, StateError
from hstlc.files.output import write_bytes
from hstlc.paths import shared


def init(folder: Path) -> str:
    """Put a dodo.py in a folder, and say what to do next.

    Raises
    ------
    StateError
        There is a dodo.py already that is not hstlc's.
    """
    target, content = folder / 'dodo.py', shared('dodo.py').read_bytes()
    if target.exists() and target.read_bytes() != content:
        raise StateError(f'{target} is there already and differs; move it away or choose another folder')
    write_bytes(target, content)
    return f'{target} is ready.\nPut *_tag, *_corrtag and *_x1d files in {folder / "archive" / "ingest"} and type doit there.'


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(
        prog='python -m hstlc', description='Ultraviolet light curves from Hubble COS and STIS events.'
    )
    parser.add_argument('--version', action='version', version=f'hstlc {__version__}')
    commands = parser.add_subparsers(dest='command', required=True)
    command = commands.add_parser('init', help='put a dodo.py in a folder, so that doit works there')
    command.add_argument('folder', type=Path, nargs='?', default=Path())
    chosen = parser.parse_args(arguments)
    try:
        sys.stdout.write(init(chosen.folder.resolve()) + '\n')
    except HstlcError as error:
        sys.stderr.write(f'{error}\n')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
