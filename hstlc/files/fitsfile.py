"""Opening FITS files so that whatever is wrong with one ends as an error that names it."""

import gzip
import io
import os
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning

from hstlc.errors import UnreadableError
from hstlc.files.bounds import check_structure

DAMAGE = (
    OSError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, MemoryError, zlib.error,
    AssertionError, AstropyWarning, fits.VerifyError,
)  # fmt: skip


@contextmanager
def open_fits(path: Path, what: str, remedy: str) -> Iterator[fits.HDUList]:
    """Open a FITS file, gzipped where its name says so; anything that fails inside the block is the file's fault.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it should be; goes into the message.
    remedy : str
        What to do about it; goes into the message.

    Raises
    ------
    UnreadableError
        It is missing, not FITS, truncated, or lacks what the block looks for.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error', AstropyWarning)
            warnings.simplefilter('ignore', fits.verify.VerifyWarning)
            with (
                _open(path) as file,
                fits.open(file, memmap=False, lazy_load_hdus=True, disable_image_compression=True) as hdus,
            ):
                yield hdus
    except UnreadableError:
        raise
    except DAMAGE as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise UnreadableError(f'{path} cannot be read as {what} ({reason}); {remedy}') from error


def _open(path: Path) -> BinaryIO:
    """Open a file whose structure fits into it; those that are compressed are hstlc's own."""
    if path.suffix == '.gz':
        with gzip.open(path) as packed:
            return io.BytesIO(packed.read())  # astropy goes to and fro, and gzip would begin anew each time
    file = path.open('rb')
    try:
        check_structure(file, os.fstat(file.fileno()).st_size)
    except ValueError:
        file.close()
        raise
    file.seek(0)
    return file
