"""Reading what is listed of every target."""

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from hstlc.files import records
from hstlc.model import Record
from hstlc.paths import Paths, shared
from hstlc.settings import Settings
from hstlc.site.listing import LISTING_VERSION, Listing, Row
from hstlc.site.render import load_templates
from hstlc.site.targets import rejected_row
from hstlc.steps.pages import words

AT_ONCE = 100  # summaries that are read ahead while a step may wait
_SUMMARIES: dict[str, tuple[tuple[int, int], Row]] = {}  # path -> time and size of the file, what it says


def load_listing(settings: Settings, slugs: Sequence[str], strays: Sequence[str]) -> Listing:
    """Return what is listed of some targets; those whose pages could not be made are not listed.

    A process reads it once as long as nothing is replaced.

    Parameters
    ----------
    settings : Settings
        The settings.
    slugs : sequence of str
        Of the targets, in the order of their names.
    strays : sequence of str
        Rootnames of rejected exposures that belong to no target.

    Raises
    ------
    StateError
        A record is damaged.
    """
    folder = Paths(settings).listings
    # a summary is replaced by renaming, which changes the time of its folder
    return _read(settings, tuple(slugs), tuple(strays), folder.stat().st_mtime_ns if folder.is_dir() else 0)


def read_ahead(settings: Settings) -> Iterator[None]:
    """Read the templates and the summaries that are there, in portions, in a process that waits. Damage is not told of yet."""
    yield from load_templates(shared('site_templates'))
    folder = Paths(settings).listings
    for number, name in enumerate(os.listdir(folder) if folder.is_dir() else ()):
        with contextlib.suppress(OSError, ValueError):
            _summary(f'{folder}/{name}')
        if number % AT_ONCE == 0:
            yield


@lru_cache(maxsize=1)
def _read(settings: Settings, slugs: tuple[str, ...], strays: tuple[str, ...], _time: int) -> Listing:
    paths = Paths(settings)
    return Listing(
        **words(settings),
        targets=tuple(_listings(paths, slugs)),
        strays=tuple({**rejected_row(records.load(paths.record(name), Record)), 'slug': None} for name in strays),
    )


def _listings(paths: Paths, slugs: Sequence[str]) -> Iterator[Row]:
    for slug in slugs:
        try:
            found = _summary(str(paths.listing(slug)))
        except FileNotFoundError:
            continue
        if found['version'] == LISTING_VERSION:
            yield found


def _summary(path: str) -> Row:
    info = os.stat(path)
    state = (info.st_mtime_ns, info.st_size)
    known = _SUMMARIES.get(path)
    if known is None or known[0] != state:
        known = _SUMMARIES[path] = (state, json.loads(Path(path).read_bytes()))
    return known[1]
