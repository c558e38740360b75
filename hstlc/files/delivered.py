"""Composites as they are delivered: the archive's tables under a name and a version of their own, and what they are checked for."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from hstlc.errors import UnreadableError
from hstlc.files.bintable import primary, save
from hstlc.files.columns import COLUMNS
from hstlc.files.deliverynames import version_of
from hstlc.files.fitsfile import open_fits
from hstlc.model import Finding

MEASURED = ('LIGHTCURVE', 'GTI')  # the tables whose numbers make a version
REQUIRED = (
    'DATE-BEG', 'DATE-END', 'DETECTOR', 'FILTER', 'HLSPID', 'HLSPLEAD', 'HLSPNAME', 'HLSPTARG', 'HLSPVER', 'INSTRUME', 'LICENSE',
    'LICENURL', 'MJD-BEG', 'MJD-END', 'MJD-MID', 'OBSERVAT', 'PROPOSID', 'RADESYS', 'TARGNAME', 'TELAPSE', 'TELESCOP', 'TIMESYS',
    'XPOSURE',
)  # fmt: skip
MADE_ANEW = ('CHECKSUM', 'DATASUM', 'LONGSTRN')  # with the new header
POSITION = ('RA_TARG', 'DEC_TARG')
TIME_AXIS = ('MJDREF', 'TIMESYS', 'TIMEUNIT', 'TREFPOS', 'TSTART', 'TSTOP', 'TIMEDEL')
WHAT, REMEDY = 'a light curve of hstlc', 'run doit again'


def data_digest(path: Path) -> str:
    """Return a hash of the numbers of a light-curve file: columns, their values, good time, zero of time, exposures.

    Headers, versions of programs and names of reference files do not count.

    Raises
    ------
    UnreadableError
        The file is missing or damaged.
    """
    found = hashlib.sha256()
    with open_fits(path, WHAT, REMEDY) as hdus:
        for name in MEASURED:
            table = hdus[name]
            found.update(repr([(column.name, column.format, column.unit) for column in table.columns]).encode())
            found.update(repr(table.header['MJDREF']).encode())
            found.update(table.data.tobytes())
        found.update(' '.join(hdus['PROVENANCE'].data['ROOTNAME']).encode())
    return found.hexdigest()


def write_delivered(source: Path, target: Path, version: int, *, doi: str, reference: str) -> None:
    """Write a composite of the archive as it is delivered: the same tables, a header with its name and version.

    Parameters
    ----------
    source : Path
        The archive's file.
    target : Path
        Replaced whole, and only if its content changes.
    version : int
        Becomes HLSPVER.
    doi, reference : str
        Become DOI and REFERENC where given.

    Raises
    ------
    UnreadableError
        The source is missing or damaged.
    """
    with open_fits(source, WHAT, REMEDY) as hdus:
        header = hdus[0].header.copy(strip=True)
        header['FILENAME'] = target.name
        header['HLSPVER'] = f'v{version}'
        for keyword, value, comment in (('REFERENC', reference, 'publication'), ('DOI', doi, '')):
            if value:
                header.set(keyword, value, comment, after='LICENURL')
        tables = source.read_bytes()[hdus[1].fileinfo()['hdrLoc'] :]
    kept = ((card.keyword, card.value, card.comment) for card in header.cards if card.keyword not in MADE_ANEW)
    save(target, primary(kept), tables)


def file_findings(path: Path) -> list[Finding]:
    """Return what the checks of a delivered light curve find; nothing where all is well."""
    try:
        with open_fits(path, WHAT, REMEDY) as hdus:
            return [*_whole(hdus), *_header(hdus[0].header, path.name), *_curve(hdus['LIGHTCURVE'])]
    except UnreadableError as error:
        return [Finding.fail(str(error))]


def _whole(hdus: fits.HDUList) -> list[Finding]:
    return [
        Finding.fail(f'extension {hdu.name or number}: checksum missing or wrong')
        for number, hdu in enumerate(hdus)
        if hdu.verify_checksum() != 1 or hdu.verify_datasum() != 1
    ]


def _header(header: fits.Header, name: str) -> list[Finding]:
    found = [Finding.fail(f'keyword {keyword} is missing') for keyword in REQUIRED if str(header.get(keyword, '')).strip() == '']
    for keyword, wanted in (('FILENAME', name), ('HLSPVER', version_of(name))):
        if header.get(keyword) != wanted:
            found.append(Finding.fail(f'keyword {keyword} is {header.get(keyword)!r}, not {wanted!r}'))
    if any(header.get(keyword) is None for keyword in POSITION):
        found.append(Finding.review('no position: RA_TARG or DEC_TARG is missing'))
    if header.get('MTFLAG') == 'T':
        found.append(Finding.review('a moving target: its position is that of the first exposure'))
    return found


def _curve(table: fits.BinTableHDU) -> list[Finding]:
    found = [Finding.fail(f'LIGHTCURVE: keyword {keyword} is missing') for keyword in TIME_AXIS if keyword not in table.header]
    there = {column.name: column for column in table.columns}
    for wanted in COLUMNS:
        if wanted.name not in there:
            found.append(Finding.fail(f'LIGHTCURVE: column {wanted.name} is missing'))
        elif (there[wanted.name].unit or None) != wanted.unit:
            found.append(Finding.fail(f'LIGHTCURVE: column {wanted.name} has the unit {there[wanted.name].unit!r}'))
    return found or _numbers(table.data)


def _numbers(data: Any) -> list[Finding]:
    if len(data) == 0:
        return [Finding.fail('LIGHTCURVE has no rows')]
    found = []
    if not np.all(np.diff(data['TIME']) >= 0):
        found.append(Finding.review('TIME goes back: exposures overlap'))
    if not np.all(np.isfinite(data['TIME'])) or not np.all(np.isfinite(data['COUNTS'])):
        found.append(Finding.fail('TIME or COUNTS is not finite in every row'))
    without = int(np.count_nonzero(~np.isfinite(data['FLUX'])))
    if without:
        found.append(Finding.review(f'FLUX is not finite in {without} of {len(data)} rows'))
    return found
