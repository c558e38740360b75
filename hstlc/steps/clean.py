"""Removing what can be made again: `doit clean` and parts of `doit reset`."""

from pathlib import Path

from hstlc.errors import StateError
from hstlc.files import records
from hstlc.model import Outcome, Record
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps.made import remove_made


def remove_lightcurve(settings: Settings, stem: str) -> None:
    """Remove a light curve with its dynamic spectrum, figures and outcome record."""
    paths = Paths(settings)
    try:
        outcome = records.load(paths.outcome(stem), Outcome)
    except (FileNotFoundError, StateError):
        outcome = None
    if outcome is not None and outcome.product is not None:
        product = paths.absolute(outcome.product.path)
        _remove_beginning_with(product.parent, stem)
        if not outcome.composite:
            _remove_beginning_with(product.parent, f'{outcome.rootnames[0]}_dynspec')
    paths.outcome(stem).unlink(missing_ok=True)
    remove_stats(settings, stem)


def _remove_beginning_with(folder: Path, beginning: str) -> None:
    for path in folder.glob(f'{beginning}*') if folder.is_dir() else ():
        path.unlink(missing_ok=True)
    remove_empty(folder)


def remove_empty(folder: Path) -> None:
    """Remove a folder if nothing is in it."""
    try:
        folder.rmdir()
    except OSError:  # not empty, or gone already
        return


def remove_corrtag(settings: Settings, rootname: str) -> None:
    """Remove the corrtag that was derived from a raw STIS event file."""
    paths = Paths(settings)
    record = records.load(paths.record(rootname), Record)
    (paths.absolute(record.path) / f'{rootname}_corrtag.fits').unlink(missing_ok=True)


def remove_stats(settings: Settings, stem: str) -> None:
    """Remove the statistics of a light curve."""
    Paths(settings).stats(stem).unlink(missing_ok=True)


def remove_targets(settings: Settings) -> None:
    """Remove the table of targets."""
    Paths(settings).targets.unlink(missing_ok=True)


def remove_catalog(settings: Settings) -> None:
    """Remove the catalog."""
    paths = Paths(settings)
    for path in (paths.catalog, paths.catalog_sources):
        path.unlink(missing_ok=True)


def remove_plots(settings: Settings) -> None:
    """Remove the figures in plots/; files of others are put aside."""
    remove_made(Paths(settings), Paths(settings).plots)


def remove_site(settings: Settings) -> None:
    """Remove the site; files of others are put aside."""
    remove_made(Paths(settings), Paths(settings).site)
