"""Light-curve FITS files: LIGHTCURVE, GTI and PROVENANCE tables that today's readers open unchanged."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from hstlc import __version__
from hstlc.files.bintable import Field, primary, rows_of, save, table
from hstlc.files.columns import COLUMNS
from hstlc.files.fitsfile import open_fits
from hstlc.files.headers import Card, light_curve_cards, primary_cards
from hstlc.model import DAY_S, AsymmetricErrors, Exposure, Floats, FluxSource, GroupKey, Instrument, LightCurve, Provenance

PROVENANCE_COLUMNS: tuple[tuple[str, str, str | None], ...] = (
    # name, FITS format ('A' = as wide as its longest value), unit
    ('DATASET', 'J', None),
    ('FILENAME', 'A', None),
    ('ROOTNAME', 'A', None),
    ('PROPOSID', 'J', None),
    ('INSTRUMENT', 'A', None),
    ('DETECTOR', 'A', None),
    ('OPT_ELEM', 'A', None),
    ('CENWAVE', 'J', 'Angstrom'),
    ('APERTURE', 'A', None),
    ('FPPOS', 'J', None),
    ('LIFE_ADJ', 'A', None),
    ('CAL_VER', 'A', None),
    ('MJD_BEG', 'D', 'd'),
    ('MJD_MID', 'D', 'd'),
    ('MJD_END', 'D', 'd'),
    ('XPOSURE', 'D', 's'),
    ('MINWAVE', 'D', 'Angstrom'),
    ('MAXWAVE', 'D', 'Angstrom'),
    ('REFERENCE_FILES', 'A', None),
    ('FLUX_SOURCE', 'A', None),
    ('X1D_FILE', 'A', None),
    ('X1D_RATIO', 'D', None),
    ('INPUT_BYTES', 'K', 'byte'),
    ('INPUT_SHA256', 'A', None),
    ('HSTLC_VERSION', 'A', None),
    ('WARNINGS', 'A', None),
)
ATTRIBUTES = {'XPOSURE': 'xposure_s', 'MINWAVE': 'minwave_aa', 'MAXWAVE': 'maxwave_aa'}  # of Provenance, where not the name


def write_lightcurve(path: Path, lc: LightCurve, *, doi: str = '') -> None:
    """Write a light curve; the bytes depend on the light curve alone, never on the day.

    Parameters
    ----------
    path : Path
        The file; replaced whole, and only if its content changes.
    lc : LightCurve
        At least one bin.
    doi : str
        Written as keyword DOI when given.
    """
    save(path, primary(primary_cards(lc, path.name, doi)), curve_table(lc), gti_table(lc), provenance_table(lc.provenance))


def curve_table(lc: LightCurve, name: str = 'LIGHTCURVE', after: tuple[Card, ...] = ()) -> bytes:
    """Return the table of a light curve, its columns described."""
    columns = (Field(c.name, c.format, c.unit, c.value(lc), c.meaning, c.ucd) for c in COLUMNS)
    return table(name, columns, before=light_curve_cards(lc), after=after)


def gti_table(lc: LightCurve) -> bytes:
    """Return the table of good time intervals."""
    seconds = (lc.gti_mjd - lc.mjdref) * DAY_S
    cards = (
        ('MJDREF', lc.mjdref, 'zero of START and STOP'),
        ('TIMESYS', 'UTC', ''),
        ('TIMEUNIT', 's', ''),
        ('HDUCLASS', 'OGIP', ''),
        ('HDUCLAS1', 'GTI', ''),
    )
    return table('GTI', (Field(name, 'D', 's', seconds[:, k]) for k, name in enumerate(('START', 'STOP'))), after=cards)


def provenance_table(rows: tuple[Provenance, ...]) -> bytes:
    """Return the table of exposures."""
    columns = (
        Field(name, kind, unit, [_cell(row, name, kind) for row in rows], null=-1 if kind in ('J', 'K') else None)
        for name, kind, unit in PROVENANCE_COLUMNS
    )
    return table('PROVENANCE', columns)


def _cell(row: Provenance, name: str, kind: str) -> Any:
    value = __version__ if name == 'HSTLC_VERSION' else getattr(row, ATTRIBUTES.get(name, name.lower()))
    if kind == 'A':
        text = ' '.join(value) if isinstance(value, tuple) else str(value or '')
        return text.encode('ascii', 'replace').decode()
    return {'D': np.nan, 'J': -1, 'K': -1}[kind] if value is None else value


def read_lightcurve(path: Path) -> LightCurve:
    """Read a light curve that `write_lightcurve` wrote.

    Raises
    ------
    UnreadableError
        The file is missing, damaged or not a light curve of hstlc.
    """
    with open_fits(path, 'a light curve of hstlc', 'delete it and run doit again') as hdus:
        return light_curves_of(hdus, ['LIGHTCURVE'])[0]


def light_curves_of(hdus: fits.HDUList, names: Iterable[str]) -> list[LightCurve]:
    """Return the light curves of extensions of an open file, which have good time and exposures in common."""
    gti = rows_of(hdus['GTI'])
    gti_s = np.column_stack([_floats(gti['START']), _floats(gti['STOP'])])
    provenance = tuple(_provenance(row) for row in rows_of(hdus['PROVENANCE']))
    exposures = tuple(_exposure(row, hdus[0].header) for row in provenance)
    return [_light_curve(hdus[name], gti_s, provenance, exposures) for name in names]


def _light_curve(
    hdu: fits.BinTableHDU, gti_s: Floats, provenance: tuple[Provenance, ...], exposures: tuple[Exposure, ...]
) -> LightCurve:
    head, table = hdu.header, rows_of(hdu)
    width = float(head['BANDWID'])
    exptime = _floats(table['EXPTIME'])
    return LightCurve(
        key=_key(head),
        exposures=exposures,
        provenance=provenance,
        step_s=float(head['STEPSIZE']),
        mjdref=float(head['MJDREF']),
        times_s=_floats(table['TIMES']),
        mjd=_floats(table['MJD']),
        bjd_tdb=_floats(table['BJD_TDB']),
        bins_s=_floats(table['BINS']),
        exptime_s=exptime,
        gross=_floats(table['GROSS']),
        background=_floats(table['BACKGROUND']),
        n_src=np.asarray(table['N_SRC'], np.int64),
        n_bkg=np.asarray(table['N_BKG'], np.int64),
        variance=(_floats(table['NET_ERR']) * exptime) ** 2,
        band_flux=_floats(table['FLUX']) * width,
        band_flux_variance=(_floats(table['FLUX_ERR']) * width) ** 2,
        airglow=_floats(table['AIRGLOW']),
        sun_alt_deg=_floats(table['SUN_ALT']),
        quality=np.asarray(table['QUALITY'], np.int64),
        dataset=np.asarray(table['DATASET'], np.int64),
        gti_mjd=gti_s / DAY_S + float(head['MJDREF']),
        wmin_aa=head.get('WMIN'),
        wmax_aa=head.get('WMAX'),
        band_width_aa=width,
        removed_aa=_windows(head),
        flux_sources=tuple(FluxSource(item) for item in str(head['FLUXSRC']).split(',')),
        hstpos=str(head['HSTPOS']),
        time_error_s=float(head['TIMESYER']),
        warnings=tuple(sorted({code for row in provenance for code in row.warnings})),
        errors=_errors(table, exptime, width),
    )


def _errors(table: Any, exptime_s: Floats, width_aa: float) -> AsymmetricErrors | None:
    """Return the errors downwards and upwards; None in a file that has no such columns."""
    if 'NET_ERR_LO' not in table.dtype.names:
        return None
    low, high = (_floats(table[f'NET_ERR_{side}']) * exptime_s for side in ('LO', 'HI'))
    flux_low, flux_high = (_floats(table[f'FLUX_ERR_{side}']) * width_aa for side in ('LO', 'HI'))
    return AsymmetricErrors(counts_low=low, counts_high=high, band_flux_low=flux_low, band_flux_high=flux_high)


def _floats(column: Any) -> Floats:
    return np.asarray(column, np.float64)


def _windows(head: fits.Header) -> tuple[tuple[float, float], ...]:
    pairs = [str(head[f'WAVEX{k}']).split(',') for k in range(1, int(head.get('NWAVEX', 0)) + 1)]
    return tuple((float(lo), float(hi)) for lo, hi in pairs)


def _key(head: fits.Header) -> GroupKey:
    return GroupKey(
        instrume=Instrument(head['INSTRUME']),
        detector=head['DETECTOR'],
        targname=head['TARGNAME'],
        opt_elem=head['OPT_ELEM'],
        cenwave=int(head['CENWAVE']),
        aperture=head['APERTURE'],
    )


def _provenance(row: Any) -> Provenance:
    values: dict[str, Any] = {}
    for name, kind, _ in PROVENANCE_COLUMNS:
        value = row[name]
        plain = value.decode().strip() if kind == 'A' else float(value) if kind == 'D' else int(value)
        values[ATTRIBUTES.get(name, name.lower())] = plain
    values.pop('hstlc_version')
    for name in ('minwave_aa', 'maxwave_aa', 'x1d_ratio'):
        values[name] = None if np.isnan(values[name]) else values[name]
    for name in ('life_adj', 'cal_ver', 'x1d_file'):
        values[name] = values[name] or None
    values['proposid'] = None if values['proposid'] == -1 else values['proposid']
    values['flux_source'] = FluxSource(values['flux_source'])
    values['warnings'] = tuple(values['warnings'].split())
    return Provenance(**values)


def _exposure(row: Provenance, head: fits.Header) -> Exposure:
    return Exposure(
        rootname=row.rootname,
        filename=row.filename,
        instrume=Instrument(row.instrument),
        detector=row.detector,
        header_targname=head['TARGNAME'],
        targname=head['TARGNAME'],
        obstype=head['OBSTYPE'],
        opt_elem=row.opt_elem,
        cenwave=row.cenwave,
        aperture=row.aperture,
        fppos=row.fppos,
        life_adj=row.life_adj,
        proposid=row.proposid,
        ra_targ_deg=head.get('RA_TARG'),
        dec_targ_deg=head.get('DEC_TARG'),
        moving_target=head.get('MTFLAG', 'F') == 'T',
        expstart_mjd=row.mjd_beg,
        expend_mjd=row.mjd_end,
        exptime_s=row.xposure_s,
        cal_ver=row.cal_ver,
    )
