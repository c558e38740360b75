"""Which files hstlc made: they may be removed, anything else is put aside."""

import logging
import os
import re
import shutil
from pathlib import Path

from hstlc.paths import Paths

log = logging.getLogger(__name__)
PRODUCT = re.compile(r'([a-z0-9]{9}_(curve|dynspec)|hlsp_hstlc_).*')  # names that only hstlc gives
WRITTEN = re.compile(  # what hstlc writes in plots/ and site/; anything else there is somebody's own
    r'.*\.(html|png|svg|json|js|css|xml|txt|csv|ecsv|fits|vot|ico|woff2?|map|gz|webmanifest|webp|md|zip|bib|cff)'
)


def put_aside(paths: Paths, file: Path) -> Path:
    """Move a file of the home to put_aside/, under the name that it had, with a number where that is taken."""
    inside = file.relative_to(paths.home) if file.is_relative_to(paths.home) else Path(file.name)
    wanted = paths.put_aside / inside
    number, place = 1, wanted
    while place.exists():
        place = wanted.with_name(f'{wanted.name}.{number}')
        number += 1
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(file, place)
    log.info('put aside %s as %s', file, place)
    return place


def files_below(folder: Path) -> list[Path]:
    """Return every file below a folder, in the order of their names."""
    return sorted(Path(top, name) for top, _, names in os.walk(folder) for name in names)


def remove_made(paths: Paths, folder: Path) -> int:
    """Remove what hstlc wrote below a folder, put anything else aside; return how many files were put aside."""
    aside = 0
    for path in files_below(folder):
        if PRODUCT.fullmatch(path.name) or (folder not in (paths.outputs, paths.composites) and WRITTEN.fullmatch(path.name)):
            path.unlink()
        else:
            put_aside(paths, path)
            aside += 1
    return aside
