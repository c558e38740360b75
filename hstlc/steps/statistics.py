"""Statistics of a light curve: FITS in, record out."""

import logging
from dataclasses import fields, replace

from hstlc.errors import UnreadableError
from hstlc.files import records
from hstlc.files.dynspec import read_dynamic_spectrum
from hstlc.files.products import read_lightcurve
from hstlc.files.tables import load_bands
from hstlc.model import Band, Outcome, Statistics, Thresholds
from hstlc.paths import Paths
from hstlc.science.added import add
from hstlc.science.bands import band_curves
from hstlc.science.series import Series
from hstlc.science.statistics import statistics, without_counts
from hstlc.settings import Settings
from hstlc.steps.deliverable import decided

log = logging.getLogger(__name__)
THRESHOLDS = tuple(item.name for item in fields(Thresholds))  # settings of the same names


def make_stats(settings: Settings, stem: str) -> None:
    """Write the statistics of a light curve; where none could be made, a record without numbers that says why.

    Raises
    ------
    StateError
        The light curve's outcome is not there or is damaged.
    UnreadableError
        The light curve cannot be read.
    """
    paths = Paths(settings)
    outcome = records.load(paths.outcome(stem), Outcome)
    found = _statistics(settings, paths, outcome)
    if outcome.product is not None and outcome.composite:
        found = decided(settings, stem, found)
    records.save(paths.stats(stem), found)
    log.info('%s: %d counts%s', stem, found.total, f' ({found.note})' if found.note else '')


def thresholds(settings: Settings) -> Thresholds:
    """Return by what the added statistics judge."""
    return Thresholds(**settings.subset(*THRESHOLDS))


def _statistics(settings: Settings, paths: Paths, outcome: Outcome) -> Statistics:
    if outcome.product is None:
        nothing = without_counts(0, [outcome.why_not or 'no light curve'])
        return replace(nothing, x_note=nothing.note)
    lc = read_lightcurve(paths.absolute(outcome.product.path))
    original = statistics(lc, composite=outcome.composite, periodogram_power=settings.periodogram_power)
    return add(original, lc, thresholds(settings), _band_curves(settings, paths, outcome))


def _band_curves(settings: Settings, paths: Paths, outcome: Outcome) -> list[tuple[Band, Series]]:
    """Return the light curves of lines and continuum of a single exposure whose dynamic spectrum is there."""
    path = paths.dynamic_spectrum(outcome.key.targname, outcome.rootnames[0])
    if outcome.composite or not path.is_file():
        return []
    try:
        spectrum = read_dynamic_spectrum(path)
    except UnreadableError as error:
        log.warning('%s; no statistics of bands', error)
        return []
    return band_curves(spectrum, load_bands(), outcome.key, step_s=settings.step, min_fracexp=settings.min_fracexp)
