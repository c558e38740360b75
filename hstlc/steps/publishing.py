"""Putting products on the site: the file itself where the disk allows it, and its copies as text and of its bands."""

import os
import shutil
from pathlib import Path

from hstlc.files.output import replacing, same_content, write_text
from hstlc.files.textforms import light_curve_texts
from hstlc.model import LightCurve, Outcome
from hstlc.parts import part_beside
from hstlc.paths import Paths


def publish_copies(paths: Paths, outcome: Outcome, lc: LightCurve) -> None:
    """Write `products/<stem>.csv` and `.ecsv` of the site, and put the file of bands there, where there is one."""
    for ending, text in zip(('csv', 'ecsv'), light_curve_texts(lc), strict=True):
        write_text(paths.site_product(outcome.stem, ending), text)
    bands = paths.site_bands(outcome.stem)
    if outcome.bands_product is None:
        bands.unlink(missing_ok=True)
        return
    link_or_copy(paths.absolute(outcome.bands_product.path), bands, link=not paths.settings.group)


def link_or_copy(source: Path, target: Path, *, link: bool) -> None:
    """Make `target` hold what `source` holds: the same file by a hard link where wanted and possible, else a copy.

    Nothing happens where it does already. A link shares the mode of its source: do not link what only a group may read.
    """
    if target.exists() and (os.path.samefile(source, target) if link else same_content(source, target)):
        return
    if link and _linked(source, target):
        return
    with replacing(target) as part:
        shutil.copyfile(source, part)


def _linked(source: Path, target: Path) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = part_beside(target)
    try:
        os.link(source, part)
        os.replace(part, target)
    except OSError:  # another disk, or one that knows no links
        return False
    finally:
        part.unlink(missing_ok=True)
    return True
