"""The numbers of the summary plots: exposure time, optical elements, configurations, dates. `hstlc.figures.charts` has the plots.

Each function returns what `site_templates/assets/summary.js` puts into a plot: its name, its columns, the categories of its axis
in their order, its height where that depends on them.
"""

from collections.abc import Mapping
from math import pi
from typing import Any

MOST = 30  # targets in the exposure-time chart
OTHER = 'other'
SLICES = ('0', '1', '2', '3', '4', '5', '6', OTHER)  # of a ring, each with its colour
COLUMNS = {
    'times': ('name', 'hours'),
    'elements': ('x', 'count'),
    'ring': ('name', 'count', 'start', 'end', 'slice'),
    'years': ('year', 'COS', 'STIS'),
}


def exposure_times(hours: Mapping[str, float]) -> dict[str, Any]:
    """Return the summed exposure time of the longest observed targets, hours."""
    longest = sorted(hours.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    # a factor may stand on an axis only once; header text can be long
    names = [_distinct(name, k) for k, (name, _) in enumerate(longest)][::-1]
    columns = (names, [value for _, value in longest][::-1])
    return _numbers('times', columns, names or ['none'], height=90 + 22 * max(len(names), 2))


def optical_elements(counts: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """Return the number of light curves by instrument and optical element."""
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    factors = [list(key) for key, _ in ordered]
    return _numbers('elements', (factors, [n for _, n in ordered]), factors or [['', 'none']])


def configurations(counts: Mapping[str, int]) -> dict[str, Any]:
    """Return one detector's light curves by grating and central wavelength, and the angles of their parts of a ring."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    most = len(SLICES) - 1
    rest = sum(n for _, n in ordered[most:])
    parts = [*ordered[:most], *([(OTHER, rest)] if rest else [])]
    total = sum(n for _, n in parts)
    ends = [2 * pi * sum(n for _, n in parts[: k + 1]) / total for k in range(len(parts))]
    columns = (
        [f'{name} ({n})' for name, n in parts],
        [n for _, n in parts],
        [pi / 2 - end for end in ends],
        [pi / 2 - start for start in [0.0, *ends][: len(ends)]],
        [*SLICES[: len(parts) - bool(rest)], *([OTHER] if rest else [])],
    )
    return _numbers('ring', columns)


def exposure_dates(by_year: Mapping[str, Mapping[int, int]]) -> dict[str, Any]:
    """Return the number of exposures in each year, by instrument."""
    years = sorted({year for counts in by_year.values() for year in counts})
    every = range(years[0], years[-1] + 1) if years else ()
    names = [str(year) for year in every]
    counts = [[by_year.get(instrument, {}).get(year, 0) for year in every] for instrument in COLUMNS['years'][1:]]
    return _numbers('years', (names, *counts), names or ['none'])


def _numbers(
    figure: str, columns: tuple[list[Any], ...], factors: list[Any] | None = None, height: int | None = None
) -> dict[str, Any]:
    return {'figure': figure, 'columns': dict(zip(COLUMNS[figure], columns, strict=True)), 'factors': factors, 'height': height}


def _distinct(name: str, place: int) -> str:
    name = ''.join(one for one in name if one.isprintable())
    short = name if len(name) <= 24 else f'{name[:22]}…{place}'
    return short or f'(no name) {place}'
