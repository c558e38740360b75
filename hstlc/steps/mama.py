"""What is done to the counts of a MAMA exposure as a whole: dead time, and the x1d as anchor where there is no flat field."""

from dataclasses import replace

import numpy as np

from hstlc.files.eventlist import EventFile
from hstlc.files.exposures import block_times, seconds_after
from hstlc.model import DynamicSpectrum, Floats, Linearity
from hstlc.science.lookup import Grid
from hstlc.science.mama import dead_time_factor, scaled
from hstlc.science.selection import inside, live_time

LINEAR_LIMIT = 3e4  # count/s of the whole detector above which events are lost (ISR STIS 2000-02)
LARGEST_ANCHOR = 0.1  # a ratio to the x1d farther from 1 is no matter of flat fields
ANCHOR_ERROR = 0.01  # a ratio known no better says nothing of them
ANCHOR_BACKGROUND = 0.05  # of the net counts: with more, the ratio compares two estimates of the background
TIME_ROWS = 1 << 18


def dead_time(
    files: tuple[EventFile, ...], linearity: Linearity | None, grid: Grid, gti_s: Floats, t0_mjd: float
) -> tuple[Floats, tuple[str, ...]]:
    """Return what the weights of each time bin must be multiplied by, (n_time,) float64, and warnings.

    The rate of the whole detector decides, of all events whether good or not; 1 where the detector's dead time is not known.
    """
    live = live_time(gti_s, grid.edges_s())
    counts = sum((_counts(file, grid, gti_s, t0_mjd) for file in files), np.zeros(grid.n_time))
    rate = np.divide(counts, live, out=np.zeros(grid.n_time), where=live > 0)
    full = live > grid.step_s / 2
    busy = ('W_LINEAR',) if rate[full].max(initial=0.0) > LINEAR_LIMIT else ()
    return (np.ones(grid.n_time) if linearity is None else dead_time_factor(rate, linearity)), busy


def _counts(file: EventFile, grid: Grid, gti_s: Floats, t0_mjd: float) -> Floats:
    counts = np.zeros(grid.n_time)
    for table in file.events:
        shift = seconds_after(file, table, t0_mjd)
        for block in table.blocks(('TIME',), size=TIME_ROWS):
            good, time_s = inside(block_times(file, block['TIME']) + shift, gti_s)
            bins = np.floor((time_s[good] - grid.start_s) / grid.step_s).astype(np.int64)
            counts += np.bincount(np.clip(bins, 0, grid.n_time - 1), minlength=grid.n_time)
    return counts


def anchored(spectrum: DynamicSpectrum) -> DynamicSpectrum:
    """Return the dynamic spectrum of a first-order exposure without flat field, made to agree with the net rate of its x1d.

    The x1d was divided by the flat field, which is some per cent off 1 on average. Nothing is done where the ratio is not known
    to 1 %, is off by more than 10 %, or where the background makes more than 5 % of the net counts.
    """
    ratio, net = spectrum.x1d_ratio, float(spectrum.source.w.sum()) - float(spectrum.background.w.sum())
    if ratio is None or net <= 0 or abs(ratio - 1) >= LARGEST_ANCHOR:
        return spectrum
    error = ratio * np.sqrt(float(spectrum.source.w2.sum()) + float(spectrum.background.w2.sum())) / net
    if error >= ANCHOR_ERROR or float(spectrum.background.w.sum()) > ANCHOR_BACKGROUND * net:
        return spectrum
    return replace(
        spectrum,
        source=scaled(spectrum.source, 1 / ratio),
        background=scaled(spectrum.background, 1 / ratio),
        warnings=(*spectrum.warnings, 'W_ANCHOR'),
    )
