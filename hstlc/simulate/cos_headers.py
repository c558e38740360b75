"""Headers of COS files: the keywords of real corrtag and x1d files that say something, with plausible values."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from astropy.io import fits

from hstlc.simulate.arrival import GoodTime
from hstlc.simulate.cos_events import PHA_LIMITS, SHIFT1, SegmentEvents, flashes
from hstlc.simulate.cos_geometry import NUV_OFFSET, SDQFLAGS, Segment, life_adj
from hstlc.simulate.exposure import Exposure
from hstlc.simulate.orbit import PERIOD_S, Orbit

CAL_VER = '3.2.1 (2017-04-28)'
CRDS_CTX = 'hst_0595.pmap'
UNSET = -999.0
REFERENCES = {
    'FLATFILE': '19m1548dl_flat', 'DEADTAB': 's7g1700gl_dead', 'BPIXTAB': 'yae1249sl_bpix', 'GSAGTAB': 'zbn1927gl_gsag',
    'BRFTAB': 'x1u1459il_brf', 'GEOFILE': 'x1u1459gl_geo', 'TRACETAB': '19m1549sl_trace', 'PROFTAB': '19m1549bl_profile',
    'TWOZXTAB': '19m1548al_2zx', 'PHATAB': 'wc318317l_pha', 'XTRACTAB': '19m15489l_1dx', 'LAMPTAB': '1811827rl_lamp',
    'DISPTAB': '18118285l_disp', 'FLUXTAB': '19m15490l_phot', 'TDSTAB': '0561933ll_tds',
}  # fmt: skip
DONE = ('FLATCORR', 'DEADCORR', 'DQICORR', 'TEMPCORR', 'GEOCORR', 'PHACORR', 'TRCECORR', 'DOPPCORR', 'WAVECORR')
LATER = ('HELCORR', 'X1DCORR', 'BACKCORR', 'FLUXCORR', 'TDSCORR')  # done to the x1d only


def date_of(mjd: float) -> tuple[str, str]:
    """Return a Modified Julian Date as date and time of day to the second."""
    moment = datetime(1858, 11, 17) + timedelta(days=mjd)
    return moment.strftime('%Y-%m-%d'), moment.strftime('%H:%M:%S')


def end_mjd(exposure: Exposure, good: GoodTime) -> float:
    """Return the end of the exposure, to the header's 8 decimals."""
    return round(exposure.start_mjd + good.intervals[-1][1] / 86400.0, 8)


def primary_header(exposure: Exposure, detector: str, segment: str, algorithm: str, *, extracted: bool) -> fits.Header:
    """Return the primary header of a corrtag or an x1d."""
    source, date = exposure.source, date_of(exposure.start_mjd)[0]
    imaging = exposure.cenwave == 0
    cards: dict[str, Any] = {
        'DATE': date, 'FILENAME': '', 'FILETYPE': 'SCI', 'TELESCOP': 'HST', 'INSTRUME': 'COS', 'EQUINOX': 2000.0,
        'ROOTNAME': exposure.rootname, 'IMAGETYP': 'TIME-TAG', 'PRIMESI': 'COS', 'TARGNAME': source.name,
        'RA_TARG': source.ra_deg, 'DEC_TARG': source.dec_deg, 'PROPOSID': exposure.proposid, 'LINENUM': '01.001',
        'PR_INV_L': 'Simulated', 'PR_INV_F': 'hstlc', 'PR_INV_M': '', 'QUALCOM1': '', 'QUALITY': '',
        'POSTARG1': 0.0, 'POSTARG2': 0.0, 'OPUS_VER': 'SIMULATED', 'CSYS_VER': 'SIMULATED', 'CAL_VER': CAL_VER,
        'OBSTYPE': 'IMAGING' if imaging else 'SPECTROSCOPIC', 'OBSMODE': 'TIME-TAG', 'EXPTYPE': 'EXTERNAL/SCI',
        'DETECTOR': detector, 'SEGMENT': segment, 'DETECTHV': 'NomAB', 'SUBARRAY': False, 'LAMPUSED': 'P1',
        'LIFE_ADJ': life_adj(exposure.start_mjd) if detector == 'FUV' else 1, 'EXP_NUM': 1, 'NRPTEXP': 1, 'FPPOS': exposure.fppos,
        'CENWAVE': exposure.cenwave, 'APERTURE': exposure.aperture, 'PROPAPER': exposure.aperture,
        'OPT_ELEM': exposure.opt_elem, 'SHUTTER': 'Open', 'EXTENDED': 'NO', 'TAGFLASH': 'NONE' if imaging else 'AUTO',
        **dict.fromkeys(DONE, 'COMPLETE'), **dict.fromkeys(LATER, 'COMPLETE' if extracted else 'PERFORM'),
        'STATFLAG': True, 'XTRCTALG': algorithm, 'BADTCORR': 'OMIT', 'BRSTCORR': 'OMIT',
        **{keyword: f'lref${name}.fits' for keyword, name in REFERENCES.items()},
        'BADTTAB': 'N/A', 'BRSTTAB': 'N/A', 'FPOFFSET': exposure.fppos - 3, 'CENTRWV': float(exposure.cenwave),
        'PROPTTL1': 'Not an observation: a simulation with known truth', 'OBSET_ID': exposure.rootname[4:6],
        'TARDESCR': source.description, 'MTFLAG': '', 'ASN_ID': exposure.rootname[:6].upper() + '010',
        'ASN_TAB': exposure.rootname[:6] + '010_asn.fits', 'CRDS_CTX': CRDS_CTX, 'CRDS_VER': '7.1.5',
        **exposure.primary,
    }  # fmt: skip
    header = fits.Header(cards)
    header.add_comment('Simulated by hstlc: not an observation.')
    return header


def events_header(
    exposure: Exposure, good: GoodTime, segments: Iterable[Segment], counts: dict[str, int], sky: Orbit, detector: str
) -> fits.Header:
    """Return what the EVENTS (and TIMELINE, and SCI) headers say beside their columns; `counts`: events by letter."""
    date, time = date_of(exposure.start_mjd)
    exptime = round(good.total_s, 6)
    cards: dict[str, Any] = {
        'ROOTNAME': exposure.rootname, 'EXPNAME': exposure.rootname, 'ASN_MTYP': 'EXP-FP',
        'RA_APER': exposure.source.ra_deg, 'DEC_APER': exposure.source.dec_deg, 'PA_APER': 120.0, 'DISPAXIS': 1,
        **_regions(segments, 'AB' if detector == 'FUV' else 'ABC'), 'X_OFFSET': 0 if detector == 'FUV' else NUV_OFFSET,
        'ORIENTAT': 120.0, 'SUNANGLE': 104.0, 'MOONANGL': 134.0, 'SUN_ALT': float(np.mean(sky.sun_alt_deg)),
        'FGSLOCK': 'FINE', 'GYROMODE': 'T', 'REFFRAME': 'ICRS', 'DATE-OBS': date, 'TIME-OBS': time,
        'EXPSTART': exposure.start_mjd, 'EXPEND': end_mjd(exposure, good), 'EXPTIME': exptime, 'EXPFLAG': 'NORMAL',
        'EXPSTRTJ': exposure.start_mjd + 2400000.5, 'EXPENDJ': end_mjd(exposure, good) + 2400000.5,
        'PLANTIME': float(round(exptime)), 'NINTERPT': len(good.intervals) - 1, 'BUFFTIME': 1000.0, 'OVERFLOW': 0,
        **_flash_cards(good, imaging=exposure.cenwave == 0), 'V_HELIO': -12.5, 'V_LSRSTD': 0.0, 'ORBITPER': PERIOD_S,
        'DOPPMAGV': 7.1,
        'DOPPON': detector == 'NUV', 'DOPPZERO': round(exposure.start_mjd + 0.005, 6), 'FILLCNT': 0, 'ERRCNT': 0,
        'SDQFLAGS': SDQFLAGS if detector == 'FUV' else 184, 'SDQOUTER': 2, 'NEVENTS': sum(counts.values()),
        **_detector_cards(detector, counts, exptime), **exposure.events,
    }  # fmt: skip
    return fits.Header(cards)


def _regions(segments: Iterable[Segment], letters: str) -> dict[str, Any]:
    present = {segment.letter: segment for segment in segments}
    cards: dict[str, Any] = {}
    for letter in letters:
        item = present.get(letter)
        cards |= {
            f'SHIFT1{letter}': SHIFT1[letter] if item else 0.0,
            f'SHIFT2{letter}': -0.4 if item else 0.0,
            f'DPIXEL1{letter}': 0.0,
            f'SP_LOC_{letter}': item.centre if item else UNSET,
            f'SP_OFF_{letter}': 0.0 if item else UNSET,
            f'SP_ERR_{letter}': 0.5 if item else UNSET,
            f'SP_NOM_{letter}': item.centre if item else UNSET,
            f'SP_SLP_{letter}': item.slope if item else UNSET,
            f'SP_HGT_{letter}': item.height if item else -999,
            f'B_HGT1_{letter}': item.background_height if item else -999,
            f'B_HGT2_{letter}': item.background_height if item else -999,
            f'B_BKG1_{letter}': item.backgrounds[0] if item else UNSET,
            f'B_BKG2_{letter}': item.backgrounds[1] if item else UNSET,
        }
    return cards


def _flash_cards(good: GoodTime, *, imaging: bool) -> dict[str, Any]:
    times = () if imaging or len(good.intervals) > 1 else flashes(good)
    cards: dict[str, Any] = {'NUMFLASH': len(times)}
    for k, (start, stop) in enumerate(times, 1):
        cards |= {f'LMPDUR{k}': stop - start, f'LMP_ON{k}': start, f'LMPOFF{k}': stop, f'LMPMED{k}': (start + stop) / 2}
    return cards


def _detector_cards(detector: str, counts: dict[str, int], exptime_s: float) -> dict[str, Any]:
    if detector == 'NUV':
        rate = sum(counts.values()) / max(exptime_s, 1e-3)
        return {'GLOBRATE': rate, 'DEADRT': rate, 'DEADMT': 'DATA', 'LIVETIME': 1.0}
    cards: dict[str, Any] = {}
    for letter in 'AB':
        number = counts.get(letter, 0)
        rate = number / max(exptime_s, 1e-3)
        cards |= {
            f'EXPTIME{letter}': round(exptime_s, 6) if letter in counts else 0.0,
            f'GLOBRT_{letter}': rate, f'DEADRT_{letter}': rate, f'LIVETM_{letter}': 1.0, f'NEVENTS{letter}': number,
            f'PHALOWR{letter}': PHA_LIMITS[0], f'PHAUPPR{letter}': PHA_LIMITS[1], f'TBRST_{letter}': 0.0, f'TBADT_{letter}': 0.0,
            f'DETHVL{letter}': -5084.64, f'DETHVC{letter}': -5057.47, f'DETHVN{letter}': -5057.47,
            f'HVLEVEL{letter}': 163 if letter in counts else 0,
        }  # fmt: skip
    return {**cards, 'STIMRATE': 2}


def letter_counts(made: dict[str, SegmentEvents]) -> dict[str, int]:
    """Return the number of events by letter of the segment."""
    return {name[-1]: len(item.columns['TIME']) for name, item in made.items()}
