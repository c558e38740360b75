"""Opening FITS files so that whatever is wrong with one ends as an error that names it."""

import gzip
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning

from hstlc.errors import UnreadableError

DAMAGE = (
    OSError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, MemoryError, zlib.error,
    AstropyWarning, fits.VerifyError,
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
                gzip.open(path) if path.suffix == '.gz' else path.open('rb') as file,
                fits.open(file, memmap=False, lazy_load_hdus=True) as hdus,
            ):
                yield hdus
    except UnreadableError:
        raise
    except DAMAGE as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise UnreadableError(f'{path} cannot be read as {what} ({reason}); {remedy}') from error
