"""Small exposures, records and light curves with known content, for the tests of science and steps."""

import numpy as np

from hstlc.model import Exposure, FluxSource, GroupKey, Instrument, LightCurve, Provenance, Record, Status


def make_exposure(rootname='ld9m10ujq', targname='GJ-436', *, ra=175.546, dec=26.7066, start=58000.0, **changes):
    """Return a COS FUV exposure of 100 s."""
    values = {
        'rootname': rootname,
        'filename': f'{rootname}_corrtag_a.fits',
        'instrume': Instrument.COS,
        'detector': 'FUV',
        'header_targname': targname,
        'targname': targname,
        'opt_elem': 'G130M',
        'cenwave': 1291,
        'aperture': 'PSA',
        'ra_targ_deg': ra,
        'dec_targ_deg': dec,
        'expstart_mjd': start,
        'expend_mjd': start + 100 / 86400,
        'exptime_s': 100.0,
    }
    return Exposure(**{**values, **changes})


def make_record(exposure=None, *, status=Status.ACCEPTED, **changes):
    """Return the record of an exposure."""
    exposure = make_exposure() if exposure is None else exposure
    values = {'status': status, 'ingest_date': '2024-01-01', 'path': 'filesystem/GJ-436', 'filename': exposure.filename}
    return Record(rootname=exposure.rootname, exposure=exposure, **{**values, **changes})


def make_provenance(exposure, dataset=1, **changes):
    """Return the provenance row of an exposure."""
    same = ('filename', 'rootname', 'proposid', 'detector', 'opt_elem', 'cenwave', 'aperture', 'fppos', 'life_adj', 'cal_ver')
    values = {name: getattr(exposure, name) for name in same} | {
        'dataset': dataset,
        'instrument': str(exposure.instrume),
        'mjd_beg': exposure.expstart_mjd,
        'mjd_mid': 0.5 * (exposure.expstart_mjd + exposure.expend_mjd),
        'mjd_end': exposure.expend_mjd,
        'xposure_s': exposure.exptime_s,
        'minwave_aa': 1130.0,
        'maxwave_aa': 1430.0,
        'reference_files': '',
        'flux_source': FluxSource.X1D,
        'x1d_file': None,
        'x1d_ratio': None,
        'input_bytes': 1,
        'input_sha256': '0' * 64,
        'warnings': (),
    }
    return Provenance(**{**values, **changes})


def make_lightcurve(gross, *, background=0.0, step_s=2.0, mjd=None, exptime_s=None, flux_source=FluxSource.X1D, **changes):
    """Return a light curve of one exposure whose source counts are `gross`; its flux is 1e-15 for each count."""
    gross = np.asarray(gross, float)
    n = len(gross)
    exposure = make_exposure()
    mjd = exposure.expstart_mjd + (np.arange(n) + 0.5) * step_s / 86400 if mjd is None else np.asarray(mjd, float)
    background = np.broadcast_to(np.asarray(background, float), n).copy()
    calibrated = flux_source is not FluxSource.NONE
    values = {
        'key': GroupKey.of(exposure),
        'exposures': (exposure,),
        'provenance': (make_provenance(exposure, flux_source=flux_source),),
        'step_s': step_s,
        'mjdref': 58000.0,
        'times_s': (mjd - exposure.expstart_mjd) * 86400,
        'mjd': mjd,
        'bjd_tdb': mjd + 2400000.5,
        'bins_s': np.full(n, step_s),
        'exptime_s': np.full(n, step_s) if exptime_s is None else np.asarray(exptime_s, float),
        'gross': gross,
        'background': background,
        'n_src': np.nan_to_num(gross).astype(np.int64),
        'n_bkg': np.zeros(n, np.int64),
        'variance': np.abs(gross) + background,
        'band_flux': (gross - background) * 1e-13 if calibrated else np.full(n, np.nan),
        'band_flux_variance': np.full(n, 1e-28) if calibrated else np.full(n, np.nan),
        'airglow': np.full(n, np.nan),
        'sun_alt_deg': np.full(n, np.nan),
        'quality': np.zeros(n, np.int64),
        'dataset': np.ones(n, np.int64),
        'gti_mjd': np.array([[58000.0, 58000.0 + n * step_s / 86400]]),
        'wmin_aa': 1130.0,
        'wmax_aa': 1430.0,
        'band_width_aa': 100.0,
        'removed_aa': (),
        'flux_sources': (flux_source,),
        'hstpos': 'GEOCENTER',
        'time_error_s': 0.032,
    }
    return LightCurve(**{**values, **changes})
