"""Figures and tables of what tests.validation.statistics found."""

from collections import defaultdict

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

from tests.validation.statistics import LEAST_P, RATES, consistent

WORDS = {
    'chi2': r'$\chi^2$: p < 1 %',
    'cstat': 'C: p < 1 %',
    'fap': 'period: FAP < 1 %',
    'blocks': 'more than one block',
    'episodes': 'flare or eclipse',
}
TEXTS = {
    'chi2': '`x_chi2_p` < 1 %',
    'cstat': '`x_cstat_p` < 1 %',
    'fap': '`x_period_fap` < 1 %',
    'blocks': 'more than one block (`block_p0`)',
    'episodes': 'a flare or an eclipse',
}
MARKS = 'osD^v'


def draw(numbers, folder):
    """Write calibration and completeness figures and print the tables."""
    mpl.use('Agg')
    plt.rcParams.update({'font.size': 9, 'svg.hashsalt': 'hstlc', 'axes.spines.top': False, 'axes.spines.right': False})
    folder.mkdir(parents=True, exist_ok=True)
    calibration(numbers['calibration'], folder / 'statistics_false_alarms.png')
    completeness(numbers, folder / 'statistics_completeness.png')
    for part, write in {'calibration': table, 'composites': composites, 'gaps': gaps, 'ranking': ranking}.items():
        if part in numbers:
            write(numbers[part])


def save(figure, path):
    figure.savefig(path, dpi=130, metadata={'Software': None})
    plt.close(figure)


def calibration(rows, path):
    figure, axes = plt.subplots(1, len(RATES), figsize=(12, 3.2), sharex=True, layout='constrained')
    lengths = sorted({row['length'] for row in rows})
    for ax, (name, rate) in zip(axes, RATES.items(), strict=True):
        for k, length in enumerate(lengths):
            for background, fill in ((0.0, 'full'), (1.0, 'none')):
                chosen = [row for row in rows if row['length'] == length and row['background'] == background]
                seen = [100 * row[name] / row['curves'] for row in chosen]
                shift = 1.08 ** (2 * k + (background > 0) - 2.5)
                ax.plot([row['mean'] * shift for row in chosen], seen, MARKS[k], fillstyle=fill, ms=4, color=f'C{k}')
        curves = rows[0]['curves']
        ax.axhline(100 * rate, color='0.4', lw=1)
        ax.axhline(100 * stats.binom.isf(LEAST_P, curves, rate) / curves, color='0.4', lw=1, ls=':')
        ax.set(xscale='log', ylim=(0, None), title=WORDS[name], xlabel='counts per bin')
    axes[0].set_ylabel('constant curves that raise it, %')
    for k, length in enumerate(lengths):
        axes[-1].plot([], [], MARKS[k], color=f'C{k}', ms=4, label=f'{length:.0f} s')
    axes[-1].legend(frameon=False, fontsize=8)
    save(figure, path)


def completeness(numbers, path):
    figure, axes = plt.subplots(2, 3, figsize=(11, 6.4), layout='constrained')
    titles = {
        ('exposure', 1.0): 'one exposure of 2400 s, 1 count/s',
        ('exposure', 10.0): 'one exposure of 2400 s, 10 count/s',
        ('visits', 1.0): '3 visits of 8 orbits, 1 count/s',
        ('visits', 10.0): '3 visits of 8 orbits, 10 count/s',
    }
    places = [(0, 0), (0, 1), (1, 0), (1, 1)]
    for place, (key, title) in zip(places, titles.items(), strict=True):
        lines = defaultdict(list)
        for row in numbers['sinusoids']:
            if (row['kind'], row['rate']) == key:
                lines[row['amplitude']].append((row['period'], 100 * row['found'] / row['curves']))
        for k, (amplitude, points) in enumerate(sorted(lines.items())):
            axes[place].plot(*zip(*sorted(points), strict=True), MARKS[k] + '-', ms=4, label=f'{100 * amplitude:.0f} %')
        axes[place].set(xscale='log', ylim=(-4, 104), title=title, xlabel='period, s', ylabel='found, %')
    axes[0, 0].legend(frameon=False, fontsize=8, title='amplitude')
    for ax, kind in ((axes[0, 2], 'flare'), (axes[1, 2], 'eclipse')):
        lines = defaultdict(list)
        for row in numbers['bursts']:
            if row['kind'] == kind:
                lines[row['height']].append((row['duration'], 100 * row['found'] / row['curves']))
        for k, (height, points) in enumerate(sorted(lines.items())):
            label = f'peak {1 + height:g}×' if kind == 'flare' else f'depth {100 * height:.0f} %'
            ax.plot(*zip(*sorted(points), strict=True), MARKS[k] + '-', ms=4, label=label)
        ax.set(xscale='log', ylim=(-4, 104), ylabel='found, %', title=f'{kind}s, 5 count/s')
        ax.set_xlabel('decay time, s' if kind == 'flare' else 'duration, s')
        ax.legend(frameon=False, fontsize=8)
    save(figure, path)


def table(rows):
    """Print the mean and the highest rate of each alarm, and the least binomial probability of a cell."""
    print('\n| Alarm | Stated | Mean of all cells | Highest cell | Least binomial p of a cell |\n|---|---|---|---|---|')
    for name, rate in RATES.items():
        seen = [row[name] / row['curves'] for row in rows]
        least = min(consistent(row)[name] for row in rows)
        print(f'| {TEXTS[name]} | {100 * rate:g} % | {100 * np.mean(seen):.2f} % | {100 * max(seen):.2f} % | {least:.2g} |')


def composites(rows):
    """Print how often constant composites raise each alarm, and the least binomial probability of a cell."""
    print(f'\n| Composite | {" | ".join(TEXTS.values())} |\n|---|{"---|" * len(TEXTS)}')
    for name in dict.fromkeys(row['composite'] for row in rows):
        chosen = [row for row in rows if row['composite'] == name]
        curves = sum(row['curves'] for row in chosen)
        print(f'| {name} | {" | ".join(f"{100 * sum(row[one] for row in chosen) / curves:.2f} %" for one in TEXTS)} |')
    least = {one: f'{min(consistent(row)[one] for row in rows):.2g}' for one in TEXTS}
    print(f'| least binomial p of a cell | {" | ".join(least.values())} |')


def gaps(rows):
    """Print, for every source and composite, how often a period counted, was the right one, and was flagged as the orbit's."""
    names = list(dict.fromkeys(row['gaps'] for row in rows))
    print(f'\n| Source | {" | ".join(names)} |\n|---|{"---|" * len(names)}')
    for source in dict.fromkeys(row['source'] for row in rows):
        chosen = [row for row in rows if row['source'] == source]
        print(f'| {source} | {" | ".join(_shares(row) for row in chosen)} |')


def ranking(rows):
    """Print the interest scores of kinds of sources."""
    print('\n| Source | 5 % below | Median | 5 % above |\n|---|---|---|---|')
    for row in rows:
        print(f'| {row["source"]} | {" | ".join(f"{one:.0f}" for one in row["score"])} |')


def _shares(row):
    counted, right, orbital = (round(100 * row[name] / row['curves']) for name in ('counted', 'right', 'orbital'))
    parts = [f'counted {counted} %', f'right {right} %' if right else '', f'orbit {orbital} %' if orbital else '']
    return ', '.join(part for part in parts if part)
