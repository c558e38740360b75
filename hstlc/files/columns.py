"""The columns of light-curve files: the one place that says what each holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hstlc.model import DAY_S, LightCurve

FLUX_UNIT = 'erg s-1 cm-2 Angstrom-1'


@dataclass(frozen=True)
class Column:
    """A column of the LIGHTCURVE table: FITS format and unit, UCD, meaning, and how it follows from a light curve."""

    name: str  # of the column
    format: str  # FITS: D, E, J
    unit: str | None  # None for a pure number
    ucd: str  # IVOA's word for what it is
    meaning: str  # in words
    value: Callable[[LightCurve], Any]  # from a light curve, (n_bins,)


def _time(lc: LightCurve) -> Any:
    return (lc.mjd - lc.mjdref) * DAY_S


def _signal_to_noise(lc: LightCurve) -> Any:
    error = np.sqrt(lc.variance)
    return np.divide(lc.counts, error, out=np.zeros_like(error), where=error > 0)


def _flux_density(lc: LightCurve, band_flux: Any) -> Any:
    return band_flux / lc.band_width_aa if lc.band_width_aa > 0 else np.full(len(lc.mjd), np.nan)


COLUMNS: tuple[Column, ...] = (
    Column('TIME', 'D', 's', 'time.epoch', 'bin centre, seconds since MJDREF', _time),
    Column('TIMES', 'D', 's', 'time', 'bin centre, seconds since the start of its exposure', lambda lc: lc.times_s),
    Column('MJD', 'D', 'd', 'time.epoch', 'bin centre, Modified Julian Date, UTC', lambda lc: lc.mjd),
    Column(
        'MJDSTART',
        'D',
        'd',
        'time.start',
        'bin start, Modified Julian Date, UTC',
        lambda lc: lc.mjd - lc.bins_s / 2 / DAY_S,
    ),
    Column('BJD_TDB', 'D', 'd', 'time.epoch', 'bin centre, barycentric Julian Date, TDB; keyword HSTPOS', lambda lc: lc.bjd_tdb),
    Column('BINS', 'E', 's', 'time.interval', 'bin width', lambda lc: lc.bins_s),
    Column('EXPTIME', 'E', 's', 'time.duration;obs.exposure', 'live time in the bin', lambda lc: lc.exptime_s),
    Column('FRACEXP', 'E', None, 'obs.exposure;arith.ratio', 'EXPTIME / BINS', lambda lc: lc.exptime_s / lc.bins_s),
    Column('GROSS', 'D', 'count', 'phot.count', 'weighted counts in the source region', lambda lc: lc.gross),
    Column(
        'BACKGROUND',
        'D',
        'count',
        'phot.count;instr.background',
        'background scaled to the source region',
        lambda lc: lc.background,
    ),
    Column('COUNTS', 'D', 'count', 'phot.count;em.UV', 'GROSS - BACKGROUND', lambda lc: lc.counts),
    Column('ERROR', 'D', 'count', 'stat.error;phot.count', 'sqrt(GROSS + BACKGROUND)', lambda lc: lc.error),
    Column('NET', 'D', 'count s-1', 'phot.count;arith.rate', 'COUNTS / EXPTIME', lambda lc: lc.net),
    Column('NET_ERR', 'D', 'count s-1', 'stat.error;phot.count', 'error of NET, compound Poisson', lambda lc: lc.net_err),
    Column(
        'NET_ERR_LO',
        'D',
        'count s-1',
        'stat.error;phot.count;stat.min',
        'error of NET downwards',
        lambda lc: lc.both_errors.counts_low / lc.exptime_s,
    ),
    Column(
        'NET_ERR_HI',
        'D',
        'count s-1',
        'stat.error;phot.count;stat.max',
        'error of NET upwards',
        lambda lc: lc.both_errors.counts_high / lc.exptime_s,
    ),
    Column('FLUX', 'D', FLUX_UNIT, 'phot.flux.density;em.UV', 'mean flux density over the band', lambda lc: lc.flux),
    Column('FLUX_ERROR', 'D', FLUX_UNIT, 'stat.error;phot.flux.density', 'error of FLUX', lambda lc: lc.flux_err),
    Column('FLUX_ERR', 'D', FLUX_UNIT, 'stat.error;phot.flux.density', 'FLUX_ERROR, under the usual name', lambda lc: lc.flux_err),
    Column(
        'FLUX_ERR_LO',
        'D',
        FLUX_UNIT,
        'stat.error;phot.flux.density;stat.min',
        'error of FLUX downwards',
        lambda lc: _flux_density(lc, lc.both_errors.band_flux_low),
    ),
    Column(
        'FLUX_ERR_HI',
        'D',
        FLUX_UNIT,
        'stat.error;phot.flux.density;stat.max',
        'error of FLUX upwards',
        lambda lc: _flux_density(lc, lc.both_errors.band_flux_high),
    ),
    Column('SIGNAL_TO_NOISE', 'E', None, 'stat.snr', 'COUNTS / (NET_ERR * EXPTIME)', _signal_to_noise),
    Column('QUALITY', 'J', None, 'meta.code.qual', 'bit mask, see the guide', lambda lc: lc.quality),
    Column('DATASET', 'J', None, 'meta.id', 'row of PROVENANCE, from 1', lambda lc: lc.dataset),
    Column('N_SRC', 'J', 'count', 'meta.number', 'events in the source region', lambda lc: lc.n_src),
    Column('N_BKG', 'J', 'count', 'meta.number', 'events in the background regions', lambda lc: lc.n_bkg),
    Column('AIRGLOW', 'E', 'count s-1', 'phot.count', 'rate in the geocoronal lines', lambda lc: lc.airglow),
    Column('SUN_ALT', 'E', 'deg', 'pos.posAng', "altitude of the Sun above the Earth's limb", lambda lc: lc.sun_alt_deg),
)
