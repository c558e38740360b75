"""Statistics of a light curve: FITS in, record out."""

import logging

from hstlc.files import records
from hstlc.files.products import read_lightcurve
from hstlc.model import Outcome, Statistics
from hstlc.paths import Paths
from hstlc.science.statistics import statistics
from hstlc.settings import Settings
from hstlc.steps.deliverable import decided

log = logging.getLogger(__name__)


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


def _statistics(settings: Settings, paths: Paths, outcome: Outcome) -> Statistics:
    if outcome.product is None:
        return _nothing(outcome.why_not)
    lc = read_lightcurve(paths.absolute(outcome.product.path))
    return statistics(lc, composite=outcome.composite, periodogram_power=settings.periodogram_power)


def _nothing(why_not: str | None) -> Statistics:
    return Statistics(
        total=0,
        mean=None,
        mu=None,
        stdev=None,
        poisson_factor=None,
        pearson_r=None,
        pearson_p=None,
        periodogram=False,
        deliver=False,
        note=why_not or 'no light curve',
    )
