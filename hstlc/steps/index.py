"""The pages that list light curves, and the catalog in every form."""

import logging
from collections.abc import Sequence
from typing import Any

from hstlc.files.catalogforms import FORMS, Values, catalog_json, with_site, write_catalog_form
from hstlc.files.output import write_text
from hstlc.paths import Paths, shared
from hstlc.settings import Settings
from hstlc.site import index
from hstlc.site.listing import Listing
from hstlc.site.render import render
from hstlc.site.script import large_script, safe_json
from hstlc.site.summaries import plots
from hstlc.steps.listing import load_listing

log = logging.getLogger(__name__)


def make_lists(settings: Settings, slugs: Sequence[str], strays: Sequence[str]) -> None:
    """Write home, browse, summaries, rejected exposures and 404; parameters as of `load_listing`."""
    listing = load_listing(settings, slugs, strays)
    for name, template, context in _pages(listing):
        write_text(Paths(settings).site / name, render(shared('site_templates'), template, context))


def _pages(listing: Listing) -> list[tuple[str, str, dict[str, Any]]]:
    common = index.common(listing)
    composites = index.selection(listing, 'composites')
    return [
        ('index.html', 'home.html', index.home_context(listing)),
        ('browse.html', 'browse.html', {**common, 'rows': composites[: index.PAGE], 'n': len(composites)}),
        ('summaries.html', 'summaries.html', {**common, 'plots': plots(index.summary_counts(listing))}),
        ('tables/rejected.html', 'rejected.html', index.rejected_context(listing)),
        ('404.html', '404.html', {**common, 'root': ''}),
    ]


def make_tables(settings: Settings, slugs: Sequence[str], strays: Sequence[str]) -> None:
    """Write the tables that are read without JavaScript, and remove the pages that they no longer have."""
    folder = Paths(settings).site / 'tables'
    pages = index.table_pages(load_listing(settings, slugs, strays))
    for name, context in pages.items():
        write_text(folder / f'{name}.html', render(shared('site_templates'), 'table.html', context))
    for file in folder.glob('*.html'):
        if file.stem not in pages and file.stem != 'rejected':
            file.unlink()


def make_catalogs(settings: Settings, slugs: Sequence[str], strays: Sequence[str]) -> None:
    """Write the catalog as JSON, and for the browser."""
    paths, listing = Paths(settings), load_listing(settings, slugs, strays)
    catalog = index.catalog(listing)
    obscore = catalog_json(_values(listing, settings.site_url))
    write_text(paths.site / 'catalog.json', safe_json({**catalog, 'obscore': obscore}) + '\n')
    write_text(paths.site_data('catalog'), large_script('hstlc_catalog', index.browser_catalog(catalog)))
    log.info('catalog of %d light curves', len(listing.curves))


def make_forms(settings: Settings, slugs: Sequence[str], strays: Sequence[str]) -> None:
    """Write the catalog as CSV, ECSV, FITS and VOTable."""
    values = _values(load_listing(settings, slugs, strays), settings.site_url)
    for form in FORMS:
        write_catalog_form(Paths(settings).site / f'catalog.{form}', values)


def _values(listing: Listing, site_url: str) -> list[Values]:
    """Return what the catalog for other programs says of each light curve."""
    values = [curve['catalog'] for _, curve in sorted(listing.curves.items())]
    return with_site(values, site_url) if site_url else values
