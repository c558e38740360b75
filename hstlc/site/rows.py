"""One row of the site's tables and of catalog.json per light curve."""

from typing import Any

from hstlc.model import Outcome, Target
from hstlc.site.archive import Archive
from hstlc.site.words import scatter_ratio

STATISTICS = (  # as the record has them, but for scatter_ratio
    'total', 'mean', 'stdev', 'x_interest', 'poisson_factor', 'scatter_ratio', 'pearson_r', 'pearson_p', 'best_period_s',
    'best_power', 'x_period_s', 'x_period_fap', 'periodogram', 'deliver',
)  # fmt: skip
FIELDS = (
    'stem', 'composite', 'target', 'slug', 'aliases', 'ra_deg', 'dec_deg', 'instrument', 'detector', 'opt_elem', 'cenwave',
    'aperture', 'exposures', 'exptime_s', 'bins', 'mjd_beg', 'mjd_end', 'mean_net', 'mean_flux', *STATISTICS,
    'warnings', 'product', 'bytes', 'sha256',
)  # fmt: skip
FLOAT_DIGITS = 9
MJD_DECIMALS = 8


def row(archive: Archive, target: Target, outcome: Outcome) -> dict[str, Any]:
    """Return what tables and catalog.json say of one light curve; JSON-safe, keys as in FIELDS."""
    values = {**_identity(target, outcome), **_measured(archive, outcome)}
    return {name: _tidy(name, values[name]) for name in FIELDS}


def _identity(target: Target, outcome: Outcome) -> dict[str, Any]:
    key = outcome.key
    return {
        'stem': outcome.stem, 'composite': outcome.composite, 'target': target.name, 'slug': target.slug,
        'aliases': list(target.aliases), 'ra_deg': target.ra_deg, 'dec_deg': target.dec_deg, 'instrument': str(key.instrume),
        'detector': key.detector, 'opt_elem': key.opt_elem, 'cenwave': key.cenwave, 'aperture': key.aperture,
    }  # fmt: skip


def _measured(archive: Archive, outcome: Outcome) -> dict[str, Any]:
    stats = archive.stats.get(outcome.stem)
    product = outcome.product
    return {
        **{name: getattr(stats, name, None) for name in STATISTICS},
        'scatter_ratio': scatter_ratio(outcome, stats),
        'exposures': len(outcome.rootnames), 'exptime_s': outcome.exptime_s, 'bins': outcome.n_bins,
        'mjd_beg': outcome.mjd_beg, 'mjd_end': outcome.mjd_end, 'mean_net': outcome.mean_net, 'mean_flux': outcome.mean_flux,
        'warnings': list(outcome.warnings), 'product': f'products/{outcome.stem}.fits' if product else None,
        'bytes': product.bytes if product else None, 'sha256': product.sha256 if product else None,
    }  # fmt: skip


def _tidy(name: str, value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return round(value, MJD_DECIMALS) if name.startswith('mjd') else float(f'{value:.{FLOAT_DIGITS}g}')
