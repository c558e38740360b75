"""Products that belong to no exposure any more are put aside, never deleted."""

import bisect
import logging
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from hstlc.files import records
from hstlc.model import Outcome, Record
from hstlc.paths import Paths
from hstlc.settings import Settings

log = logging.getLogger(__name__)
PRODUCT = re.compile(r'([a-z0-9]{9}_(curve|dynspec)|hlsp_hstlc_).*')  # names that only hstlc gives


def put_aside(paths: Paths, file: Path) -> Path:
    """Move a file of the home to put_aside/, under the name that it had, with a number where that is taken."""
    inside = file.relative_to(paths.home) if file.is_relative_to(paths.home) else Path(file.name)
    wanted = paths.put_aside / inside
    number, place = 1, wanted
    while place.exists():
        place = wanted.with_name(f'{wanted.name}.{number}')
        number += 1
    place.parent.mkdir(parents=True, exist_ok=True)
    os.replace(file, place)
    log.info('put aside %s as %s', file, place)
    return place


def put_lightcurves_aside(settings: Settings, stems: Sequence[str]) -> None:
    """Put light curves aside whose exposure or configuration is gone, with their records."""
    paths = Paths(settings)
    for stem in stems:
        for file in (paths.outcome(stem), paths.stats(stem)):
            if file.exists():
                put_aside(paths, file)
