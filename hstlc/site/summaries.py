"""What the page of summaries says: a heading, the plot's name and its numbers as a table, for each plot."""

from collections.abc import Mapping
from typing import Any

from hstlc.site import text

HEADINGS = {
    'exptime_histogram': ('Exposure time by target', 'Targets observed longest, hours of exposure'),
    'opt_elem': ('Light curves by optical element', 'Number of individual light curves of each grating or filter of COS and STIS'),
    'pie_config_cos_fuv': ('COS FUV', 'Light curves of COS FUV by grating and central wavelength'),
    'pie_config_cos_nuv': ('COS NUV', 'Light curves of COS NUV by grating and central wavelength'),
    'pie_config_stis_fuv': ('STIS FUV', 'Light curves of STIS FUV by grating and central wavelength'),
    'pie_config_stis_nuv': ('STIS NUV', 'Light curves of STIS NUV by grating and central wavelength'),
    'exposures_by_date': ('Exposures by year', 'Number of exposures in each year by instrument'),
}
ORDER = ('exposures_by_date', 'exptime_histogram', 'opt_elem', *(name for name in HEADINGS if name.startswith('pie')))
Table = tuple[list[str], list[list[str]]]


def plots(counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the plots of the page in their order, from the numbers of `hstlc.site.index.summary_counts`."""
    found = []
    for name in ORDER:
        heading, alt = HEADINGS[name]
        columns, rows = _table(name, counts)
        if rows:
            found.append({'name': name, 'heading': heading, 'alt': alt, 'half': 'pie' in name, 'columns': columns, 'rows': rows})
    return found


def _table(name: str, counts: Mapping[str, Any]) -> Table:
    if name == 'exptime_histogram':
        longest = sorted(counts['hours'].items(), key=lambda item: (-item[1], item[0]))
        return ['Target', 'Hours'], [[target, text.number(hours)] for target, hours in longest]
    if name == 'opt_elem':
        ordered = sorted(counts['elements'].items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
        return ['Instrument', 'Optical element', 'Light curves'], [[inst, element, text.count(n)] for (inst, element), n in ordered]
    if name == 'exposures_by_date':
        return _years(counts['years'])
    ring = sorted(counts['rings'][name.removeprefix('pie_config_')].items(), key=lambda item: (-item[1], item[0]))
    return ['Configuration', 'Light curves'], [[configuration, text.count(n)] for configuration, n in ring]


def _years(by_year: Mapping[str, Mapping[int, int]]) -> Table:
    years = sorted({year for found in by_year.values() for year in found})
    instruments = sorted(by_year)
    return ['Year', *instruments], [
        [str(year), *(text.count(by_year[name].get(year, 0)) for name in instruments)] for year in years
    ]
