"""Dynamic spectra as FITS files: sparse tables of the non-empty cells, column after column, compressed with gzip.

What they hold is `science.dynamic_spectrum.as_stored`.
"""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from hstlc.files.bintable import Field, primary, rows_of, table
from hstlc.files.fitsfile import open_fits
from hstlc.files.headers import Card, exposure_cards, exposure_of, fitting
from hstlc.files.output import write_bytes
from hstlc.model import Cells, DynamicSpectrum, Exposure, FluxSource, SharedCells

COMPRESSION = 4  # 3 to 10 % smaller than with 1, the cheapest; 6 takes twice the time for a few per cent more
CELL_COLUMNS = (
    # name, format, unit, meaning
    ('TIME', 'J', None, 'time bin, from 0'),
    ('WAVE', 'I', None, 'wavelength cell, from 0'),
    ('N', 'J', 'count', 'events'),
    ('W', 'D', 'count', 'sum of weights'),
    ('W2', 'D', 'count2', 'sum of squared weights'),
    ('F', 'E', 'erg cm-2', 'sum of flux weights'),
    ('F2', 'E', 'erg2 cm-4', 'sum of squared flux weights'),
)
SQUARES = {'W2': 'W', 'F2': 'F'}  # written where a cell has more than one event: else it is the square of the sum
TIME_COLUMNS = (
    ('LIVE', 'D', 's', 'live_s'),
    ('BJDOFF', 'D', 's', 'bjd_offset_s'),
    ('SUN_ALT', 'E', 'deg', 'sun_alt_deg'),
    ('QUALITY', 'J', None, 'quality'),
)
WAVE_COLUMNS = (
    ('GOODWID', 'D', 'Angstrom', 'good_width_aa'),
    ('X1DBKG', 'E', 'count s-1', 'x1d_background'),
    ('X1DBKGF', 'E', 'erg s-1 cm-2', 'x1d_background_flux'),
)
SHARED_COLUMNS = (
    ('CELL', 'I', None),
    ('OTHER', 'I', None),
    ('COUNTS', 'E', None),
    ('FLUX', 'E', None),
)


def write_dynamic_spectrum(path: Path, spectrum: DynamicSpectrum) -> None:
    """Write a dynamic spectrum; equal content gives equal bytes."""
    units = (
        primary(_cards(spectrum)),
        table('TIME', (Field(n, f, u, getattr(spectrum, a)) for n, f, u, a in TIME_COLUMNS)),
        table('WAVELENGTH', (Field(n, f, u, getattr(spectrum, a)) for n, f, u, a in WAVE_COLUMNS)),
        _cells('SOURCE', spectrum.source),
        _cells('BACKGROUND', spectrum.background),
        table('SHARED', (Field(n, f, u, getattr(spectrum.shared, n.lower())) for n, f, u in SHARED_COLUMNS), one_row=True),
        table('GTI', (Field(n, 'D', 's', spectrum.gti_s[:, k]) for k, n in enumerate(('START', 'STOP')))),
    )
    write_bytes(path, gzip.compress(b''.join(units), COMPRESSION, mtime=0))


def _cards(spectrum: DynamicSpectrum) -> list[Card]:
    cards = (
        ('ORIGIN', 'hstlc', 'made by'),
        *exposure_cards(spectrum.exposure),
        ('TIMESYS', 'UTC', 'time scale'),
        ('T0MJD', spectrum.t0_mjd, '[d] zero of the time bins'),
        ('TSTART', spectrum.start_s, '[s] left edge of time bin 0'),
        ('TSTEP', spectrum.step_s, '[s] width of a time bin'),
        ('NTIME', spectrum.n_time, 'time bins'),
        ('WSTART', spectrum.wave0_aa, '[Angstrom] left edge of cell 0, or 0'),
        ('WSTEP', spectrum.wave_step_aa, '[Angstrom] width of a cell'),
        ('NWAVE', spectrum.n_wave, 'wavelength cells'),
        ('FLUXSRC', spectrum.flux_source.value, 'where the sensitivity comes from'),
        ('HSTPOS', spectrum.hstpos, "observer's position"),
        ('TIMESYER', spectrum.time_error_s, '[s] systematic error of a time stamp'),
        ('WMIN', spectrum.wmin_aa, '[Angstrom] start of the good wavelengths'),
        ('WMAX', spectrum.wmax_aa, '[Angstrom] end of the good wavelengths'),
        ('X1DFILE', spectrum.x1d_file, 'extracted spectrum'),
        ('X1DRATIO', spectrum.x1d_ratio, 'net rate here / in the x1d'),
        ('BKGLOW', spectrum.background_limits[0], 'accepted ratio of backgrounds'),
        ('BKGHIGH', spectrum.background_limits[1], 'accepted ratio of backgrounds'),
        ('HVLEVELA', spectrum.high_voltage[0], 'commanded high voltage of segment A'),
        ('HVLEVELB', spectrum.high_voltage[1], 'commanded high voltage of segment B'),
        ('REFFILES', spectrum.reference_files, 'reference files used'),
        ('WARNINGS', ' '.join(spectrum.warnings), 'see the guide'),
    )
    return fitting(cards)


def _cells(name: str, cells: Cells) -> bytes:
    columns = {n: getattr(cells, n.lower()) for n, *_ in CELL_COLUMNS}
    columns |= {square: np.where(cells.n == 1, 0.0, columns[square]) for square in SQUARES}
    return table(name, (Field(n, f, u, columns[n]) for n, f, u, _ in CELL_COLUMNS), one_row=True)


def read_dynamic_spectrum(path: Path, exposure: Exposure | None = None) -> DynamicSpectrum:
    """Read a dynamic spectrum that `write_dynamic_spectrum` wrote.

    Parameters
    ----------
    path : Path
        The file.
    exposure : Exposure or None
        From its record; without it what the file's header says, which lacks the list of input files.

    Raises
    ------
    UnreadableError
        The file is missing or damaged.
    """
    with open_fits(path, 'a dynamic spectrum of hstlc', 'delete it and run doit again') as hdus:
        return _spectrum(hdus, exposure or exposure_of(hdus[0].header))


def _spectrum(hdus: fits.HDUList, exposure: Exposure) -> DynamicSpectrum:
    head = hdus[0].header
    times, waves, gti = (rows_of(hdus[name]) for name in ('TIME', 'WAVELENGTH', 'GTI'))
    values: dict[str, Any] = {a: np.array(times[n], np.int64 if f == 'J' else np.float64) for n, f, _, a in TIME_COLUMNS}
    values |= {a: np.array(waves[n], np.float64) for n, _, _, a in WAVE_COLUMNS}
    return DynamicSpectrum(
        exposure=exposure,
        t0_mjd=float(head['T0MJD']),
        start_s=float(head['TSTART']),
        step_s=float(head['TSTEP']),
        wave0_aa=float(head['WSTART']),
        wave_step_aa=float(head['WSTEP']),
        source=_read_cells(rows_of(hdus['SOURCE'])),
        background=_read_cells(rows_of(hdus['BACKGROUND'])),
        shared=_read_shared(rows_of(hdus['SHARED'])),
        gti_s=np.column_stack([gti['START'], gti['STOP']]).astype(np.float64),
        flux_source=FluxSource(head['FLUXSRC']),
        hstpos=str(head['HSTPOS']),
        time_error_s=float(head['TIMESYER']),
        wmin_aa=head.get('WMIN'),
        wmax_aa=head.get('WMAX'),
        reference_files=str(head.get('REFFILES', '')),
        x1d_file=head.get('X1DFILE'),
        x1d_ratio=head.get('X1DRATIO'),
        high_voltage=(head.get('HVLEVELA'), head.get('HVLEVELB')),
        background_limits=(float(head['BKGLOW']), float(head['BKGHIGH'])),
        warnings=tuple(str(head.get('WARNINGS', '')).split()),
        **values,
    )


def _read_cells(table: Any) -> Cells:
    kinds = {'TIME': np.int32, 'WAVE': np.int16, 'N': np.int32}
    columns = {n: np.array(table[n], kinds.get(n, np.float64)).ravel() for n, *_ in CELL_COLUMNS}
    single = columns['N'] == 1
    for square, root in SQUARES.items():
        np.multiply(columns[root], columns[root], out=columns[square], where=single)
    return Cells(**{n.lower(): values for n, values in columns.items()})


def _read_shared(table: Any) -> SharedCells:
    kinds: dict[str, Any] = {'I': np.int16, 'E': np.float64}
    return SharedCells(**{n.lower(): np.array(table[n], kinds[f]).ravel() for n, f, _ in SHARED_COLUMNS})
