"""Reading what is listed of every target."""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache

from hstlc.files import records
from hstlc.model import Record
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.site.listing import LISTING_VERSION, Listing, Row
from hstlc.site.targets import rejected_row
from hstlc.steps.pages import words


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
            found = json.loads(paths.listing(slug).read_bytes())
        except FileNotFoundError:
            continue
        if found['version'] == LISTING_VERSION:
            yield found
