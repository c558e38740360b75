"""What the pages that list things say: home, browse, tables, summaries, and the catalog for machines."""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from hstlc.site import sky, text
from hstlc.site.listing import Listing
from hstlc.site.render import clean
from hstlc.site.rows import FIELDS

CATALOG_VERSION = 1
NOT_IN_BROWSER = {'product', 'sha256'}
REPEATED = {'target', 'slug', 'aliases', 'instrument', 'detector', 'opt_elem', 'aperture', 'warnings'}  # columns of text
SHOWN, LATEST = 8, 5  # light curves on the home page
PAGE = 200  # rows of a table page that is read without JavaScript
Rows = list[dict[str, Any]]

TABLES = {  # name: heading, what it holds
    'composites': ('Composite light curves', 'All exposures of a target in one configuration.'),
    'individual': ('Individual light curves', 'One exposure each.'),
    'interesting': (
        'Interesting light curves',
        'Composites whose Poisson factor reaches the limit of the original system; a strong background alone can do that, too.',
    ),
    'boring': ('Constant light curves', 'Composites whose Poisson factor stays below that limit.'),
    'null': ('Light curves without statistics', 'Composites in which nothing was detected above the background.'),
}
TABS = [(name, heading) for name, (heading, _) in TABLES.items()]


def common(listing: Listing) -> dict[str, Any]:
    """Return what every page needs."""
    return {'title': listing.title, 'contact': listing.contact, 'doi': listing.doi}


def home_context(listing: Listing) -> dict[str, Any]:
    """Return what the home page says."""
    rows = listing.rows
    individual, composites = (selection(listing, name) for name in ('individual', 'composites'))
    newest = max((one['mjd_end'] for one in rows if one['mjd_end'] is not None), default=None)
    variable, best = _shown(listing, composites)
    latest = sorted(composites, key=lambda one: (-(one['mjd_end'] or 0.0), one['stem']))[:LATEST]
    positions = _positions(listing)
    return {
        **common(listing),
        'counts': [
            {'value': text.count(len({one['slug'] for one in rows})), 'name': 'targets'},
            {'value': text.count(len(rows)), 'name': 'light curves'},
            {'value': text.count(len(individual)), 'name': 'exposures'},
            {'value': text.duration(sum(one['exptime_s'] for one in individual)), 'name': 'exposure time'},
        ],
        'newest': text.day(newest),
        'variable': variable,
        'best': [{**one, 'alt': listing.curves[one['stem']]['alt'], 'configuration': _configuration(one)} for one in best],
        'latest': [{**one, 'configuration': _configuration(one)} for one in latest],
        'sky': {'grid': sky.graticule(), 'points': sky.points(positions), 'n': len(positions)},
    }


def _shown(listing: Listing, composites: Rows) -> tuple[bool, Rows]:
    """Return whether any composite varies, and the most interesting of those; of all where none does."""
    variable = [one for one in composites if listing.curves[one['stem']]['varies']]
    ordered = sorted(
        variable or composites, key=lambda one: (-(one['x_interest'] or 0.0), -(one['scatter_ratio'] or 0.0), one['stem'])
    )
    return bool(variable), ordered[:SHOWN]


def _positions(listing: Listing) -> list[tuple[float, float]]:
    return [
        (one['ra_deg'], one['dec_deg'])
        for one in listing.targets
        if one['ra_deg'] is not None and one['dec_deg'] is not None and not one['moving']
    ]


def _configuration(one: dict[str, Any]) -> str:
    return f'{one["instrument"]} {text.grating(one["opt_elem"], one["cenwave"])}'


def catalog(listing: Listing) -> dict[str, Any]:
    """Return catalog.json: names of the columns and the rows, with a version."""
    return {
        'version': CATALOG_VERSION,
        'interesting': listing.interesting,
        'columns': list(FIELDS),
        'rows': [[one[name] for name in FIELDS] for one in listing.rows],
    }


def browser_catalog(found: dict[str, Any]) -> dict[str, Any]:
    """Return the catalog as browse loads it: column by column, without checksums and what follows from the name.

    A column of numbers is a list; one of text, which repeats itself, its `texts` and for each of the `rows` which of them.
    """
    kept = [(k, name) for k, name in enumerate(found['columns']) if name not in NOT_IN_BROWSER]
    return {
        **{name: value for name, value in found.items() if name != 'rows'},
        'n': len(found['rows']),
        'columns': {name: _column(name, [row[k] for row in found['rows']]) for k, name in kept},
    }


def _column(name: str, values: list[Any]) -> list[Any] | dict[str, list[Any]]:
    if name not in REPEATED:
        return values
    texts = [tuple(clean(one) for one in value) if isinstance(value, list) else clean(value) for value in values]
    place = {text: k for k, text in enumerate(dict.fromkeys(texts))}
    return {'texts': list(place), 'rows': [place[text] for text in texts]}


def selection(listing: Listing, name: str) -> Rows:
    """Return the rows of a named table."""
    chosen = [one for one in listing.rows if one['composite'] is (name != 'individual')]
    return chosen if name in ('composites', 'individual') else [one for one in chosen if listing.verdict(one) == name]


def table_pages(listing: Listing) -> dict[str, dict[str, Any]]:
    """Return the contexts of the plain tables by page name: `composites`, `composites-2`, ..."""
    pages: dict[str, dict[str, Any]] = {}
    for name, (heading, lead) in TABLES.items():
        chosen = selection(listing, name)
        last = max(1, -(-len(chosen) // PAGE))
        for page in range(1, last + 1):
            rows = chosen[(page - 1) * PAGE : page * PAGE]
            here = {
                **common(listing), 'name': name, 'heading': heading, 'lead': lead, 'n': len(chosen), 'page': page, 'last': last,
                'rows': rows, 'ready': listing.ready(rows) if last > 1 else None, 'tables': TABS,
            }  # fmt: skip
            pages[name if page == 1 else f'{name}-{page}'] = here
    return pages


def rejected_context(listing: Listing) -> dict[str, Any]:
    """Return what the page of rejected exposures says."""
    return {**common(listing), 'rows': listing.rejected, 'tables': TABS}


def summary_counts(listing: Listing) -> dict[str, Any]:
    """Return the numbers that the summary plots draw, of individual light curves."""
    hours: dict[str, float] = defaultdict(float)
    elements: Counter[tuple[str, str]] = Counter()
    rings: dict[str, Counter[str]] = {name: Counter() for name in ('cos_fuv', 'cos_nuv', 'stis_fuv', 'stis_nuv')}
    years: dict[str, Counter[int]] = defaultdict(Counter)
    for curve in listing.curves.values():
        one = curve['row']
        if one['composite']:
            continue
        hours[one['target']] += one['exptime_s'] / 3600.0
        elements[one['instrument'], one['opt_elem']] += 1
        ring = rings.get(f'{one["instrument"]}_{one["detector"][:3]}'.lower())
        if ring is not None:
            ring[text.grating(one['opt_elem'], one['cenwave'])] += 1
        years[one['instrument']][(text.EPOCH + timedelta(days=curve['start_mjd'] or 0.0)).year] += 1
    return {
        'hours': dict(hours),
        'elements': dict(elements),
        'rings': {k: dict(v) for k, v in rings.items()},
        'years': {k: dict(v) for k, v in years.items()},
    }
