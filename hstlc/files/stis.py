"""The corrtag that is derived from a STIS tag: events in the x1d's coordinates, with wavelength and order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstlc.files.eventlist import EventFile
from hstlc.files.exposures import DAY_S, block_times, facts_gti
from hstlc.files.output import replacing
from hstlc.model import ExtractedSpectrum, Floats

LOW_RESOLUTION = 1024
FITS_BLOCK = 2880
DTYPE = np.dtype(
    [
        ('TIME', '>f8'), ('AXIS1', '>i2'), ('AXIS2', '>i2'), ('DETAXIS1', '>i2'), ('XFULL', '>f4'), ('YFULL', '>f4'),
        ('WAVELENGTH', '>f4'), ('EPSILON', '>f4'), ('DQ', '>i2'), ('SPORDER', '>i2'),
    ]
)  # fmt: skip
FORMATS = {'>f8': 'D', '>f4': 'E', '>i2': 'I'}
UNITS = {
    'TIME': 's',
    'AXIS1': 'pixel',
    'AXIS2': 'pixel',
    'DETAXIS1': 'pixel',
    'XFULL': 'pixel',
    'YFULL': 'pixel',
    'WAVELENGTH': 'Angstrom',
}
COPIED = (
    'ROOTNAME', 'EXPNAME', 'EXPSTART', 'EXPEND', 'EXPTIME', 'EXPFLAG', 'ASN_MTYP', 'FGSLOCK', 'SDQFLAGS', 'ORBITPER', 'DOPPMAG',
    'DOPPZERO', 'GLOBRATE', 'SUN_ALT', 'RA_APER', 'DEC_APER',
)  # fmt: skip


def write_corrtag(path: Path, tag: EventFile, spectra: tuple[ExtractedSpectrum, ...]) -> None:
    """Write the corrtag of a STIS tag, block by block.

    XFULL and YFULL are in low-resolution pixels of the x1d's image counted from 1 (1024 columns), or in high-resolution
    ones where the x1d has 2048 columns. Without x1d the wavelength is the header's linear dispersion for a first-order
    grating, else 0.

    Parameters
    ----------
    path : Path
        The corrtag; replaced whole.
    tag : EventFile
        The raw event list; stays as it is.
    spectra : tuple of ExtractedSpectrum
        Rows of its x1d; empty where there is none.
    """
    n_rows = sum(table.n_rows for table in tag.events)
    with replacing(path) as part, part.open('wb') as file:
        primary = tag.primary.copy()
        primary['FILENAME'] = path.name
        primary['NEXTEND'] = 2
        file.write(_header_bytes(primary))
        file.write(_header_bytes(_events_header(tag, n_rows)))
        written = 0
        for rows in _rows(tag, spectra):
            written += file.write(rows.tobytes())
        file.write(b'\0' * (-written % FITS_BLOCK))
        _write_gti(file, facts_gti(tag))


def _header_bytes(header: fits.Header) -> bytes:
    return str(header.tostring(sep='', endcard=True, padding=True)).encode('ascii', 'replace')


def _events_header(tag: EventFile, n_rows: int) -> fits.Header:
    columns = [fits.Column(name=n, format=FORMATS[DTYPE[n].str], unit=UNITS.get(n)) for n in DTYPE.names or ()]
    header = fits.BinTableHDU.from_columns(columns, nrows=0, name='EVENTS').header
    header['NAXIS2'] = n_rows
    first = tag.events[0].header
    for keyword in COPIED:
        if keyword in first:
            header[keyword] = first[keyword]
    header['FLATCAL'] = ('OMIT', 'flat field in EPSILON')
    return header


def _write_gti(file: BinaryIO, gti_s: Floats) -> None:
    columns = [fits.Column(name=n, format='D', unit='s', array=gti_s[:, k]) for k, n in enumerate(('START', 'STOP'))]
    hdu = fits.BinTableHDU.from_columns(columns, name='GTI')
    file.write(_header_bytes(hdu.header))
    content = np.ascontiguousarray(gti_s, '>f8').tobytes()
    file.write(content + b'\0' * (-len(content) % FITS_BLOCK))


def _rows(tag: EventFile, spectra: tuple[ExtractedSpectrum, ...]) -> Iterator[NDArray[Any]]:
    start = float(tag.keyword('EXPSTART'))
    scale = 1.0 if spectra and len(spectra[0].wavelength_aa) > LOW_RESOLUTION else 0.5
    for table in tag.events:
        shift = (float(table.header.get('EXPSTART', start)) - start) * DAY_S
        has_detaxis = 'DETAXIS1' in (table.dtype.names or ())
        for block in table.blocks(('TIME', 'AXIS1', 'AXIS2', *(('DETAXIS1',) if has_detaxis else ()))):
            rows = np.zeros(len(block['TIME']), DTYPE)
            rows['TIME'] = block_times(tag, block['TIME']) + shift
            for name in ('AXIS1', 'AXIS2'):
                rows[name] = block[name]
            rows['DETAXIS1'] = block['DETAXIS1'] if has_detaxis else block['AXIS1']
            # high-resolution pixels 1 and 2 make low-resolution pixel 1, and so on (science.md 6.1)
            rows['XFULL'] = (block['AXIS1'] + 0.5) * 0.5 if scale == 0.5 else block['AXIS1']
            rows['YFULL'] = (block['AXIS2'] + 0.5) * 0.5 if scale == 0.5 else block['AXIS2']
            rows['EPSILON'] = 1.0
            rows['WAVELENGTH'], rows['SPORDER'] = _wavelengths(tag, rows['XFULL'], rows['YFULL'], spectra)
            yield rows


def _wavelengths(
    tag: EventFile, x: NDArray[Any], y: NDArray[Any], spectra: tuple[ExtractedSpectrum, ...]
) -> tuple[NDArray[Any], NDArray[Any]]:
    traced = [item for item in spectra if item.centre is not None and np.any(item.centre)]
    if not traced:
        return linear_wavelength(tag, np.asarray(x, np.float64)), np.zeros(len(x), np.int16)
    columns = np.arange(1, len(traced[0].wavelength_aa) + 1)
    nearest, wavelength, order = np.full(len(x), np.inf), np.zeros(len(x)), np.zeros(len(x), np.int16)
    for spectrum in traced:
        centre = spectrum.centre if spectrum.centre is not None else np.zeros(len(columns))
        distance = np.abs(y - np.interp(x, columns, centre))
        reach = np.inf if len(traced) == 1 else (spectrum.height or 0.0) / 2
        closer = (distance < nearest) & (distance <= reach)
        wavelength[closer] = np.interp(x[closer], columns, spectrum.wavelength_aa)
        order[closer] = int(spectrum.name)
        nearest[closer] = distance[closer]
    return wavelength, order


def linear_wavelength(tag: EventFile, x: Floats) -> Floats:
    """Return the wavelength of low-resolution pixels from the header's linear dispersion, Angstrom; 0 where there is none.

    Only a first-order grating has one; an echelle's keywords describe the middle of its format.
    """
    header = tag.events[0].header
    step = float(header.get('TC2_2', 0.0) or 0.0) or float(header.get('TCDLT2', 0.0) or 0.0)
    if step <= 0 or is_echelle(tag) or str(tag.keyword('OBSTYPE', 'SPECTROSCOPIC')).upper() == 'IMAGING':
        return np.zeros(len(x))
    pixel = 2 * x - 0.5  # high-resolution pixel, as the keywords count
    return np.asarray(float(header['TCRVL2']) + (pixel - float(header['TCRPX2'])) * step, np.float64)


def is_echelle(tag: EventFile) -> bool:
    """Whether the grating is an echelle."""
    return str(tag.keyword('OPT_ELEM', '')).upper().startswith('E')


def is_subarray(tag: EventFile) -> bool:
    """Whether only a part of the detector was read; its coordinates are relative to the part."""
    return any(float(tag.keyword(name, LOW_RESOLUTION)) < LOW_RESOLUTION for name in ('SIZAXIS1', 'SIZAXIS2'))
