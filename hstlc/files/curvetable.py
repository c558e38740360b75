"""Light curves as astropy tables, of hstlc's files and of the original system's."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import Table

from hstlc.errors import UnreadableError
from hstlc.files.bandfile import SUFFIX as BANDS
from hstlc.files.bandfile import read_bands
from hstlc.files.columns import COLUMNS, FLUX_UNIT
from hstlc.files.fitsfile import open_fits
from hstlc.files.headers import header_values
from hstlc.files.products import read_lightcurve
from hstlc.model import DAY_S, LightCurve

# columns of the original system's files and their units; its times and mjd are those of the bins' starts
ORIGINAL_UNITS = {
    'bins': 's', 'times': 's', 'mjd': 'd', 'gross': 'count', 'counts': 'count', 'net': 'count s-1', 'background': 'count',
    'error': 'count', 'flux': FLUX_UNIT, 'flux_error': FLUX_UNIT,
}  # fmt: skip
ORIGINAL_REQUIRED = ('mjd', 'counts')
TEXT_FORMATS = {'.csv': 'ascii.csv', '.ecsv': 'ascii.ecsv'}


def light_curve_table(curve: LightCurve) -> Table:
    """Return a light curve as a table: the columns of the LIGHTCURVE extension, with units, and the headers as `meta`.

    Parameters
    ----------
    curve : LightCurve
        Of one exposure or of many.

    Returns
    -------
    Table
        One row per bin; `meta['PROVENANCE']` lists the exposures.
    """
    table = Table()
    for column in COLUMNS:
        table[column.name] = np.array(column.value(curve))
        table[column.name].unit = column.unit
        table[column.name].description = column.meaning
    table.meta.update(header_values(curve))
    table.meta['PROVENANCE'] = [row.rootname for row in curve.provenance]
    return table


def read_table(path: Path, band: str | None = None) -> Table:
    """Read a light-curve file of hstlc, in any of its forms, or of the original system.

    The original's columns get upper-case names and units; its MJD and TIMES, which are bin starts, are moved to bin centres.

    Parameters
    ----------
    path : Path
        FITS, CSV or ECSV.
    band : str or None
        Which band of a file of bands; needed where it holds several.

    Raises
    ------
    UnreadableError
        It is none of them, or has no such band.
    """
    if path.suffix in TEXT_FORMATS:
        return _text(path)
    if path.name.endswith(BANDS):
        return _band(path, band)
    original = _original(path)
    return light_curve_table(read_lightcurve(path)) if original is None else original


def _band(path: Path, band: str | None) -> Table:
    curves = read_bands(path)
    wanted = next(iter(curves)) if band is None and len(curves) == 1 else band
    if wanted not in curves:
        raise UnreadableError(f'{path} holds the bands {", ".join(curves)}; choose one of them with band=')
    table = light_curve_table(curves[wanted])
    table.meta['BANDNAME'] = wanted
    return table


def _text(path: Path) -> Table:
    try:
        table = Table.read(path, format=TEXT_FORMATS[path.suffix])
    except (OSError, ValueError) as error:
        raise UnreadableError(f'{path} cannot be read as a light curve ({error})') from error
    if not {'MJD', 'COUNTS'} <= set(table.colnames):
        raise UnreadableError(f'{path} is not a light curve: it has no columns MJD and COUNTS')
    for column in COLUMNS:
        if column.name in table.colnames:
            table[column.name] = _filled(table[column.name])
            table[column.name].unit, table[column.name].description = column.unit, column.meaning
    return table


def _filled(column: Any) -> Any:
    """Return the values of a column; where one is missing they are float64 and it is NaN."""
    values = np.ma.asarray(column)
    return np.ma.filled(np.ma.asarray(values, float), np.nan) if np.ma.getmaskarray(values).any() else np.asarray(values)


def _original(path: Path) -> Table | None:
    with open_fits(path, 'a light curve', 'is it a file of hstlc?') as hdus:
        if len(hdus) < 2 or hdus[1].name == 'LIGHTCURVE':
            return None
        names = {name.lower(): name for name in hdus[1].columns.names or ()}
        if not set(ORIGINAL_REQUIRED) <= set(names):
            raise UnreadableError(f'{path} is not a light curve: it has no columns {" and ".join(ORIGINAL_REQUIRED)}')
        table = Table(meta=dict(hdus[0].header))
        for lower, name in names.items():
            table[lower.upper()] = np.array(hdus[1].data[name])
            table[lower.upper()].unit = ORIGINAL_UNITS.get(lower)
    if 'BINS' in table.colnames:
        half = np.asarray(table['BINS'], np.float64) / 2
        table['MJD'] = np.asarray(table['MJD'], np.float64) + half / DAY_S
        table['MJD'].unit = 'd'
        if 'TIMES' in table.colnames:
            table['TIMES'] = np.asarray(table['TIMES'], np.float64) + half
            table['TIMES'].unit = 's'
    return table
