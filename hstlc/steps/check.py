"""Looking for dead links and missing figures in the site."""

import logging
import os
from pathlib import Path

from hstlc.errors import StateError
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.site.links import local, references

log = logging.getLogger(__name__)
SHOWN = 20


def check_site(settings: Settings) -> None:
    """Check that everything that a page of the site refers to is there, and that nothing is loaded from elsewhere.

    Raises
    ------
    StateError
        Something is missing; the message lists page and reference.
    """
    site = Paths(settings).site
    pages, files = _contents(site)
    faults = [fault for page in pages for fault in _faults(site, page, files)]
    if faults:
        more = f'\n... and {len(faults) - SHOWN} more' if len(faults) > SHOWN else ''
        listed = '\n'.join(faults[:SHOWN])
        raise StateError(f'{len(faults)} references of the site lead nowhere; run doit plots pages guide:\n{listed}{more}')
    if not settings.site_url:
        log.info('no sitemap.xml and no robots.txt: they need whole addresses, and the setting site_url is empty')
    log.info('%d pages, %d files: every reference leads somewhere', len(pages), len(files))


def _contents(site: Path) -> tuple[list[str], set[str]]:
    """Return the pages and all files, as paths relative to the site."""
    files = {os.path.relpath(os.path.join(folder, name), site) for folder, _, names in os.walk(site) for name in names}
    return sorted(name for name in files if name.endswith('.html')), files


def _faults(site: Path, page: str, files: set[str]) -> list[str]:
    found, anchors = references((site / page).read_text(encoding='utf-8'))
    faults = []
    for reference in found:
        place = local(reference)
        if place is None:
            continue
        path, fragment = place
        target = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if target not in files:
            faults.append(f'  {page}: {reference}')
        elif target == page and fragment and fragment not in anchors:
            faults.append(f'  {page}: {reference} (no such place in it)')
    return faults
