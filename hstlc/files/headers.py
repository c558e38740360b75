"""Headers of light-curve files: what readers need, and what MAST requires of an HLSP."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from astropy.time import Time
from astropy.utils import iers

from hstlc import __version__
from hstlc.model import DAY_S, Exposure, FluxSource, Instrument, LightCurve

CARD_LENGTH = 80
Card = tuple[str, Any, str]  # keyword, value, comment
LICENSE = 'CC BY 4.0'
LICENSE_URL = 'https://creativecommons.org/licenses/by/4.0/'


def iso_time(mjd: float) -> str:
    """Return a Modified Julian Date (UTC) as ISO 8601 with milliseconds."""
    with iers.conf.set_temp('auto_download', False):  # else astropy asks for leap seconds when its table grows old
        return str(Time(mjd, format='mjd', scale='utc').isot)


def primary_cards(lc: LightCurve, filename: str, doi: str) -> list[Card]:
    """Return the cards of the primary header."""
    begin, end = lc.gti_mjd[0, 0], lc.gti_mjd[-1, 1]
    return fitting(
        [
            ('FILENAME', filename, 'name of the file'),
            ('ORIGIN', 'hstlc', 'made by'),
            ('PROCSW', 'hstlc', 'software'),
            ('PROCVER', __version__, 'version of the software'),
            *_identity(lc),
            ('OBSERVAT', 'HST', 'observatory'),
            ('OBJECT', lc.key.targname, 'target'),
            ('HLSPID', 'HSTLC', 'High Level Science Product collection'),
            ('HLSPNAME', 'Hubble Space Telescope Light Curves', ''),
            ('HLSPLEAD', 'The hstlc developers', ''),
            ('HLSPTARG', lc.key.targname, 'target'),
            ('HLSPVER', 'v1', 'version of the product'),
            ('LICENSE', LICENSE, ''),
            ('LICENURL', LICENSE_URL, ''),
            *([('DOI', doi, '')] if doi else []),
            *_multi(lc, 'PROPOSID', [row.proposid for row in lc.provenance], 'observing programme'),
            *_multi(lc, 'ROOTNAME', [row.rootname for row in lc.provenance], 'exposure'),
            *_multi(lc, 'FPPOS', [row.fppos for row in lc.provenance], 'grating offset index'),
            *_multi(lc, 'LIFE_ADJ', [row.life_adj for row in lc.provenance], 'lifetime position'),
            *_multi(lc, 'CAL_VER', [row.cal_ver for row in lc.provenance], 'calibration software'),
            ('DATE-BEG', iso_time(begin), 'start of good time'),
            ('DATE-END', iso_time(end), 'end of good time'),
            ('DATE-OBS', iso_time(begin)[:10], 'day of the start'),
            ('MJD-BEG', begin, '[d] start of good time'),
            ('MJD-MID', (begin + end) / 2, '[d] middle'),
            ('MJD-END', end, '[d] end of good time'),
            ('TIMESYS', 'UTC', 'time scale'),
            ('EXPSTART', begin, '[d] start, Modified Julian Date'),
            ('EXPEND', end, '[d] end, Modified Julian Date'),
            ('EXPTIME', float(lc.exptime_s.sum()), '[s] live time'),
            ('XPOSURE', float(lc.exptime_s.sum()), '[s] live time'),
            ('TELAPSE', float((end - begin) * DAY_S), '[s] from start to end'),
            ('NDATASET', len(lc.provenance), 'number of exposures'),
        ]
    )


def light_curve_cards(lc: LightCurve) -> list[Card]:
    """Return what the LIGHTCURVE table's header says beside its columns."""
    start, stop = lc.mjd[0] - lc.bins_s[0] / 2 / DAY_S, lc.mjd[-1] + lc.bins_s[-1] / 2 / DAY_S
    return fitting(
        [
            ('MJDREF', lc.mjdref, '[d] zero of TIME'),
            ('TIMESYS', 'UTC', 'time scale of TIME and MJD'),
            ('TREFPOS', 'GEOCENTER', 'where times are measured'),
            ('TIMEUNIT', 's', 'unit of TIME, TSTART, TSTOP'),
            ('TSTART', float((start - lc.mjdref) * DAY_S), '[s] start of the first bin'),
            ('TSTOP', float((stop - lc.mjdref) * DAY_S), '[s] end of the last bin'),
            ('TIMEDEL', lc.step_s, '[s] bin width'),
            ('TIMEPIXR', 0.5, 'times are bin centres'),
            ('TIMESYER', lc.time_error_s, '[s] systematic error of a time stamp'),
            ('HSTPOS', lc.hstpos, "observer's position in BJD_TDB"),
            *_identity(lc),
            ('OBJECT', lc.key.targname, 'target'),
            ('STEPSIZE', lc.step_s, '[s] bin width'),
            ('WMIN', lc.wmin_aa, '[Angstrom] start of the band'),
            ('WMAX', lc.wmax_aa, '[Angstrom] end of the band'),
            ('BANDWID', lc.band_width_aa, '[Angstrom] good width of the band'),
            ('NWAVEX', len(lc.removed_aa), 'windows left out of the band'),
            *((f'WAVEX{k}', f'{lo:g},{hi:g}', '[Angstrom] left out') for k, (lo, hi) in enumerate(lc.removed_aa, 1)),
            ('FLUXSRC', ','.join(item.value for item in lc.flux_sources), 'where the sensitivity comes from'),
            ('FLUXCAL', _flux_calibration(lc), 'flux calibration'),
        ]
    )


def _flux_calibration(lc: LightCurve) -> str:
    if FluxSource.NONE in lc.flux_sources:
        return 'OMIT'
    return 'NOTDS' if 'W_NOTDS' in lc.warnings else 'COMPLETE'


def _identity(lc: LightCurve) -> list[Card]:
    first = lc.exposures[0]
    return [
        ('TELESCOP', 'HST', 'telescope'),
        ('INSTRUME', lc.key.instrume.value, 'instrument'),
        ('DETECTOR', lc.key.detector, 'detector'),
        ('OBSTYPE', first.obstype, 'imaging or spectroscopic'),
        ('OPT_ELEM', lc.key.opt_elem, 'optical element'),
        ('FILTER', lc.key.opt_elem, 'optical element'),
        ('CENWAVE', lc.key.cenwave, '[Angstrom] central wavelength, 0 for imaging'),
        ('APERTURE', lc.key.aperture, 'aperture'),
        ('TARGNAME', lc.key.targname, 'target'),
        ('RA_TARG', first.ra_targ_deg, '[deg] right ascension'),
        ('DEC_TARG', first.dec_targ_deg, '[deg] declination'),
        ('RA_OBJ', first.ra_targ_deg, '[deg] right ascension'),
        ('DEC_OBJ', first.dec_targ_deg, '[deg] declination'),
        ('RADESYS', 'ICRS', 'reference frame'),
        ('MTFLAG', 'T' if any(item.moving_target for item in lc.exposures) else 'F', 'moving target'),
    ]


# keyword, attribute of Exposure, comment
EXPOSURE_KEYWORDS = (
    ('ROOTNAME', 'rootname', 'exposure'),
    ('FILENAME', 'filename', 'event file'),
    ('TELESCOP', 'telescop', 'telescope'),
    ('INSTRUME', 'instrume', 'instrument'),
    ('DETECTOR', 'detector', 'detector'),
    ('HDRTARG', 'header_targname', 'TARGNAME of the event file'),
    ('TARGNAME', 'targname', 'target'),
    ('OBSTYPE', 'obstype', 'imaging or spectroscopic'),
    ('OPT_ELEM', 'opt_elem', 'optical element'),
    ('CENWAVE', 'cenwave', '[Angstrom] central wavelength, 0 for imaging'),
    ('APERTURE', 'aperture', 'aperture'),
    ('FPPOS', 'fppos', 'grating offset index'),
    ('LIFE_ADJ', 'life_adj', 'lifetime position'),
    ('PROPOSID', 'proposid', 'observing programme'),
    ('RA_TARG', 'ra_targ_deg', '[deg] right ascension'),
    ('DEC_TARG', 'dec_targ_deg', '[deg] declination'),
    ('MTFLAG', 'moving_target', 'moving target'),
    ('EXPSTART', 'expstart_mjd', '[d] start, Modified Julian Date'),
    ('EXPEND', 'expend_mjd', '[d] end, Modified Julian Date'),
    ('EXPTIME', 'exptime_s', '[s] exposure time of the event file'),
    ('CAL_VER', 'cal_ver', 'calibration software'),
)


def exposure_cards(exposure: Exposure) -> list[Card]:
    """Return the cards that describe an exposure."""
    return [(keyword, getattr(exposure, name), comment) for keyword, name, comment in EXPOSURE_KEYWORDS]


def exposure_of(header: Mapping[str, Any]) -> Exposure:
    """Return the exposure that `exposure_cards` described."""
    values = {name: header[keyword] for keyword, name, _ in EXPOSURE_KEYWORDS if keyword in header}
    return Exposure(**{**values, 'instrume': Instrument(values['instrume'])})


def _multi(lc: LightCurve, keyword: str, values: list[Any], comment: str) -> list[Card]:
    different = list(dict.fromkeys(values))
    if len(different) == 1:
        return [(keyword, different[0], comment)]
    width = len(str(len(different))) if len(different) > 99 else 2
    stem = keyword.replace('_', '')[: 8 - width]
    return [(keyword, 'MULTI', comment), *((f'{stem}{k:0{width}d}', value, comment) for k, value in enumerate(different, 1))]


def fitting(cards: Iterable[Card]) -> list[Card]:
    """Return cards as FITS can hold them, each keyword once.

    Those without a value are left out, text is made ASCII, a comment that does not fit is dropped.
    """
    found: dict[str, Card] = {}
    for keyword, value, comment in cards:
        if value is None or (isinstance(value, float) and not np.isfinite(value)):
            continue
        fits_in = 10 + max(len(str(value)) + 2, 20) + 3 + len(comment) <= CARD_LENGTH
        found[keyword] = (keyword, _ascii(value), comment if fits_in else '')
    return list(found.values())


def header_values(lc: LightCurve) -> dict[str, Any]:
    """Return what both headers of a light curve say, by keyword; nothing where it has no bin."""
    cards = [*primary_cards(lc, '', ''), *light_curve_cards(lc)] if len(lc.mjd) else []
    return {keyword: value for keyword, value, _ in cards}


def _ascii(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return ''.join(c if ' ' <= c <= '~' else '?' for c in str(value))
