"""Pages: a target with its light curves, and what of it the pages that list light curves need."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hstlc.errors import StateError
from hstlc.files import records
from hstlc.files.catalogforms import catalog_values
from hstlc.files.output import sha256, write_text
from hstlc.model import Outcome, Record, Statistics, Target
from hstlc.paths import Paths, shared
from hstlc.settings import Settings
from hstlc.site import text
from hstlc.site.archive import Archive
from hstlc.site.listing import target_listing
from hstlc.site.render import render
from hstlc.site.script import safe_json
from hstlc.site.targets import target_context, target_json
from hstlc.steps.bundles import write_bundle
from hstlc.steps.catalogforms import catalog_rows
from hstlc.steps.records import load_records, load_targets
from hstlc.steps.versions import history

log = logging.getLogger(__name__)


def words(settings: Settings) -> dict[str, Any]:
    """Return what pages take from the settings."""
    return {name: getattr(settings, name) for name in ('title', 'contact', 'doi', 'interesting')}


def load_archive(settings: Settings) -> Archive:
    """Read every record.

    Raises
    ------
    StateError
        A record is damaged.
    """
    paths = Paths(settings)
    return Archive(
        **words(settings),
        records=load_records(settings),
        targets=load_targets(settings) if paths.targets.is_file() else (),
        outcomes=records.load_all(paths.outcome_records, Outcome),
        stats=records.load_all(paths.stats_records, Statistics),
    )


def load_target(settings: Settings, target: Target, stems: Sequence[str], rejected: Sequence[str]) -> Archive:
    """Read the records of one target.

    Parameters
    ----------
    settings : Settings
        The settings.
    target : Target
        The target.
    stems : sequence of str
        Its light curves.
    rejected : sequence of str
        Rootnames of its rejected exposures.

    Raises
    ------
    StateError
        A record is damaged.
    """
    paths = Paths(settings)
    with_statistics = [stem for stem in stems if paths.stats(stem).is_file()]
    return Archive(
        **words(settings),
        records={name: records.load(paths.record(name), Record) for name in sorted((*target.rootnames, *rejected))},
        targets=(target,),
        outcomes={stem: records.load(paths.outcome(stem), Outcome) for stem in stems},
        stats={stem: records.load(paths.stats(stem), Statistics) for stem in with_statistics},
    )


def make_target_pages(settings: Settings, target: Target, stems: Sequence[str], rejected: Sequence[str]) -> None:
    """Write the page of a target, those of its light curves, and `records/listings/<slug>.json`; parameters as of `load_target`.

    Raises
    ------
    StateError
        A picture is missing, or a record is damaged.
    """
    paths, archive = Paths(settings), load_target(settings, target, stems, rejected)
    found = target_context(archive, target)
    files = {curve['stem']: _downloads(paths, curve) for curve in found['curves']}
    bundle = _bundle(paths, found)
    about = target_json(found, files, bundle)
    write_text(paths.site_target(target.slug), render(shared('site_templates'), 'target.html', {**found, 'bundle': bundle}))
    write_text(paths.site_target_data(target.slug), safe_json(about) + '\n')
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
    rows = catalog_rows(archive.outcomes.values(), archive.stats, archive.targets, 'products/')
    catalog = dict(zip([row['obs_id'] for row in rows], catalog_values(rows), strict=True))
    write_text(paths.listing(target.slug), safe_json(target_listing(archive, target, found, about, catalog, _rows(found))) + '\n')
    log.info('%s: %d light curves', target.slug, len(found['curves']))


def _rows(context: Mapping[str, Any]) -> dict[str, str]:
    """Return the row of each light curve in the tables that cannot be sorted."""
    common = {'root': '../', 'sortable': False}
    return {
        curve['stem']: render(shared('site_templates'), 'row.html', {**common, 'one': curve['row']}) for curve in context['curves']
    }


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
    copies = (paths.site_product(stem, 'csv'), paths.site_product(stem, 'ecsv'), paths.site_bands(stem))
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
