"""Looking for dead links and missing figures in the site."""

import logging
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
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
    files = {os.path.join(folder, name) for folder, _, names in os.walk(site) for name in names}
    pages = sorted(name for name in files if name.endswith('.html'))
    _refuse_faults([fault for page in pages for fault in _faults(site, page, files.__contains__)])
    if not settings.site_url:
        log.info('no sitemap.xml and no robots.txt: they need whole addresses, and the setting site_url is empty')
    log.info('%d pages, %d files: every reference leads somewhere', len(pages), len(files))


def check_pages(settings: Settings, pages: Sequence[str]) -> None:
    """Check some pages, absolute names, as `check_site` does all.

    Raises
    ------
    StateError
        Something is missing; the message lists page and reference.
    """
    site = Paths(settings).site
    is_there = lru_cache(maxsize=None)(os.path.isfile)
    _refuse_faults([fault for page in pages for fault in _faults(site, page, is_there)])
    log.info('%d pages: every reference leads somewhere', len(pages))


def _refuse_faults(faults: list[str]) -> None:
    if faults:
        more = f'\n... and {len(faults) - SHOWN} more' if len(faults) > SHOWN else ''
        listed = '\n'.join(faults[:SHOWN])
        raise StateError(f'{len(faults)} references of the site lead nowhere; run doit plots pages guide:\n{listed}{more}')


def _faults(site: Path, page: str, is_there: Callable[[str], bool]) -> list[str]:
    found, anchors = references(Path(page).read_text(encoding='utf-8'))
    faults, name, folder = [], os.path.relpath(page, site), os.path.dirname(page)
    for reference in found:
        place = local(reference)
        if place is None:
            continue
        path, fragment = place
        target = os.path.normpath(os.path.join(folder, path)) if path else page
        if not (target.startswith(f'{site}{os.sep}') and is_there(target)):
            faults.append(f'  {name}: {reference}')
        elif target == page and fragment and fragment not in anchors:
            faults.append(f'  {name}: {reference} (no such place in it)')
    return faults
