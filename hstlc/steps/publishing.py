"""Putting a product on the site without copying it where the disk allows."""

import os
import shutil
from pathlib import Path

from hstlc.files.output import replacing, same_content
from hstlc.parts import part_beside


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
