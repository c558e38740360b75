"""The whole catalog for other programs: rows with the columns of ObsCore from the records."""

from collections.abc import Iterable, Mapping
from typing import Any

from hstlc.model import Outcome, Statistics, Target

ANGSTROM_M = 1e-10
COLLECTION = 'HSTLC'
FLUX_UCD, RATE_UCD = 'phot.flux.density;em.UV', 'phot.count;em.UV'


def catalog_rows(
    outcomes: Iterable[Outcome], stats: Mapping[str, Statistics], targets: Iterable[Target], base: str
) -> list[dict[str, Any]]:
    """Return the rows of light curves that have a product.

    Parameters
    ----------
    outcomes : iterable of Outcome
        Light curves.
    stats : mapping
        Statistics by the name of the light curve.
    targets : iterable of Target
        They give names and positions.
    base : str
        What stands before the file names in access_url.
    """
    target_of = {name: target for target in targets for name in target.rootnames}
    made = sorted((outcome for outcome in outcomes if outcome.product is not None), key=lambda outcome: outcome.stem)
    return [_row(outcome, stats.get(outcome.stem), target_of.get(outcome.rootnames[0]), base) for outcome in made]


def _row(outcome: Outcome, stats: Statistics | None, target: Target | None, base: str) -> dict[str, Any]:
    product = outcome.product
    size, checksum = (product.bytes, product.sha256) if product is not None else (0, '')
    return {
        **_observation(outcome, target),
        'obs_publisher_did': f'ivo://hstlc/products?{outcome.stem}',
        'access_url': f'{base}{outcome.stem}.fits',
        'access_format': 'application/fits',
        'access_estsize': -(-size // 1000),
        'sha256': checksum,
        **_axes(outcome),
        **_configuration(outcome),
        **_measured(outcome, stats),
    }


def _observation(outcome: Outcome, target: Target | None) -> dict[str, Any]:
    key = outcome.key
    name = target.name if target is not None else key.targname
    return {
        'dataproduct_type': 'timeseries',
        'dataproduct_subtype': 'lightcurve',
        'calib_level': 3 if outcome.composite else 2,
        'obs_collection': COLLECTION,
        'obs_id': outcome.stem,
        'obs_title': f'Light curve of {name}, {key.instrume} {key.opt_elem} {key.cenwave or "imaging"} {key.aperture}',
        'target_name': name,
        's_ra': target.ra_deg if target is not None and not target.moving else None,
        's_dec': target.dec_deg if target is not None and not target.moving else None,
        'facility_name': 'HST',
        'instrument_name': key.instrume.value,
    }


def _axes(outcome: Outcome) -> dict[str, Any]:
    return {
        's_xel1': 1,
        's_xel2': 1,
        't_min': outcome.mjd_beg,
        't_max': outcome.mjd_end,
        't_exptime': outcome.exptime_s,
        't_resolution': outcome.step_s,
        't_xel': outcome.n_bins,
        'em_min': _metres(outcome.wmin_aa),
        'em_max': _metres(outcome.wmax_aa),
        'em_xel': 1,
        'o_ucd': FLUX_UCD if outcome.mean_flux is not None else RATE_UCD,
        'pol_xel': 0,
    }


def _metres(wavelength_aa: float | None) -> float | None:
    return None if wavelength_aa is None else round(wavelength_aa * ANGSTROM_M, 16)


def _configuration(outcome: Outcome) -> dict[str, Any]:
    key = outcome.key
    programmes = dict.fromkeys(row.get('proposid') for row in outcome.provenance)
    return {
        'composite': outcome.composite,
        'detector': key.detector,
        'opt_elem': key.opt_elem,
        'cenwave': key.cenwave,
        'aperture': key.aperture,
        'proposal_id': ' '.join(str(number) for number in programmes if number is not None),
        'n_exposures': len(outcome.rootnames),
        'rootnames': ' '.join(outcome.rootnames),
        'band_gaps': ' '.join(f'{start:g}-{stop:g}' for start, stop in outcome.removed_aa),
        'bands': ', '.join(outcome.bands),
        'flux_source': ' '.join(outcome.flux_sources),
        'warnings': ' '.join(outcome.warnings),
    }


def _measured(outcome: Outcome, stats: Statistics | None) -> dict[str, Any]:
    return {
        'mean_net': outcome.mean_net,
        'mean_net_err': outcome.mean_net_err,
        'mean_flux': outcome.mean_flux,
        'mean_flux_err': outcome.mean_flux_err,
        'total': stats.total if stats is not None else None,
        'poisson_factor': stats.poisson_factor if stats is not None else None,
        'periodogram': stats is not None and stats.periodogram,
        'best_period': stats.best_period_s if stats is not None else None,
        'deliver': stats is not None and stats.deliver,
    }
