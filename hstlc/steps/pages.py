"""Pages: targets with their light curves, and the pages that list them."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from hstlc.errors import StateError
from hstlc.files import records
from hstlc.files.catalogforms import catalog_json, write_catalog_form
from hstlc.files.output import sha256, write_text
from hstlc.model import Outcome, Statistics
from hstlc.paths import Paths, shared
from hstlc.settings import Settings
from hstlc.site import index, text
from hstlc.site.archive import Archive
from hstlc.site.render import render
from hstlc.site.rows import rows
from hstlc.site.script import large_script, safe_json
from hstlc.site.summaries import plots
from hstlc.site.targets import target_context, target_json
from hstlc.steps.assets import publish_assets
from hstlc.steps.bundles import write_bundle
from hstlc.steps.catalogforms import FORMS, site_rows
from hstlc.steps.records import load_records, load_targets
from hstlc.steps.versions import history

log = logging.getLogger(__name__)


def load_archive(settings: Settings) -> Archive:
    """Read every record; once in a process as long as none is replaced, so that a page per target does not read all of them anew.

    Raises
    ------
    StateError
        A record is damaged.
    """
    paths = Paths(settings)
    places = (paths.records, paths.outcome_records, paths.stats_records, paths.targets)
    # a record is replaced by renaming, which changes the time of its folder
    return _read_archive(settings, tuple(place.stat().st_mtime_ns if place.exists() else 0 for place in places))


@lru_cache(maxsize=1)
def _read_archive(settings: Settings, _times: tuple[int, ...]) -> Archive:
    paths = Paths(settings)
    return Archive(
        title=settings.title,
        contact=settings.contact,
        doi=settings.doi,
        interesting=settings.interesting,
        records=load_records(settings),
        targets=load_targets(settings) if paths.targets.is_file() else (),
        outcomes=records.load_all(paths.outcome_records, Outcome),
        stats=records.load_all(paths.stats_records, Statistics),
    )


def _context(settings: Settings, slug: str) -> dict[str, Any]:
    archive = load_archive(settings)
    for target in archive.targets:
        if target.slug == slug:
            return target_context(archive, target)
    raise StateError(f'there is no target {slug!r} in {Paths(settings).targets}; run doit targets')


def make_target_pages(settings: Settings, slug: str) -> None:
    """Write the page of a target and of each of its light curves.

    Raises
    ------
    StateError
        There is no target of that name, or a picture is missing.
    """
    paths = Paths(settings)
    found = _context(settings, slug)
    files = {curve['stem']: _downloads(paths, curve) for curve in found['curves']}
    bundle = _bundle(paths, found)
    write_text(paths.site_target(slug), render(shared('site_templates'), 'target.html', {**found, 'bundle': bundle}))
    write_text(paths.site_target_data(slug), safe_json(target_json(found, files, bundle)) + '\n')
    for curve in found['curves']:
        page = {
            **{name: found[name] for name in ('title', 'contact', 'doi', 'name', 'slug')},
            'curve': curve,
            'files': files[curve['stem']],
            'history': history(paths, curve['stem']),
            'periodogram': paths.site_figure(curve['stem'], '_periodogram').is_file(),
            'dynamic_spectrum': paths.site_figure(curve['stem'], '_dynspec').is_file(),
        }
        write_text(paths.site_lightcurve(curve['stem']), render(shared('site_templates'), 'lightcurve.html', page))
    log.info('%s: %d light curves', slug, len(found['curves']))


def _bundle(paths: Paths, context: Mapping[str, Any]) -> dict[str, Any] | None:
    """Put the FITS files of a target into one archive file; return what pages say of it."""
    stems = [curve['stem'] for curve in context['curves'] if curve['product']]
    places = [place for stem in stems for place in (paths.site_product(stem), paths.site_bands(stem)) if place.is_file()]
    bundle = paths.site_bundle(context['slug'])
    write_bundle(bundle, context['slug'], places)
    return _download(bundle) if places else None


def _downloads(paths: Paths, curve: Mapping[str, Any]) -> list[dict[str, Any]]:
    product = curve['product']
    if not product:
        return []
    stem, picture = curve['stem'], paths.site_figure(curve['stem'])
    if not picture.is_file():
        raise StateError(f'{picture} is missing; run doit plots')
    copies = (paths.site_table(stem, 'csv'), paths.site_table(stem, 'ecsv'), paths.site_bands(stem))
    return [
        {
            'label': f'{stem}.fits',
            'href': f'products/{stem}.fits',
            'bytes': product['bytes'],
            'size': product['size'],
            'sha256': product['sha256'],
        },
        *(_download(place) for place in (picture, *copies) if place.is_file()),
    ]


def _download(place: Path) -> dict[str, Any]:
    bytes_, href = place.stat().st_size, f'{place.parent.name}/{place.name}'
    return {'label': place.name, 'href': href, 'bytes': bytes_, 'size': text.size(bytes_), 'sha256': sha256(place)}


def make_index(settings: Settings) -> None:
    """Write home, browse, tables, summaries, 404, the catalog for machines and for the browser, and the site's assets.

    Needs every record.
    """
    paths = Paths(settings)
    archive = load_archive(settings)
    found = rows(archive)
    publish_assets(paths.site_assets)
    catalog = index.catalog(archive, found)
    obscore = site_rows(settings, archive)
    write_text(paths.site / 'catalog.json', safe_json({**catalog, 'obscore': catalog_json(obscore)}) + '\n')
    for form in FORMS:
        write_catalog_form(paths.site / f'catalog.{form}', obscore)
    write_text(paths.site_data('catalog'), large_script('hstlc_catalog', index.browser_catalog(catalog)))
    for name, template, context in _listing_pages(archive, found):
        write_text(paths.site / name, render(shared('site_templates'), template, context))
    _drop_other_tables(paths, archive, found)
    log.info('index of %d light curves', len(found))


def _listing_pages(archive: Archive, found: index.Rows) -> list[tuple[str, str, dict[str, Any]]]:
    common = index.common(archive)
    composites = index.selection(archive, found, 'composites')
    pages = [
        ('index.html', 'home.html', index.home_context(archive, found)),
        ('browse.html', 'browse.html', {**common, 'rows': composites[: index.PAGE], 'n': len(composites)}),
        ('summaries.html', 'summaries.html', {**common, 'plots': plots(index.summary_counts(archive))}),
        ('tables/rejected.html', 'rejected.html', index.rejected_context(archive)),
        ('404.html', '404.html', {**common, 'root': ''}),
    ]
    return pages + [(f'tables/{name}.html', 'table.html', page) for name, page in index.table_pages(archive, found).items()]


def _drop_other_tables(paths: Paths, archive: Archive, found: index.Rows) -> None:
    """Remove the pages that tables no longer have since they became shorter."""
    wanted = {f'{name}.html' for name in index.table_pages(archive, found)} | {'rejected.html'}
    for file in (paths.site / 'tables').glob('*.html'):
        if file.name not in wanted:
            file.unlink()
