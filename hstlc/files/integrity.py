"""Whether a file that came over the network is a whole FITS file, and what an association's table says."""

from pathlib import Path

from hstlc.errors import UnreadableError
from hstlc.files.bounds import BLOCK
from hstlc.files.fitsfile import open_fits


def check_whole(path: Path) -> None:
    """Make sure that a file is FITS and exactly as long as its headers say.

    Raises
    ------
    ValueError
        It is not; the message says how.
    """
    size = path.stat().st_size
    with path.open('rb') as file:
        begin = file.read(BLOCK)
    if not begin.startswith(b'SIMPLE  ='):
        raise ValueError(f'not a FITS file, begins with {begin[:20]!r}')
    try:
        with open_fits(path, 'a FITS file', 'fetch it again') as hdus:
            needed = max(hdu.fileinfo()['datLoc'] + hdu.fileinfo()['datSpan'] for hdu in hdus)
    except UnreadableError as error:
        raise ValueError('its headers are damaged or it is not whole') from error
    if size % BLOCK or size != needed:
        raise ValueError(f'{size} bytes, but its headers say {needed}')


def read_members(path: Path) -> dict[str, str]:
    """Return the members of an association, rootname in lower case to MEMTYPE.

    Raises
    ------
    UnreadableError
        The file is no association's table.
    """
    with open_fits(path, 'the table of an association', 'fetch it again') as hdus:
        table = hdus[1].data
        return {str(name).strip().lower(): str(kind).strip() for name, kind in zip(table['MEMNAME'], table['MEMTYPE'], strict=True)}
