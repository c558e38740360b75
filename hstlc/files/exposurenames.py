"""What the names of event files and spectra say: a run looks at those that wait, and reads none of them."""

import re
from pathlib import Path

EVENT_SUFFIXES = ('_corrtag_a.fits', '_corrtag_b.fits', '_corrtag.fits', '_tag.fits')
X1D_SUFFIX = '_x1d.fits'
ROOTNAME = re.compile('[a-z0-9][a-z0-9_-]{0,31}')
RESERVED = ('targets',)  # records/targets.json


def rootname_of(name: str) -> str | None:
    """Return the rootname that a file name carries, or None where it is no file of an exposure.

    Records, products and pages are named after it: so it is short and plain, and none of the names that records have themselves.
    """
    for suffix in (*EVENT_SUFFIXES, X1D_SUFFIX):
        if name.lower().endswith(suffix):
            rootname = name[: -len(suffix)].lower()
            return rootname if ROOTNAME.fullmatch(rootname) and rootname not in RESERVED else None
    return None


def is_tag(path: Path) -> bool:
    """Whether a file is a raw STIS event list."""
    return path.name.lower().endswith('_tag.fits')


def is_x1d(path: Path) -> bool:
    """Whether a file is an extracted spectrum."""
    return path.name.lower().endswith(X1D_SUFFIX)
