"""Reference files: where they lie on this machine, and the tables and images that the calibration needs of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from astropy.io import fits

from hstlc.errors import UnreadableError
from hstlc.files.eventlist import EventFile
from hstlc.files.fitsfile import open_fits
from hstlc.files.referencefolders import UNUSABLE
from hstlc.files.referencerows import is_dummy, select_row, select_rows
from hstlc.model import Blaze, Curve, Floats, Ints, Linearity, Throughput, TimeDependence

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FILE_NAME = re.compile(r'[A-Za-z0-9_.-]+\.fits')  # nothing that leads into another folder
NOT_NAMED = ('', 'N/A')  # values of a keyword that name no file
MAMA_PIXELS = 1024
BEYOND_BELIEF = 1e30  # of any number in a table; sensitivities reach 1e16
T = TypeVar('T')
D = TypeVar('D', bound='DataclassInstance')
TEMPERATURES = {'FUV-MAMA': 'OM1CAT', 'NUV-MAMA': 'OM2CAT'}


@dataclass
class Library:
    """The reference files that one exposure's header names; it remembers which were used and which were not, in order."""

    exposure: EventFile  # whose header names them
    folders: tuple[Path, ...]  # where they are looked for, best first
    used: list[str] = field(default_factory=list)  # names of those that gave something
    missing: list[str] = field(default_factory=list)  # names of those that did not

    def named(self, keyword: str) -> str | None:
        """Return the file name that a header keyword gives, without its `lref$` or `oref$`; None where it gives none."""
        value = str(self.exposure.keyword(keyword, '')).strip()
        return None if value.upper() in NOT_NAMED else value.rpartition('$')[2]

    def read(self, keyword: str, reader: Callable[[fits.HDUList], T | None]) -> T | None:
        """Return what a reader finds in a reference file; None, and the file remembered as missing, where that is nothing.

        Parameters
        ----------
        keyword : str
            Header keyword that names the file.
        reader : callable
            Takes the open file; returns None where no row applies.
        """
        name = self.named(keyword)
        if name is None:
            return None
        if not FILE_NAME.fullmatch(name):
            self.missing.append(f'{keyword}{UNUSABLE}')
            return None
        path = next((folder / name for folder in self.folders if (folder / name).is_file()), None)
        found = None if path is None else _try(path, reader)
        if found is not None:
            self.used.append(name)
        else:
            self.missing.append(name if path is None else f'{name}{UNUSABLE}')
        return found

    def lacking(self) -> tuple[str, ...]:
        """Return the files that were wanted and not to be had; those that are there and of no use are marked."""
        return tuple(name for name in dict.fromkeys(self.missing) if name.removesuffix(UNUSABLE) not in self.used)


def _try(path: Path, reader: Callable[[fits.HDUList], T | None]) -> T | None:
    try:
        with open_fits(path, 'a reference file', 'fetch the file again') as hdus:
            return None if is_dummy(hdus[0].header.get('PEDIGREE', '')) else reader(hdus)
    except UnreadableError:
        return None


def _curve(row: Any, values: str) -> Curve:
    wavelength = np.atleast_1d(np.asarray(row['WAVELENGTH'], np.float64))
    n = int(row['NELEM']) if 'NELEM' in row.array.names else len(wavelength)
    curve = Curve(wavelength_aa=wavelength[:n], values=np.atleast_1d(np.asarray(row[values], np.float64))[:n])
    if n <= 0 or curve.wavelength_aa.ndim != 1 or curve.wavelength_aa.shape != curve.values.shape:
        raise ValueError(f'NELEM is {n}, for {curve.wavelength_aa.shape} wavelengths and {curve.values.shape} values')
    return _believable(curve)


def _believable(found: D) -> D:
    """Return what was read of a row.

    Raises
    ------
    ValueError
        One of its values is not a number, or beyond belief.
    """
    for name in (item.name for item in fields(found)):
        value = getattr(found, name)
        if value is not None and not np.all(np.abs(value) < BEYOND_BELIEF):
            raise ValueError(f'{name} holds what are no numbers')
    return found


def flux_table(hdus: fits.HDUList, wanted: Mapping[str, str | int]) -> Curve | None:
    """Return a COS sensitivity, (count/s) / (erg s-1 cm-2 Angstrom-1), from a FLUXTAB."""
    row = select_row(hdus, wanted)
    return None if row is None else _curve(row, 'SENSITIVITY')


def time_dependence(hdus: fits.HDUList, wanted: Mapping[str, str | int]) -> TimeDependence | None:
    """Return what a TDSTAB says: COS and newer STIS tables with intercepts, older STIS ones without."""
    row = select_row(hdus, wanted)
    if row is None:
        return None
    names = row.array.names
    n_time, n_wave = int(row['NT']), int(row['NWL'])
    if n_time <= 0 or n_wave <= 0:
        raise ValueError('it has no times or no wavelengths')

    def segments(name: str) -> Floats:
        cell = np.asarray(row[name], np.float64).reshape(len(row['TIME']), -1)[:n_time, :n_wave]
        if cell.shape != (n_time, n_wave):
            raise ValueError(f'{name} is not of {n_time} times and {n_wave} wavelengths')
        return cell

    reference = next((float(hdu.header['REF_TIME']) for hdu in hdus[::-1] if 'REF_TIME' in hdu.header), 0.0)
    warm = 'REFTEMP' in names and 'TEMPSENS' in names
    return _believable(
        TimeDependence(
            wavelength_aa=np.asarray(row['WAVELENGTH'], np.float64)[:n_wave],
            time_mjd=np.asarray(row['TIME'], np.float64)[:n_time],
            slope=segments('SLOPE'),
            intercept=segments('INTERCEPT') if 'INTERCEPT' in names else None,
            reference_mjd=reference,
            reference_temperature_c=float(row['REFTEMP']) if warm else None,
            temperature_slope=np.asarray(row['TEMPSENS'], np.float64)[:n_wave] if warm else None,
        )
    )


def read_throughput(library: Library, order: int, height: float) -> Throughput | None:
    """Return the factors of a STIS order's sensitivity; None where PHOTTAB or APERTAB is not to be had.

    Parameters
    ----------
    library : Library
        Of the exposure.
    order : int
        Spectral order.
    height : float
        Of the extraction, low-resolution rows.
    """
    exposure = library.exposure
    opt_elem, aperture_name = str(exposure.keyword('OPT_ELEM', '')), str(exposure.keyword('APERTURE', ''))
    mode: dict[str, str | int] = {'OPT_ELEM': opt_elem, 'CENWAVE': int(float(exposure.keyword('CENWAVE', 0)))}
    slit: dict[str, str | int] = {**mode, 'APERTURE': aperture_name}
    response = library.read('PHOTTAB', lambda hdus: _response(hdus, {**mode, 'SPORDER': order}))
    aperture = library.read('APERTAB', lambda hdus: _throughput_curve(hdus, {'APERTURE': aperture_name}))
    if response is None or aperture is None:
        return None
    heights = library.read('PCTAB', lambda hdus: _heights(hdus, slit, height))
    return Throughput(
        response=response[0],
        aperture=aperture,
        blaze=response[1] if opt_elem.upper().startswith('E') else None,
        grating_aperture=library.read('GACTAB', lambda hdus: _throughput_curve(hdus, slit, otherwise=1.0)),
        height=heights[0] if heights else None,
        full_height=heights[1] if heights else None,
        time=library.read('TDSTAB', lambda hdus: time_dependence(hdus, {'OPT_ELEM': opt_elem})),
    )


def _response(hdus: fits.HDUList, wanted: Mapping[str, str | int]) -> tuple[Curve, Blaze | None] | None:
    row = select_row(hdus, wanted)
    return None if row is None else (_curve(row, 'THROUGHPUT'), _blaze(row))


def _blaze(row: Any) -> Blaze | None:
    needed = ('REFORD', 'REFWAV', 'REFY', 'REFMJD', 'BSHIFT_VS_X', 'BSHIFT_VS_Y', 'BSHIFT_VS_T')
    if not set(needed) <= set(row.array.names):
        return None
    order, wavelength, place, mjd, per_column, per_row, per_day = (float(row[name]) for name in needed)
    return _believable(
        Blaze(
            order=int(order),
            wavelength_aa=wavelength,
            row=place,
            mjd=mjd,
            per_column=per_column,
            per_row=per_row,
            per_day=per_day,
            offset=float(row['BSHIFT_OFFSET']) if 'BSHIFT_OFFSET' in row.array.names else 0.0,
        )
    )


def _throughput_curve(hdus: fits.HDUList, wanted: Mapping[str, str | int], otherwise: float | None = None) -> Curve | None:
    """Return a THROUGHPUT column; a constant where no row applies and there is an `otherwise`."""
    row = select_row(hdus, wanted)
    if row is None:
        return None if otherwise is None else Curve(wavelength_aa=np.zeros(1), values=np.full(1, otherwise))
    return _curve(row, 'THROUGHPUT')


def _heights(hdus: fits.HDUList, wanted: Mapping[str, str | int], height: float) -> tuple[Curve, Curve] | None:
    """Return the corrections of PCTAB for the height nearest to the extracted one and for the height that stands for all."""
    rows = list(select_rows(hdus, wanted))
    full = next((int(hdu.header['MAXHGHT']) for hdu in hdus[::-1] if 'MAXHGHT' in hdu.header), None)
    if not rows or full is None:
        return None
    near, far = (np.argmin([abs(int(row['EXTRHEIGHT']) - wanted_height) for row in rows]) for wanted_height in (int(height), full))
    return _curve(rows[near], 'THROUGHPUT'), _curve(rows[far], 'THROUGHPUT')


def linearity(hdus: fits.HDUList, detector: str) -> Linearity | None:
    """Return what MLINTAB says of a MAMA detector."""
    row = select_row(hdus, {'DETECTOR': detector})
    if row is None:
        return None
    found = _believable(Linearity(tau_s=float(row['TAU']), global_limit=float(row['GLOBAL_LIMIT'])))
    return found if found.tau_s >= 0 else None


def bad_pixels(hdus: fits.HDUList, opt_elem: str) -> Ints:
    """Return the flags of a BPIXTAB for an optical element, (1024, 1024) int64 indexed [row, column] from 0.

    Its pixels are low-resolution ones counted from 1 (calstis dodqi.c).
    """
    flags = np.zeros((MAMA_PIXELS, MAMA_PIXELS), np.int64)
    rows = select_rows(hdus, {'OPT_ELEM': opt_elem})
    columns = [np.asarray(rows[name], np.int64).tolist() for name in ('PIX1', 'PIX2', 'LENGTH', 'AXIS', 'VALUE')]
    for x, y, length, axis, value in zip(*columns, strict=True):
        if 1 <= x <= MAMA_PIXELS and 1 <= y <= MAMA_PIXELS:
            place = (y - 1, slice(x - 1, x - 1 + length)) if axis == 1 else (slice(y - 1, y - 1 + length), x - 1)
            flags[place] |= value
    return flags


def flat_image(hdus: fits.HDUList, least: int = 2) -> Floats | None:
    """Return the first image of a flat field, float64 indexed [row, column]; 0 where it is not known.

    None where its size is not a whole part of the detector's, or smaller than `least` pixels.
    """
    images = (hdu for hdu in hdus if isinstance(hdu, fits.PrimaryHDU | fits.ImageHDU) and hdu.header.get('NAXIS') == 2)
    image = next((hdu.data for hdu in images if hdu.data is not None), None)
    if image is None or image.shape[0] != image.shape[1] or len(image) < least or 2 * MAMA_PIXELS % len(image):
        return None
    return np.nan_to_num(np.asarray(image, np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def detector_temperature(exposure: EventFile) -> float | None:
    """Return the temperature of a MAMA detector's amplifier, degrees Celsius, which its sensitivity depends on; None if unknown."""
    value = exposure.keyword(TEMPERATURES.get(str(exposure.keyword('DETECTOR', '')).upper(), ''), None)
    return float(value) if value is not None and float(value) > 0 else None
