"""Extracted spectra (`_x1d.fits`) of COS and STIS."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstlc.errors import UnreadableError
from hstlc.files.fitsfile import open_fits
from hstlc.model import DAY_S, ExtractedSpectrum, Floats

REQUIRED = ('NELEM', 'WAVELENGTH', 'FLUX', 'ERROR', 'GROSS', 'NET', 'BACKGROUND', 'DQ')
BEYOND_BELIEF = 1e15  # no rate, flux, flag or place; such numbers, infinite ones and those that are none count as 0
SAME_START_D = 1.0 / DAY_S  # imsets of an x1d belong to an event list that starts within a second


@dataclass(frozen=True)
class X1d:
    """An x1d file: its header and the rows that belong to one exposure."""

    path: Path  # the file
    rootname: str  # of the exposure or association, '' where it says none
    cal_ver: str | None  # calibration software
    header: fits.Header  # of the rows
    spectra: tuple[ExtractedSpectrum, ...]  # one for each segment, stripe or order
    heliocentric: bool = False  # wavelengths are corrected for the motion of the Earth


def read_x1d(path: Path, expstart_mjd: float | None = None) -> X1d:
    """Read an x1d file; of several imsets the one that starts at `expstart_mjd`, else the first.

    Raises
    ------
    UnreadableError
        Not FITS, truncated, or without the columns of an extracted spectrum.
    """
    with open_fits(path, 'an extracted spectrum', 'fetch the file again') as hdus:
        return _read(path, hdus, expstart_mjd)


def _read(path: Path, hdus: fits.HDUList, expstart_mjd: float | None) -> X1d:
    tables = [hdu for hdu in hdus[1:] if isinstance(hdu, fits.BinTableHDU) and 'WAVELENGTH' in hdu.columns.names]
    if not any(len(hdu.data) for hdu in tables):
        raise UnreadableError(f'{path} holds no extracted spectrum')
    hdu = next((item for item in tables if _starts(item, expstart_mjd)), tables[0])
    missing = [name for name in REQUIRED if name not in hdu.columns.names]
    if missing:
        raise UnreadableError(f'{path} has no column {", ".join(missing)}; is it an x1d file?')
    primary = hdus[0].header
    exptime = float(hdu.header.get('EXPTIME', 0.0))
    return X1d(
        path=path,
        rootname=str(primary.get('ROOTNAME', '')).strip().lower(),
        cal_ver=str(primary.get('CAL_VER', '')).strip() or None,
        header=hdu.header.copy(),
        spectra=tuple(_spectrum(row, hdu.columns.names, exptime) for row in hdu.data),
        heliocentric=str(primary.get('HELCORR', '')).strip().upper() == 'COMPLETE',
    )


def _starts(hdu: fits.BinTableHDU, expstart_mjd: float | None) -> bool:
    start = hdu.header.get('EXPSTART')
    return expstart_mjd is not None and start is not None and abs(float(start) - expstart_mjd) < SAME_START_D


def _spectrum(row: Any, names: list[str], exptime_s: float) -> ExtractedSpectrum:
    n = min(int(row['NELEM']), np.size(row['WAVELENGTH']))
    if n <= 0:
        raise ValueError(f'NELEM is {n}')

    def cells(name: str, kind: type) -> NDArray[Any]:
        values: NDArray[Any] = np.atleast_1d(np.asarray(row[name], kind))[:n]
        if values.shape != (n,):
            raise ValueError(f'{name} has not the {n} elements of WAVELENGTH')
        return values

    def column(name: str) -> Floats:
        values = cells(name, np.float64)
        return values if name == 'WAVELENGTH' else np.where(np.abs(values) < BEYOND_BELIEF, values, 0.0)

    def maybe(name: str) -> Floats | None:
        return column(name) if name in names else None

    cos = 'SEGMENT' in names
    return ExtractedSpectrum(
        name=str(row['SEGMENT']).strip() if cos else str(int(row['SPORDER'])),
        exptime_s=float(row['EXPTIME']) if 'EXPTIME' in names else exptime_s,
        wavelength_aa=column('WAVELENGTH'),
        net=column('NET'),
        flux=column('FLUX'),
        gross=column('GROSS'),
        background=column('BACKGROUND'),
        dq=cells('DQ', np.int64),
        dq_weight=maybe('DQ_WGT'),
        error=column('ERROR'),
        net_error=maybe('NET_ERROR'),
        y_lower=maybe('Y_LOWER_OUTER'),
        y_upper=maybe('Y_UPPER_OUTER'),
        enclosed_energy=maybe('ACTUAL_EE'),
        centre=maybe('EXTRLOCY'),
        height=float(row['EXTRSIZE']) if 'EXTRSIZE' in names else None,
        background_offsets=(float(row['BK1OFFST']), float(row['BK2OFFST'])) if 'BK1OFFST' in names else (0.0, 0.0),
        background_heights=(float(row['BK1SIZE']), float(row['BK2SIZE'])) if 'BK1SIZE' in names else (0.0, 0.0),
    )
