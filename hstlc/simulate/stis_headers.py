"""Headers of STIS files: the keywords of real tag and x1d files that say something, with plausible values."""

from typing import Any

from astropy.io import fits

from hstlc.simulate.arrival import GoodTime
from hstlc.simulate.cos_headers import date_of, end_mjd
from hstlc.simulate.exposure import Exposure
from hstlc.simulate.orbit import PERIOD_S
from hstlc.simulate.stis_geometry import Order

CAL_VER = '3.4.2 (19-Jan-2018)'
CRDS_CTX = 'hst_0747.pmap'
SDQFLAGS = 31743
STEPS = ('DQICORR', 'LORSCORR', 'GLINCORR', 'LFLGCORR', 'DARKCORR', 'FLATCORR', 'WAVECORR', 'X1DCORR', 'BACKCORR', 'HELCORR',
         'DISPCORR', 'FLUXCORR', 'X2DCORR')  # fmt: skip
REFERENCES = {
    'BPIXTAB': 'uce15153o_bpx', 'DARKFILE': 'q591955ro_drk', 'PFLTFILE': 'mbj1658bo_pfl', 'LFLTFILE': 'm1b2139no_lfl',
    'PHOTTAB': '26p1601ko_pht', 'APERTAB': 'y2r1559to_apt', 'MLINTAB': 'j9r16559o_lin', 'APDESTAB': '16j16005o_apd',
    'SPTRCTAB': 'q8l14504o_1dt', 'DISPTAB': 'm7p16110o_dsp', 'INANGTAB': 'h1v1541eo_iac', 'XTRACTAB': 'n7p10323o_1dx',
    'PCTAB': 'y2r16005o_pct', 'TDSTAB': '3ah1528co_tds',
}  # fmt: skip


def primary_header(exposure: Exposure, good: GoodTime, detector: str, orders: tuple[Order, ...], *, extracted: bool) -> fits.Header:
    """Return the primary header of a tag or an x1d."""
    source = exposure.source
    date, time = date_of(exposure.start_mjd)
    edges = [edge for order in orders for edge in (order.wavelength_aa[0], order.wavelength_aa[-1])]
    cards: dict[str, Any] = {
        'GROUPS': False, 'DATE': date, 'FILENAME': '', 'FILETYPE': 'SCI', 'TELESCOP': 'HST', 'INSTRUME': 'STIS', 'EQUINOX': 2000.0,
        'ROOTNAME': exposure.rootname, 'PRIMESI': 'STIS', 'TARGNAME': source.name, 'RA_TARG': source.ra_deg,
        'DEC_TARG': source.dec_deg,
        'PROPOSID': exposure.proposid, 'LINENUM': '01.001', 'PR_INV_L': 'Simulated', 'PR_INV_F': 'hstlc', 'PR_INV_M': '',
        'TDATEOBS': date, 'TTIMEOBS': time, 'TEXPSTRT': exposure.start_mjd, 'TEXPEND': end_mjd(exposure, good),
        'TEXPTIME': 0.0 if exposure.empty_gti else good.total_s, 'QUALCOM1': '', 'QUALITY': '', 'POSTARG1': 0.0, 'POSTARG2': 0.0,
        'OVERFLOW': 0, 'OPUS_VER': 'SIMULATED', 'CSYS_VER': 'SIMULATED', 'CAL_VER': CAL_VER if extracted else '',
        'CFSTATUS': 'SUPPORTED',
        'OBSTYPE': 'SPECTROSCOPIC', 'OBSMODE': 'TIME-TAG', 'PHOTMODE': '', 'SCLAMP': 'NONE', 'LAMPSET': '0.0', 'NRPTEXP': 1,
        'SUBARRAY': False, 'DETECTOR': detector, 'OPT_ELEM': exposure.opt_elem, 'APERTURE': exposure.aperture,
        'PROPAPER': exposure.aperture, 'FILTER': 'Clear', 'APER_FOV': exposure.aperture.lower(), 'CENWAVE': exposure.cenwave,
        'CENTERA1': 513, 'CENTERA2': 513, 'SIZAXIS1': 1024, 'SIZAXIS2': 1024, 'BINAXIS1': 1, 'BINAXIS2': 1,
        **dict.fromkeys(STEPS, 'COMPLETE' if extracted else 'PERFORM'), 'RPTCORR': 'OMIT', 'SC2DCORR': 'OMIT', 'STATFLAG': True,
        'DOPPCORR': 'COMPLETE' if extracted else 'PERFORM', **({'XTRACALG': 'UNWEIGHTED'} if extracted else {}),
        **{keyword: f'oref${name}.fits' for keyword, name in REFERENCES.items()}, 'TDCTAB': 'N/A', 'GACTAB': 'N/A',
        'BUFFTIME': 1200.0, 'BANDWID': max(edges) - min(edges), 'CENTRWV': float(exposure.cenwave), 'MINWAVE': min(edges),
        'MAXWAVE': max(edges), 'PROPTTL1': 'Not an observation: a simulation with known truth', 'OBSET_ID': exposure.rootname[4:6],
        'TARDESCR': source.description, 'MTFLAG': '', 'ASN_ID': exposure.rootname.upper(),
        'ASN_TAB': f'{exposure.rootname}_asn.fits',
        'CRDS_CTX': CRDS_CTX, 'CRDS_VER': '7.3.3', **exposure.primary,
    }  # fmt: skip
    header = fits.Header(cards)
    header.add_comment('Simulated by hstlc: not an observation.')
    return header


def names_header(exposure: Exposure) -> fits.Header:
    """Return the names that every extension repeats."""
    return fits.Header({'ROOTNAME': exposure.rootname, 'EXPNAME': exposure.rootname[:8] + 'q', 'ASN_MTYP': 'SCIENCE'})


def events_header(exposure: Exposure, good: GoodTime, count: int, doppler: int, order: Order) -> fits.Header:
    """Return what the EVENTS header says beside its columns."""
    date, time = date_of(exposure.start_mjd)
    total = 0.0 if exposure.empty_gti else good.total_s
    cards: dict[str, Any] = {
        'ORIENTAT': -157.4, 'SUNANGLE': 105.0, 'MOONANGL': 98.0, 'SUN_ALT': 12.0, 'FGSLOCK': 'FINE', 'GYROMODE': 'T',
        'REFFRAME': 'ICRS', 'DATE-OBS': date, 'TIME-OBS': time, 'EXPSTART': exposure.start_mjd, 'EXPEND': end_mjd(exposure, good),
        'EXPTIME': total, 'EXPFLAG': 'NORMAL', 'QUALITY': '', 'V_HELIO': 0.0, 'PATTSTEP': 0, 'NCOMBINE': 1, 'FILLCNT': 0,
        'ERRCNT': 0,
        'GLOBRATE': count / max(good.total_s, 1e-3), 'GLOBLIM': 'NOT-EXCEEDED', 'DOPPON': doppler > 0,
        'DOPPZERO': round(exposure.start_mjd - 0.05, 6), 'DOPPMAG': doppler, 'DOPPER': PERIOD_S, 'ORBITPER': PERIOD_S,
        'SDQFLAGS': SDQFLAGS, 'MEANDARK': 0.0, 'SPORDER': 1, 'NAXLEN': 2, 'AXLEN1': 2048, 'AXLEN2': 2048,
        'TCTYP2': 'WAVE', 'TCTYP3': 'ANGLE', 'TCRVL2': float(exposure.cenwave), 'TCRVL3': 0.0, 'TCRPX2': 1025.0,
        'TCRPX3': 2 * float(order.trace[512]), 'TALEN2': 2048, 'TALEN3': 2048, 'TCUNI2': 'angstrom', 'TCUNI3': 'deg',
        'TC2_2': float(order.wavelength_aa[513] - order.wavelength_aa[512]) / 2, 'RA_APER': exposure.source.ra_deg,
        'DEC_APER': exposure.source.dec_deg, 'PA_APER': -157.8, 'DISPAXIS': 1, 'SHIFTA1': 0.0, 'SHIFTA2': 0.0, **exposure.events,
    }  # fmt: skip
    header = names_header(exposure)
    header.update(cards)
    return header
