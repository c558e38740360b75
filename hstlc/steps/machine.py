"""Feed, sitemap, manifest and citation: what machines read of the whole site."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hstlc.files.output import sha256, write_text
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.site import machine
from hstlc.site.listing import Listing
from hstlc.site.script import safe_json
from hstlc.steps.listing import load_listing

log = logging.getLogger(__name__)
MANIFEST_VERSION = 1
CATALOGS = ('catalog.json', 'catalog.csv', 'catalog.ecsv', 'catalog.fits', 'catalog.xml')


def make_machine_files(settings: Settings, slugs: Sequence[str], strays: Sequence[str]) -> None:
    """Write feed.xml, manifest.json, CITATION.cff, hstlc.bib and, where `site_url` is set, sitemap.xml and robots.txt.

    Parameters as of `hstlc.steps.listing.load_listing`.
    """
    paths, listing = Paths(settings), load_listing(settings, slugs, strays)
    changed = machine.changes(listing, _known(paths), _now())
    newest = machine.newest(listing.rows, changed)
    day = newest[0][0][:10] if newest else machine.NEVER
    texts = {
        'feed.xml': machine.feed(listing, newest, settings.site_url),
        'manifest.json': safe_json(_manifest(paths, listing, changed)) + '\n',
        'CITATION.cff': machine.citation(listing, day, settings.site_url),
        'hstlc.bib': machine.bibtex(listing, day[:4], settings.site_url),
    }
    if settings.site_url:  # a sitemap holds whole addresses only
        texts |= machine.sitemaps(_pages(listing), settings.site_url)
        texts['robots.txt'] = machine.robots(settings.site_url)
    for old in (*paths.site.glob('sitemap*.xml'), paths.site / 'robots.txt'):
        if old.name not in texts:
            old.unlink(missing_ok=True)
    for name, content in texts.items():
        write_text(paths.site / name, content)
    log.info('feed, manifest and citation of %d light curves', len(listing.rows))


def _now() -> str:
    return datetime.now(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')


def _known(paths: Paths) -> dict[str, dict[str, Any]]:
    """Return what the manifest of the run before said of each file, by its path."""
    place = paths.site / 'manifest.json'
    files = json.loads(place.read_text(encoding='utf-8'))['files'] if place.is_file() else []
    return {file['path']: file for file in files}


def _manifest(paths: Paths, listing: Listing, changed: Mapping[str, str]) -> dict[str, Any]:
    """Return size and SHA-256 of every file that the site offers for download, and when each light curve last changed."""
    moments = {f'products/{stem}.fits': {'updated': when} for stem, when in changed.items()}
    files = [{**file, **moments.get(file['path'], {})} for target in listing.targets for file in target['files']]
    places = [paths.site / name for name in CATALOGS if (paths.site / name).is_file()]
    files += [{'path': place.name, 'bytes': place.stat().st_size, 'sha256': sha256(place)} for place in places]
    return {'version': MANIFEST_VERSION, 'files': files}


def _pages(listing: Listing) -> list[str]:
    curves = [f'lightcurves/{stem}.html' for target in listing.targets for stem in target['pages']]
    targets = [f'targets/{target["slug"]}.html' for target in listing.targets]
    return ['index.html', 'browse.html', 'summaries.html', 'guide/index.html', *targets, *curves]
