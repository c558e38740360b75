"""Where reference files are looked for; imports next to nothing, because every run asks."""

from collections.abc import Mapping
from pathlib import Path

UNUSABLE = '(unusable)'  # follows the name of a file that is there but damaged, a dummy, or without a row that applies


def reference_folders(instrume: str, references: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the folders where reference files are looked for, best first; they need not exist.

    `$lref` or `$oref`, then a CRDS cache by instrument and flat, then the home's own folder in the same layout.

    Parameters
    ----------
    instrume : str
        COS or STIS.
    references : Path
        The home's `references` folder.
    environ : mapping of str to str
        The environment: lref, oref, CRDS_PATH.
    """
    own = environ.get('lref' if instrume == 'COS' else 'oref', '')
    caches = [Path(environ['CRDS_PATH']) / 'references'] if environ.get('CRDS_PATH') else []
    folders = [Path(own)] if own else []
    for cache in (*caches, references):
        folders += [cache / 'hst' / instrume.lower(), cache / 'hst']
    return (*folders, references)
