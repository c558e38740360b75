"""FITS tables with the exact columns of the instruments' own files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from astropy.io import fits

from hstlc.files.output import replacing


class Field(NamedTuple):
    """A column: name, TFORM, and, where the real one has them, TUNIT, TDISP and TNULL."""

    name: str
    format: str
    unit: str | None = None
    disp: str | None = None
    null: int | None = None


GTI_FIELDS = (Field('START', '1D', 'seconds'), Field('STOP', '1D', 'seconds'))


def table(fields: Sequence[Field], columns: Mapping[str, Any], header: fits.Header, name: str) -> fits.BinTableHDU:
    """Return a table HDU named `name` with EXTVER 1 and these header cards."""
    items = [
        fits.Column(item.name, item.format, unit=item.unit, disp=item.disp, null=item.null, array=columns[item.name])
        for item in fields
    ]
    hdu = fits.BinTableHDU.from_columns(items, name=name, ver=1)
    hdu.header.extend(header, unique=True, update=True)
    return hdu


def gti_table(intervals_s: Sequence[tuple[float, float]], header: fits.Header) -> fits.BinTableHDU:
    """Return the table of good time intervals, seconds since EXPSTART."""
    edges = np.array(intervals_s).reshape(-1, 2)
    return table(GTI_FIELDS, {'START': edges[:, 0], 'STOP': edges[:, 1]}, header, 'GTI')


def write(path: Path, primary: fits.Header, tables: Sequence[fits.BinTableHDU], nextend: int) -> str:
    """Write a FITS file; NEXTEND is what the real files say, which is not always the number of extensions."""
    header = primary.copy()
    header['FILENAME'], header['NEXTEND'] = path.name, nextend
    with replacing(path) as part:
        fits.HDUList([fits.PrimaryHDU(header=header), *tables]).writeto(part, overwrite=True)
    return path.name
