"""False alarms and completeness of the added statistics; makes the figures and tables of the guide's page Statistics.

    python -m tests.validation.statistics                     # everything, about a quarter of an hour on two idle cores
    python -m tests.validation.statistics calibration gaps    # some parts
    python -m tests.validation.statistics figures             # figures and tables from the numbers that are there

Numbers go to tests/validation/statistics.json, figures to content/images/, tables to the terminal.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from scipy import stats

from hstlc.model import EpisodeKind, Thresholds
from hstlc.science.added import add
from hstlc.science.dispersion import c_statistic, chi_square
from hstlc.science.episodes import blocks, episodes
from hstlc.science.periods import best, is_own, strongest_periods
from hstlc.science.series import series
from hstlc.science.statistics import statistics
from tests.builders import make_lightcurve

ROOT = Path(__file__).parents[2]
NUMBERS = Path(__file__).with_suffix('.json')
THRESHOLDS = Thresholds()
STEP_S = 2.0
CURVES = 4000
MEANS = (0.2, 1.0, 5.0, 30.0, 200.0)  # source counts per bin
BINS_S = {200.0: 2.0, 1000.0: 2.0, 3000.0: 5.0}  # bin width by length
BACKGROUND_MEANS = (0.2, 5.0, 200.0)  # also with a background as bright as the source, at 1000 s; and composites
COMPOSITES = {'a visit': (0.0,), '3 visits in 20 days': (0.0, 5.1, 19.7), '3 visits in 3 years': (0.0, 410.2, 1103.7)}  # days
COMPOSITE_STEP_S = 5.0
AREA = 0.2  # source region / background region
RATES = {'chi2': 0.01, 'cstat': 0.01, 'fap': 0.01, 'blocks': 0.003, 'episodes': 0.003}  # stated
LEAST_P = 1e-3
ORBIT_S = 5740.0
DAY_S = 86400.0


def constant(rng, mean, n_bins, background=0.0, step_s=STEP_S, **changes):
    """Return a constant source with Poisson noise on a background that is `background` times as bright."""
    n_bkg = rng.poisson(mean * background / AREA, n_bins)
    gross = rng.poisson(mean, n_bins) + rng.poisson(mean * background, n_bins)
    variance = gross + AREA**2 * n_bkg
    return make_lightcurve(gross, background=AREA * n_bkg, n_bkg=n_bkg, variance=variance, step_s=step_s, **changes)


def exposures(starts_s, exposure_s, step_s):
    """Return times and numbers of the bins of exposures that begin at `starts_s`, as arguments of `make_lightcurve`."""
    n = int(exposure_s / step_s)
    mjd = 55000.0 + (np.asarray(starts_s)[:, None] + (np.arange(n) + 0.5) * step_s).ravel() / DAY_S
    return {'mjd': mjd, 'bjd_tdb': mjd + 2400000.5, 'dataset': np.repeat(np.arange(len(starts_s)) + 1, n)}


def alarms(cell, curves=CURVES):
    """Return how many constant curves of a cell (mean, length, background) raise each alarm."""
    mean, length, background = cell
    rng = np.random.default_rng([round(mean * 10), round(length), round(background * 10)])
    step = BINS_S[length]
    made = (constant(rng, mean, round(length / step), background, step) for _ in range(curves))
    return {'mean': mean, 'length': length, 'background': background, 'curves': curves, **_alarms(made)}


def composite_alarms(cell, curves=250):
    """Return the same for composites (mean, name of `COMPOSITES`) of exposures of 1000 s; blocks and episodes are per exposure."""
    mean, name = cell
    rng = np.random.default_rng([round(mean * 10), list(COMPOSITES).index(name)])
    times = exposures([s for day in COMPOSITES[name] for s in visit_starts(day * DAY_S, 3)], 1000.0, COMPOSITE_STEP_S)
    made = (constant(rng, mean, len(times['mjd']), step_s=COMPOSITE_STEP_S, **times) for _ in range(curves))
    return {'mean': mean, 'composite': name, 'curves': curves, **_alarms(made)}


def _alarms(made):
    found = dict.fromkeys(RATES, 0)
    for lc in made:
        one = series(lc)
        if one.n_src.sum() < 5:
            continue
        cut = blocks(one, THRESHOLDS.block_p0)
        periods = strongest_periods(one, THRESHOLDS)[0]
        found['chi2'] += chi_square(one)[2] < RATES['chi2']
        found['cstat'] += c_statistic(one)[1] < RATES['cstat']
        found['fap'] += bool(periods) and periods[0].fap < RATES['fap']
        found['blocks'] += any(len(exposure) > 1 for exposure in cut)
        found['episodes'] += len(episodes(one, cut, THRESHOLDS)) > 0
    return found


def stated(row):
    """Return the stated rate of each alarm; those that are stated for one exposure add up in a composite."""
    n = 3 * len(COMPOSITES[row['composite']]) if 'composite' in row else 1
    return {name: 1 - (1 - rate) ** n if name in ('blocks', 'episodes') else rate for name, rate in RATES.items()}


def consistent(row):
    """Return by alarm the probability of at least as many at the stated rate."""
    return {name: float(stats.binom.sf(row[name] - 1, row['curves'], rate)) for name, rate in stated(row).items()}


def observation(rng, rate, starts_s, exposure_s, step_s, levels=None):
    """Return Poisson counts of a rate (count/s, a function of seconds) in exposures that begin at `starts_s`."""
    times = exposures(starts_s, exposure_s, step_s)
    centres = (times['mjd'] - 55000.0) * DAY_S
    fine = centres[:, None] + step_s * (np.arange(-4.5, 5) / 10)
    expected = rate(fine).mean(axis=1) * step_s
    if levels is not None:
        expected = expected * np.asarray(levels)[times['dataset'] - 1]
    return make_lightcurve(rng.poisson(np.maximum(expected, 0)), step_s=step_s, **times)


def visit_starts(first_s, orbits):
    return [first_s + k * ORBIT_S for k in range(orbits)]


def recovered(lc, period_s, resolution_hz):
    chosen = best(strongest_periods(series(lc), THRESHOLDS)[0], THRESHOLDS.period_fap)
    own = chosen is not None and is_own(chosen, THRESHOLDS.period_fap)
    return bool(own and abs(1 / chosen.period_s - 1 / period_s) < resolution_hz)


AMPLITUDES = (0.02, 0.05, 0.1, 0.2, 0.5)
SHORT_PERIODS = (8.0, 15.0, 33.0, 100.0, 300.0, 800.0)
LONG_PERIODS = (800.0, 1700.0, 3100.0, 4500.0, 7700.0, 18000.0)
COUNT_RATES = (1.0, 10.0)  # count/s


def sinusoids(cell, curves=20):
    """Return how many sinusoids are found: in one exposure of 2400 s, or in three visits of eight orbits within nine days."""
    kind, rate, period, amplitude = cell
    rng = np.random.default_rng([round(rate), round(period), round(1000 * amplitude), len(kind)])
    hits = 0
    for _ in range(curves):
        phase = rng.uniform(0, 2 * np.pi)

        def signal(t, phase=phase):
            return rate * (1 + amplitude * np.sin(2 * np.pi * t / period + phase))

        if kind == 'exposure':
            lc = observation(rng, signal, [0.0], 2400.0, 2.0)
            hits += recovered(lc, period, 1 / 2400)
        else:
            starts = [s for day in (0.0, 3.1, 8.7) for s in visit_starts(day * DAY_S, 8)]
            lc = observation(rng, signal, starts, 2400.0, 10.0)
            hits += recovered(lc, period, 1 / (8 * ORBIT_S))
    return {'kind': kind, 'rate': rate, 'period': period, 'amplitude': amplitude, 'curves': curves, 'found': hits}


FLARE_PEAKS = (0.3, 1.0, 3.0, 10.0)  # peak above the undisturbed rate, in units of it
FLARE_DECAYS_S = (5.0, 15.0, 50.0, 150.0)
DEPTHS = (0.1, 0.3, 0.6, 1.0)
ECLIPSES_S = (10.0, 30.0, 100.0, 300.0)
BURST_RATE = 5.0  # count/s
BURST_EXPOSURE_S = 2400.0


def bursts(cell, curves=60):
    """Return how many flares (or eclipses) are found in an exposure of 2400 s, and their equivalent durations over the truth."""
    kind, height, duration = cell
    rng = np.random.default_rng([round(10 * height), round(duration), kind == 'flare'])
    hits, equivalent = 0, []
    for _ in range(curves):
        start = rng.uniform(600, 1500)

        def signal(t, start=start):
            if kind == 'eclipse':
                return BURST_RATE * (1 - height * ((t >= start) & (t < start + duration)))
            return BURST_RATE * (1 + height * np.exp(-np.clip(t - start, 0, None) / duration) * (t >= start))

        one = series(observation(rng, signal, [0.0], BURST_EXPOSURE_S, STEP_S))
        found = [e for e in episodes(one, blocks(one, THRESHOLDS.block_p0), THRESHOLDS) if e.kind is EpisodeKind(kind)]
        begin, end = 55000 + (start - 10) / DAY_S, 55000 + (start + 2 * duration + 10) / DAY_S
        near = [e for e in found if e.start_mjd < end and e.end_mjd > begin]
        hits += bool(near)
        equivalent += [abs(e.equivalent_s) / (height * duration) for e in near[:1]]
    signal_to_noise = height * duration * BURST_RATE / np.sqrt(BURST_RATE * duration * (2 if kind == 'flare' else 1))
    middle = float(np.median(equivalent)) if equivalent else None
    return {
        'kind': kind, 'height': height, 'duration': duration, 'curves': curves, 'found': hits,
        'sn': float(signal_to_noise), 'equivalent': middle,
    }  # fmt: skip


GAPS = {
    'one visit of 5 orbits': (0.0,),
    '6 visits in 20 days': (0.0, 2.3, 5.1, 9.9, 14.2, 19.7),
    '8 visits in 14 months': (0.0, 11.3, 47.1, 101.9, 160.4, 233.3, 318.8, 421.5),
    '5 visits in 9 years': (0.0, 410.2, 1203.7, 2222.2, 3290.9),
}
SOURCES = ('constant', 'levels', 'flicker', 'orbit', '95.9 min', '75 min', '33 s')


def gapped(cell, curves=25):
    """Return how often composites with gaps have a period below 1 %, one that counts, the injected one, and the orbit's flag.

    levels: visits differ by 30 % (as outbursts and calibration make them). flicker: red noise, correlated over 10 minutes, 20 %.
    orbit: 10 % brighter in the middle of every orbit of HST, by 5740 s. Periods have an amplitude of 10 %.
    """
    name, source = cell
    rng = np.random.default_rng([sorted(GAPS).index(name), SOURCES.index(source)])
    starts = [s for day in GAPS[name] for s in visit_starts(day * DAY_S + 2000.0 * (day % 1), 5)]
    period = {'95.9 min': 95.9 * 60, '75 min': 4500.0, '33 s': 33.0}.get(source)
    row = dict.fromkeys(('below', 'counted', 'right', 'orbital'), 0)
    for _ in range(curves):
        phase = rng.uniform(0, 2 * np.pi)

        def signal(t, phase=phase):
            if source == 'orbit':
                return 5 * (1 + 0.1 * np.cos(2 * np.pi * (t / ORBIT_S - 0.2)))
            if source == 'flicker':
                return 5 * (1 + 0.2 * _flicker(rng, t))
            return 5 * (1 + (0.1 * np.sin(2 * np.pi * t / period + phase) if period else 0.0 * t))

        levels = np.repeat(rng.normal(1, 0.3, len(GAPS[name])).clip(0.3), 5) if source == 'levels' else None
        lc = observation(rng, signal, starts, 2400.0, 10.0, levels)
        periods = strongest_periods(series(lc), THRESHOLDS)[0]
        chosen = best(periods, THRESHOLDS.period_fap)
        own = is_own(chosen, THRESHOLDS.period_fap)
        row['below'] += chosen.fap < 0.01
        row['counted'] += own
        row['right'] += bool(own and period and abs(1 / chosen.period_s - 1 / period) < 1 / (5 * ORBIT_S))
        row['orbital'] += bool(chosen.fap < 0.01 and chosen.alias & 1)
    return {'gaps': name, 'source': source, 'curves': curves, **row}


def _flicker(rng, t):
    """Return a damped random walk of unit variance at times (n, m), constant along m, correlated over 10 minutes."""
    middle = t.mean(axis=1)
    value = np.empty(len(middle))
    value[0] = rng.normal()
    keep = np.exp(-np.diff(middle) / 600)
    kicks = rng.normal(size=len(keep)) * np.sqrt(1 - keep**2)
    for k in range(len(keep)):
        value[k + 1] = keep[k] * value[k] + kicks[k]
    return value[:, None] * np.ones(t.shape[1])


def _sine(period_s, amplitude):
    return lambda t: 1 + amplitude * np.sin(2 * np.pi * t / period_s)


VISITS = [s for day in (0.0, 3.1, 8.7) for s in visit_starts(day * DAY_S, 5)]
RANKED = {  # relative brightness, starts of exposures, levels of exposures
    'constant': (np.ones_like, [0.0], None),
    'constant composite': (np.ones_like, VISITS, None),
    'orbit of Hubble, 10 %': (_sine(ORBIT_S, 0.1), VISITS, None),
    'pulsator, 33 s, 20 %': (_sine(33.0, 0.2), [0.0], None),
    'pulsator, 75 min, 10 %': (_sine(4500.0, 0.1), VISITS, None),
    'flare, peak 4×, decay 50 s': (lambda t: 1 + 3 * np.exp(-np.clip(t - 900, 0, None) / 50) * (t >= 900), [0.0], None),
    'eclipse, 60 %, 100 s': (lambda t: 1 - 0.6 * (abs(t - 900) < 50), [0.0], None),
    'outburst, twice as bright in one of 3 visits': (np.ones_like, VISITS, np.repeat([1.0, 1.0, 2.0], 5)),
}


def ranking(name, curves=60):
    """Return the 5th, 50th and 95th percentile of the interest score of sources of 5 count/s."""
    shape, starts, levels = RANKED[name]
    rng = np.random.default_rng([list(RANKED).index(name), 77])
    scores = []
    for _ in range(curves):
        late = rng.uniform(0, 600)  # not the same phase each time
        step = 10.0 if len(starts) > 1 else STEP_S
        lc = observation(rng, lambda t, late=late: BURST_RATE * shape(t - late), starts, 2400.0, step, levels)
        scores.append(add(statistics(lc, composite=len(starts) > 1), lc, THRESHOLDS).x_interest)
    return {'source': name, 'curves': curves, 'score': [float(one) for one in np.percentile(scores, (5, 50, 95))]}


PARTS = {
    'calibration': (
        alarms,
        [(m, t, 0.0) for t in BINS_S for m in MEANS] + [(m, 1000.0, 1.0) for m in BACKGROUND_MEANS],
    ),
    'composites': (composite_alarms, [(m, name) for name in COMPOSITES for m in BACKGROUND_MEANS]),
    'sinusoids': (
        sinusoids,
        [('exposure', r, p, a) for r in COUNT_RATES for p in SHORT_PERIODS for a in AMPLITUDES]
        + [('visits', r, p, a) for r in COUNT_RATES for p in LONG_PERIODS for a in AMPLITUDES],
    ),
    'bursts': (
        bursts,
        [('flare', h, d) for h in FLARE_PEAKS for d in FLARE_DECAYS_S]
        + [('eclipse', h, d) for h in DEPTHS for d in ECLIPSES_S],
    ),
    'gaps': (gapped, [(name, source) for name in GAPS for source in SOURCES]),
    'ranking': (ranking, list(RANKED)),
}  # fmt: skip


def run(part, workers=2):
    """Compute one part and keep its numbers."""
    function, cells = PARTS[part]
    rows = []
    with ProcessPoolExecutor(workers) as pool:
        for row in pool.map(function, cells):
            rows.append(row)
            print(part, row, flush=True)
    numbers = json.loads(NUMBERS.read_text()) if NUMBERS.exists() else {}
    numbers[part] = rows
    NUMBERS.write_text(json.dumps(numbers, indent=1) + '\n')


if __name__ == '__main__':
    wanted = sys.argv[1:] or [*PARTS, 'figures']
    for part in wanted:
        if part == 'figures':
            from tests.validation import statistics_figures

            statistics_figures.draw(json.loads(NUMBERS.read_text()), ROOT / 'content' / 'images')
        else:
            run(part)
