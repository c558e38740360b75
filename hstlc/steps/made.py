"""Which files hstlc made: they may be removed, anything else is put aside."""

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path

from hstlc.errors import StateError
from hstlc.files import output, records
from hstlc.files.output import same_content, sha256
from hstlc.model import Outcome
from hstlc.paths import Paths

log = logging.getLogger(__name__)
PRODUCT = re.compile(r'([a-z0-9]{9}_(curve|dynspec)|hlsp_hstlc_).*')  # names that only hstlc gives
# What hstlc writes in plots/ and site/, by path; anything else there is somebody's own.
PLOTS = re.compile(
    r'(periodogram_subset/)?([a-z0-9]{9}_curve|hlsp_hstlc_).*\.(png|html)|assets/.*'
    r'|(exptime_histogram|opt_elem|exposures_by_date|pie_config_(cos|stis)_[fn]uv|(interesting|boring|null)_hstlc)\.html'
)
SITE = re.compile(
    r'(archives|assets|data|figures|guide|lightcurves|products|tables|targets)/.*'
    r'|(index|browse|summaries|404)\.html|catalog\.(json|csv|ecsv|fits|xml)|sitemap[0-9_-]*\.xml|robots\.txt'
    r'|feed\.xml|manifest\.json|CITATION\.cff|hstlc\.bib'
)
WRITTEN = re.compile(r'.*\.(html|png|svg|json|js|css|xml|txt|csv|ecsv|fits|vot|ico|woff2?|map|gz|webmanifest|webp|md|zip|bib|cff)')


def put_aside(paths: Paths, file: Path) -> Path:
    """Move a file of the home to put_aside/, into the folder that it lay in, with a number where its name is taken there."""
    folder = file.parent.relative_to(paths.home) if file.is_relative_to(paths.home) else ''
    place = output.put_aside(file, paths.put_aside / folder)
    log.info('put aside %s as %s', file, place)
    return place


def put_edited_aside(paths: Paths, stem: str) -> dict[Path, Path]:
    """Put the files of a light curve aside that are not what its record says: somebody changed them, and wants to see them again.

    Returns
    -------
    dict
        Where each was, and where it is now.
    """
    try:
        outcome = records.load(paths.outcome(stem), Outcome)
    except (FileNotFoundError, StateError):
        return {}
    products = [product for product in (outcome.product, outcome.bands_product) if product is not None]
    files = {paths.absolute(product.path): product.sha256 for product in products}
    return {file: put_aside(paths, file) for file, known in files.items() if file.is_file() and sha256(file) != known}


def tell_edited(aside: Mapping[Path, Path]) -> str | None:
    """Return what to say of light curves that were edited, now that they are made again; what is no other is not kept twice."""
    for file, place in aside.items():
        if same_content(file, place):
            place.unlink()
    kept = [(file, place) for file, place in aside.items() if place.exists()]
    return (
        '; '.join(f'{file} was changed by hand: it is made again, and what was changed is {place}' for file, place in kept) or None
    )


def files_below(folder: Path) -> list[Path]:
    """Return every file below a folder, in the order of their names."""
    return sorted(Path(top, name) for top, _, names in os.walk(folder) for name in names)


def is_made(paths: Paths, folder: Path, path: Path) -> bool:
    """Whether a file below a folder of products is one that hstlc writes there."""
    if folder not in (paths.plots, paths.site):
        return PRODUCT.fullmatch(path.name) is not None
    written = PLOTS if folder == paths.plots else SITE
    return bool(written.fullmatch(path.relative_to(folder).as_posix()) and WRITTEN.fullmatch(path.name))


def remove_made(paths: Paths, folder: Path) -> int:
    """Remove what hstlc wrote below a folder, put anything else aside; return how many files were put aside."""
    aside = 0
    for path in files_below(folder):
        if is_made(paths, folder, path):
            path.unlink()
        else:
            put_aside(paths, path)
            aside += 1
    return aside
