"""How long the statistics of a light curve take, against scipy.signal.lombscargle as the original called it.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.statistics [--quick]

The original: three calls of N periods for N bins each. Here: every range on a grid that misses nothing, with false-alarm
probabilities and aliases. The whole of scipy's 15 000-bin periodogram is not waited for: it is measured on every 50th period
and multiplied. --quick leaves the composites out.
"""

import sys
import time

import numpy as np
from scipy import signal
from scipy.stats import pearsonr

from hstlc.model import Thresholds
from hstlc.science import periodogram
from hstlc.science.dispersion import c_statistic, chi_square
from hstlc.science.episodes import blocks, episodes
from hstlc.science.lombscargle import spectrum
from hstlc.science.periodogram import RANGES
from hstlc.science.periods import searches, strongest_periods
from hstlc.science.series import series
from hstlc.science.variability import (
    between_exposures,
    centred,
    excess_variance,
    rank_correlation,
    serial_correlation,
    trend,
)
from tests.builders import make_lightcurve

DAY_S = 86400.0
COMPOSITES = {'15 exposures within a day': 0.066, '15 exposures within 3 months': 6.3, '15 exposures within 10 years': 250.0}


def seconds(function, repeats=7):
    """Return the shortest processor time of a call, after one that does not count: other programs only ever add to it."""
    function()
    times = []
    for _ in range(repeats):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
    return min(times)


def original(lc, part=1):
    """Return the time that the original's calls of scipy take; only each `part`-th period is evaluated, and the time multiplied."""
    days, values = lc.mjd - lc.mjd[0], lc.net - lc.net.mean()
    grids = [np.linspace(low / DAY_S, high / DAY_S, len(days))[::part] for low, high in RANGES.values()]
    blocks = [block for grid in grids for block in np.array_split(grid, max(1, len(grid) // 200))]  # or it needs gigabytes

    def calls():
        for block in blocks:
            signal.lombscargle(days, values, 2 * np.pi / block)

    return part * seconds(calls, repeats=3)


def powers(found):
    """Compute the periodograms alone."""
    for job in searches(found, Thresholds()):
        spectrum(found.time_s, job.values, job.sd, job.parts, job.frequency_hz)


def curve(n, n_exposures=1, apart_days=0.0):
    rng = np.random.default_rng(1)
    dataset = np.repeat(np.arange(n_exposures), n // n_exposures)
    second = (np.arange(n) % (n // n_exposures) + 0.5) * 2.0
    mjd = 55000.0 + dataset * apart_days * (1 + 0.01 * np.sin(dataset)) + second / DAY_S
    counts = rng.poisson(10, n)
    return make_lightcurve(counts, mjd=mjd, dataset=dataset + 1, bjd_tdb=mjd + 2400000.5)


def report(name, lc, part=1):
    found, thresholds = series(lc), Thresholds()
    before = original(lc, part)
    alone, whole = seconds(lambda: powers(found)), seconds(lambda: strongest_periods(found, thresholds))
    grid = sum(len(job.frequency_hz) for job in searches(found, Thresholds()))
    print(f'{name}: scipy {before:.3g} s; periodogram {1e3 * alone:.2f} ms ({before / alone:.0f}x), ', end='')
    print(f'with false alarms and aliases {1e3 * whole:.2f} ms ({before / whole:.0f}x); {grid} frequencies')


def rest(lc, found, cut):
    """Compute all that is neither Bayesian blocks nor the original's periodogram."""
    thresholds = Thresholds()
    series(lc)
    chi_square(found)
    c_statistic(found)
    excess_variance(found, thresholds.firm_mean)
    between_exposures(found, 0.05)
    trend(found)
    rank_correlation(found)
    _, residual = strongest_periods(found, thresholds)
    serial_correlation(found, residual)
    serial_correlation(found, centred(found))
    episodes(found, cut, thresholds)
    pearsonr(lc.times_s, lc.counts)
    float(np.std(lc.counts))


if __name__ == '__main__':
    lc = curve(1000)
    report('1000 bins', lc)
    found = series(lc)
    cut = blocks(found, 0.003)
    times = {
        'Bayesian blocks': seconds(lambda: blocks(found, 0.003)),
        "the original's periodogram": seconds(lambda: periodogram.original(lc.mjd, lc.net)),
        'everything else, periods included': seconds(lambda: rest(lc, found, cut)),
    }
    for name, time_s in times.items():
        print(f'1000 bins: {name} {1e3 * time_s:.1f} ms')
    if '--quick' not in sys.argv:
        for name, apart in COMPOSITES.items():
            report(f'15000 bins, {name}', curve(15000, 15, apart), part=50)
