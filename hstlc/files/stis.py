"""The corrtag that is derived from a STIS tag: events in the x1d's coordinates, with wavelength and order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstlc.files.bounds import BLOCK
from hstlc.files.eventlist import EventFile
from hstlc.files.exposures import block_times, facts_gti, start_shift
from hstlc.files.fitsfile import open_fits
from hstlc.files.output import replacing
from hstlc.model import ExtractedSpectrum, Floats, Ints, TagCorrections

LOW_RESOLUTION = 1024
HIGH_RESOLUTION = 2048
NO_FLAT = 512  # DQ: bad pixel in a reference file
IMAGE_ROWS = 1 << 18  # events that are put into an image at once
Columns = tuple[tuple[str, str, str | None], ...]  # name, type, unit
EVENT_COLUMNS: Columns = (
    ('TIME', '>f8', 's'), ('AXIS1', '>i2', 'pixel'), ('AXIS2', '>i2', 'pixel'), ('DETAXIS1', '>i2', 'pixel'),
    ('XFULL', '>f4', 'pixel'), ('YFULL', '>f4', 'pixel'), ('WAVELENGTH', '>f4', 'Angstrom'), ('EPSILON', '>f4', None),
    ('DQ', '>i2', None), ('SPORDER', '>i2', None),
)  # fmt: skip
FORMATS = {'>f8': 'D', '>f4': 'E', '>i2': 'I'}
COPIED = (
    'ROOTNAME', 'EXPNAME', 'EXPSTART', 'EXPEND', 'EXPTIME', 'EXPFLAG', 'ASN_MTYP', 'FGSLOCK', 'SDQFLAGS', 'ORBITPER', 'DOPPMAG',
    'DOPPZERO', 'GLOBRATE', 'SUN_ALT', 'RA_APER', 'DEC_APER', 'OM1CAT', 'OM2CAT',
)  # fmt: skip


def write_corrtag(path: Path, tag: EventFile, spectra: tuple[ExtractedSpectrum, ...], corrections: TagCorrections) -> None:
    """Write the corrtag of a STIS tag, block by block.

    XFULL and YFULL are in low-resolution pixels of the x1d's image counted from 1 (1024 columns), or in high-resolution
    ones where the x1d has 2048 columns. Without x1d the wavelength is the header's linear dispersion for a first-order
    grating, else 0. EPSILON is one over the flat field, and DQ the bad-pixel table, at (DETAXIS1, AXIS2): where the event was
    detected. Where the flat field is not positive EPSILON is 1 and DQ has bit 512. The table REJECTED lists the pixels whose
    events do not count.

    Parameters
    ----------
    path : Path
        The corrtag; replaced whole.
    tag : EventFile
        The raw event list; stays as it is.
    spectra : tuple of ExtractedSpectrum
        Rows of its x1d; empty where there is none.
    corrections : TagCorrections
        Flat field, bad pixels and shift.
    """
    n_rows = sum(table.n_rows for table in tag.events)
    with replacing(path) as part, part.open('wb') as file:
        primary = tag.primary.copy()
        primary['FILENAME'] = path.name
        primary['NEXTEND'] = 3
        file.write(_header_bytes(primary))
        file.write(_header_bytes(_events_header(tag, n_rows, corrections)))
        written = 0
        for rows in _rows(tag, spectra, corrections):
            written += file.write(rows.tobytes())
        file.write(b'\0' * (-written % BLOCK))
        _write_table(file, 'GTI', (('START', '>f8', 's'), ('STOP', '>f8', 's')), facts_gti(tag))
        rejected = (('X', '>i2', 'pixel'), ('Y', '>i2', 'pixel'), ('PART', '>f4', None))
        _write_table(file, 'REJECTED', rejected, _rejected(corrections))


def _header_bytes(header: fits.Header) -> bytes:
    return str(header.tostring(sep='', endcard=True, padding=True)).encode('ascii', 'replace')


def _events_header(tag: EventFile, n_rows: int, corrections: TagCorrections) -> fits.Header:
    header = _table_header('EVENTS', EVENT_COLUMNS, n_rows)
    first = tag.events[0].header
    for keyword in COPIED:
        if keyword in first:
            header[keyword] = first[keyword]
    part = 'PARTIAL' if corrections.flats_lacking else 'COMPLETE'
    header['FLATCAL'] = ('OMIT' if corrections.pixels.flat is None else part, 'flat field in EPSILON')
    header['BPIXCAL'] = ('OMIT' if corrections.pixels.flags is None else 'COMPLETE', 'bad pixels in DQ')
    header['NHOT'] = (corrections.n_hot, 'hot pixels found in the events')
    header['REGX'] = (corrections.shift.x, '[pixel] added to AXIS1 for XFULL')
    header['REGY'] = (corrections.shift.y, '[pixel] added to AXIS2 for YFULL')
    header['REFFILES'] = ' '.join(corrections.used)
    header['REFLACK'] = ' '.join(corrections.missing)
    return header


def _table_header(name: str, columns: Columns, n_rows: int) -> fits.Header:
    described = [fits.Column(name=column, format=FORMATS[kind], unit=unit) for column, kind, unit in columns]
    header = fits.BinTableHDU.from_columns(described, nrows=0, name=name).header
    header['NAXIS2'] = n_rows
    return header


def _no_rows(columns: Columns, n: int) -> NDArray[Any]:
    return np.zeros(n, [(column, kind) for column, kind, _ in columns])


def _write_table(file: BinaryIO, name: str, columns: Columns, values: Floats) -> None:
    rows = _no_rows(columns, len(values))
    for k, (column, _, _) in enumerate(columns):
        rows[column] = values[:, k]
    file.write(_header_bytes(_table_header(name, columns, len(rows))))
    content = rows.tobytes()
    file.write(content + b'\0' * (-len(content) % BLOCK))


def _rejected(corrections: TagCorrections) -> Floats:
    part = corrections.rejected
    if part is None:
        return np.zeros((0, 3))
    row, column = np.nonzero(part)
    return np.column_stack([column + 1, row + 1, part[row, column]]).astype(np.float64)


def rejected_pixels(path: Path) -> Floats | None:
    """Return the part of each low-resolution pixel whose events a derived corrtag rejects, (1024, 1024) float64; None if none.

    Raises
    ------
    UnreadableError
        The file is damaged.
    """
    with open_fits(path, 'a corrtag of hstlc', 'delete it and run doit again') as hdus:
        if 'REJECTED' not in hdus or len(hdus['REJECTED'].data) == 0:
            return None
        table = hdus['REJECTED'].data
        part = np.zeros((LOW_RESOLUTION, LOW_RESOLUTION))
        part[np.asarray(table['Y'], np.int64) - 1, np.asarray(table['X'], np.int64) - 1] = table['PART']
        return part


def count_images(tag: EventFile) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the events of a tag per high-resolution pixel, after and before the Doppler correction.

    Returns
    -------
    placed, detected : (2048, 2048) int32
        Indexed [AXIS2 - 1, AXIS1 - 1] and [AXIS2 - 1, DETAXIS1 - 1].
    """
    placed, detected = (np.zeros(HIGH_RESOLUTION * HIGH_RESOLUTION, np.int32) for _ in range(2))
    for table in tag.events:
        along = 'DETAXIS1' if 'DETAXIS1' in (table.dtype.names or ()) else 'AXIS1'
        for block in table.blocks(('AXIS1', 'AXIS2', along) if along != 'AXIS1' else ('AXIS1', 'AXIS2'), size=IMAGE_ROWS):
            y = block['AXIS2'].astype(np.int64) - 1
            for image, name in ((placed, 'AXIS1'), (detected, along)):
                x = block[name].astype(np.int64) - 1
                on = (x >= 0) & (x < HIGH_RESOLUTION) & (y >= 0) & (y < HIGH_RESOLUTION)
                np.add.at(image, y[on] * HIGH_RESOLUTION + x[on], 1)
    shape = (HIGH_RESOLUTION, HIGH_RESOLUTION)
    return placed.reshape(shape), detected.reshape(shape)


def _rows(tag: EventFile, spectra: tuple[ExtractedSpectrum, ...], corrections: TagCorrections) -> Iterator[NDArray[Any]]:
    scale = 1.0 if spectra and len(spectra[0].wavelength_aa) > LOW_RESOLUTION else 0.5
    for table in tag.events:
        shift = start_shift(tag, table)
        has_detaxis = 'DETAXIS1' in (table.dtype.names or ())
        for block in table.blocks(('TIME', 'AXIS1', 'AXIS2', *(('DETAXIS1',) if has_detaxis else ()))):
            rows = _no_rows(EVENT_COLUMNS, len(block['TIME']))
            rows['TIME'] = block_times(tag, block['TIME']) + shift
            for name in ('AXIS1', 'AXIS2'):
                rows[name] = block[name]
            rows['DETAXIS1'] = block['DETAXIS1'] if has_detaxis else block['AXIS1']
            # high-resolution pixels 1 and 2 make low-resolution pixel 1, and so on
            for full, name, shift_px in (('XFULL', 'AXIS1', corrections.shift.x), ('YFULL', 'AXIS2', corrections.shift.y)):
                place = block[name] + float(shift_px)
                rows[full] = (place + 0.5) * 0.5 if scale == 0.5 else place
            rows['EPSILON'], rows['DQ'] = _pixel_values(rows['DETAXIS1'], rows['AXIS2'], corrections)
            rows['WAVELENGTH'], rows['SPORDER'] = _wavelengths(tag, rows['XFULL'], rows['YFULL'], spectra)
            yield rows


def _pixel_values(x: NDArray[Any], y: NDArray[Any], corrections: TagCorrections) -> tuple[Floats, Ints]:
    """Return one over the flat field, and the flags, at high-resolution pixels counted from 1."""
    epsilon, dq = np.ones(len(x)), np.zeros(len(x), np.int64)
    flat, flags = corrections.pixels.flat, corrections.pixels.flags
    if flags is not None:
        dq |= flags[_index(y, len(flags)), _index(x, len(flags))]
    if flat is not None:
        value = flat[_index(y, len(flat)), _index(x, len(flat))]
        known = value > 0
        epsilon = np.divide(1.0, value, out=epsilon, where=known)
        dq[~known] |= NO_FLAT
    return epsilon, dq


def _index(place: NDArray[Any], size: int) -> Ints:
    """Return the index from 0 of high-resolution pixels from 1 in an axis of `size` pixels; beyond its ends the outermost."""
    return np.clip((place.astype(np.int64) - 1) * size // HIGH_RESOLUTION, 0, size - 1)


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
    if step <= 0 or is_echelle(tag) or tag.is_imaging:
        return np.zeros(len(x))
    pixel = 2 * x - 0.5  # high-resolution pixel, as the keywords count
    return np.asarray(float(header['TCRVL2']) + (pixel - float(header['TCRPX2'])) * step, np.float64)


def is_echelle(tag: EventFile) -> bool:
    """Whether the grating is an echelle."""
    return str(tag.keyword('OPT_ELEM', '')).upper().startswith('E')


def is_subarray(tag: EventFile) -> bool:
    """Whether only a part of the detector was read; its coordinates are relative to the part."""
    return any(float(tag.keyword(name, LOW_RESOLUTION)) < LOW_RESOLUTION for name in ('SIZAXIS1', 'SIZAXIS2'))
