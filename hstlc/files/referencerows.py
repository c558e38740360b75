"""Rows of a reference table that apply to an exposure."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from astropy.io import fits

from hstlc.model import Bools

WILDCARDS = ('ANY', 'N/A')
NUMBER_WILDCARDS = (-1, -999)  # a cell that matches every central wavelength
EXACT = ('FPOFFSET',)  # columns where -1 is a value


def is_dummy(pedigree: Any) -> bool:
    """Whether a file or row is a placeholder."""
    return str(pedigree).strip().upper().startswith('DUMMY')


def select_rows(hdus: fits.HDUList, wanted: Mapping[str, str | int]) -> fits.FITS_rec:
    """Return the rows of the first table that apply (calcos getTable, calstis SameString).

    A text cell ANY or N/A matches everything, so does a wanted 'N/A'; a number -1 or -999 does too, except in FPOFFSET.
    Columns that the table does not have are not asked for. Rows with a dummy pedigree are left out.

    Parameters
    ----------
    hdus : HDUList
        The reference file.
    wanted : mapping
        Column name to the exposure's value.
    """
    hdu = next((item for item in hdus[1:] if isinstance(item, fits.BinTableHDU)), None)
    if hdu is None:
        raise ValueError('it has no table')
    table, names = hdu.data, hdu.columns.names
    good = np.ones(len(table), bool)
    for name, value in wanted.items():
        if name in names:
            good &= _matches(table[name], value, () if name in EXACT else NUMBER_WILDCARDS)
    if 'PEDIGREE' in names:
        good &= np.array([not is_dummy(item) for item in table['PEDIGREE']], bool)
    return table[good]


def _matches(cells: Any, wanted: str | int, wildcards: tuple[int, ...]) -> Bools:
    if isinstance(wanted, str):
        if wanted.strip().upper() == 'N/A':
            return np.ones(len(cells), bool)
        text = np.char.upper(np.char.strip(np.asarray(cells, str)))
        return np.asarray(np.isin(text, (*WILDCARDS, wanted.strip().upper())), bool)
    return np.asarray(np.isin(cells, (*wildcards, wanted)), bool)


def select_row(hdus: fits.HDUList, wanted: Mapping[str, str | int]) -> Any | None:
    """Return the row that applies; of several the one with the fewest wildcards."""
    rows = list(select_rows(hdus, wanted))
    return max(rows, key=lambda row: _exactness(row, wanted), default=None)


def _exactness(row: Any, wanted: Mapping[str, str | int]) -> int:
    names = row.array.names
    return sum(str(row[name]).strip().upper() == str(value).upper() for name, value in wanted.items() if name in names)
