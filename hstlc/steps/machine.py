"""Feed, sitemap, manifest and citation: what machines read of the whole site."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hstlc.errors import StateError
from hstlc.files.output import sha256, write_text
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.site import machine
from hstlc.site.archive import Archive
from hstlc.site.rows import rows
from hstlc.site.script import safe_json
from hstlc.steps.pages import load_archive

log = logging.getLogger(__name__)
MANIFEST_VERSION = 1
CATALOGS = ('catalog.json', 'catalog.csv', 'catalog.ecsv', 'catalog.fits', 'catalog.xml')


def make_machine_files(settings: Settings) -> None:
    """Write feed.xml, manifest.json, CITATION.cff, hstlc.bib and, where `site_url` is set, sitemap.xml and robots.txt.

    Needs every record and every `targets/<slug>.json` of the site.

    Raises
    ------
    StateError
        The pages of a target were not made.
    """
    paths = Paths(settings)
    archive = load_archive(settings)
    found = rows(archive)
    changed = machine.changes(archive, found, _known(paths), _now())
    newest = machine.newest(found, changed)
    day = newest[0][0][:10] if newest else machine.NEVER
    texts = {
        'feed.xml': machine.feed(archive, newest, settings.site_url),
        'manifest.json': safe_json(_manifest(paths, archive, changed)) + '\n',
        'CITATION.cff': machine.citation(archive, day, settings.site_url),
        'hstlc.bib': machine.bibtex(archive, day[:4], settings.site_url),
    }
    if settings.site_url:  # a sitemap holds whole addresses only
        texts |= machine.sitemaps(_pages(archive), settings.site_url)
        texts['robots.txt'] = machine.robots(settings.site_url)
    for old in (*paths.site.glob('sitemap*.xml'), paths.site / 'robots.txt'):
        if old.name not in texts:
            old.unlink(missing_ok=True)
    for name, content in texts.items():
        write_text(paths.site / name, content)
    log.info('feed, manifest and citation of %d light curves', len(found))


def _now() -> str:
    return datetime.now(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')


def _known(paths: Paths) -> dict[str, dict[str, Any]]:
    """Return what the manifest of the run before said of each file, by its path."""
    place = paths.site / 'manifest.json'
    files = json.loads(place.read_text(encoding='utf-8'))['files'] if place.is_file() else []
    return {file['path']: file for file in files}


def _manifest(paths: Paths, archive: Archive, changed: Mapping[str, str]) -> dict[str, Any]:
    """Return size and SHA-256 of every file that the site offers for download, and when each light curve last changed."""
    files = []
    moments = {f'products/{stem}.fits': {'updated': when} for stem, when in changed.items()}
    for target in archive.targets:
        about = _about(paths, target.slug)
        files += [{**file, **moments.get(file['path'], {})} for curve in about['lightcurves'] for file in curve['files']]
        files += [about['archive']] if about['archive'] else []
    places = [paths.site / name for name in CATALOGS if (paths.site / name).is_file()]
    files += [{'path': place.name, 'bytes': place.stat().st_size, 'sha256': sha256(place)} for place in places]
    return {'version': MANIFEST_VERSION, 'files': files}


def _about(paths: Paths, slug: str) -> Any:
    place = paths.site_target_data(slug)
    if not place.is_file():
        raise StateError(f'{place} is missing; run doit pages')
    return json.loads(place.read_text(encoding='utf-8'))


def _pages(archive: Archive) -> list[str]:
    curves = [f'lightcurves/{outcome.stem}.html' for target in archive.targets for outcome in archive.curves.get(target.slug, ())]
    targets = [f'targets/{target.slug}.html' for target in archive.targets]
    return ['index.html', 'browse.html', 'summaries.html', 'guide/index.html', *targets, *curves]
