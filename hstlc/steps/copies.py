"""Copies of a light curve for download on the site: CSV, ECSV, and the light curves of its bands."""

from hstlc.files.output import write_text
from hstlc.files.textforms import light_curve_texts
from hstlc.model import LightCurve, Outcome
from hstlc.paths import Paths
from hstlc.steps.publishing import link_or_copy


def publish_copies(paths: Paths, outcome: Outcome, lc: LightCurve) -> None:
    """Write `products/<stem>.csv` and `.ecsv` of the site, and put the file of bands there, where there is one."""
    for ending, text in zip(('csv', 'ecsv'), light_curve_texts(lc), strict=True):
        write_text(paths.site_table(outcome.stem, ending), text)
    bands = paths.site_bands(outcome.stem)
    if outcome.bands_product is None:
        bands.unlink(missing_ok=True)
        return
    link_or_copy(paths.absolute(outcome.bands_product.path), bands, link=not paths.settings.group)
