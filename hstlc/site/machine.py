"""What machines read: Atom feed, sitemap, robots.txt, and how to cite the site."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from hstlc.site.listing import Listing, Row
from hstlc.site.render import clean
from hstlc.site.text import grating

ATOM = 'http://www.w3.org/2005/Atom'
SITEMAP = 'http://www.sitemaps.org/schemas/sitemap/0.9'
NEWEST = 50  # entries of the feed
MOST_ADDRESSES = 50_000  # in one sitemap (sitemaps.org)
NEVER = '1970-01-01'


def changes(listing: Listing, known: Mapping[str, Row], now: str) -> dict[str, str]:
    """Return when each light curve last changed, by its stem.

    That is the day of its last exposure; or the moment, `now`, when its file was first seen to differ from what a manifest said
    before: `known`, by path. What did not change since keeps its moment.
    """
    days = {stem: curve['ingest_date'][:10] or NEVER for stem, curve in listing.curves.items()}
    return {one['stem']: _changed(days[one['stem']], one, known.get(one['product']), now) for one in listing.rows}


def _changed(day: str, one: Mapping[str, Any], before: Mapping[str, Any] | None, now: str) -> str:
    if before is None:
        return day
    return max(day, str(before.get('updated') or day)) if before['sha256'] == one['sha256'] else now


def newest(rows: Sequence[Row], changed: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Return when each light curve last changed, and its row; newest first."""
    dated = [(changed[one['stem']], one) for one in rows]
    dated.sort(key=lambda item: item[1]['stem'])
    return sorted(dated, key=lambda item: item[0], reverse=True)


def feed(listing: Listing, latest: Sequence[tuple[str, dict[str, Any]]], site_url: str) -> str:
    """Return the Atom feed (RFC 4287) of the newest light curves; addresses are relative where the site's own is not known."""
    found = latest[:NEWEST]
    root = ElementTree.Element('feed', {'xmlns': ATOM})
    _put(root, 'id', site_url or 'urn:hstlc:site')
    _put(root, 'title', listing.title)
    _put(root, 'updated', _moment(found[0][0] if found else NEVER))
    _put(ElementTree.SubElement(root, 'author'), 'name', listing.contact or 'hstlc')
    ElementTree.SubElement(root, 'link', {'rel': 'self', 'href': address(site_url, 'feed.xml')})
    ElementTree.SubElement(root, 'link', {'rel': 'alternate', 'type': 'text/html', 'href': address(site_url, 'index.html')})
    for day, one in found:
        _entry(root, listing, day, one, site_url)
    return _document(root)


def _entry(root: ElementTree.Element, listing: Listing, day: str, one: dict[str, Any], site_url: str) -> None:
    kind = 'composite' if one['composite'] else 'exposure'
    entry = ElementTree.SubElement(root, 'entry')
    _put(entry, 'id', f'urn:hstlc:{quote(one["stem"])}')
    _put(entry, 'title', f'{one["target"]}, {one["instrument"]} {grating(one["opt_elem"], one["cenwave"])} ({kind})')
    _put(entry, 'updated', _moment(day))
    ElementTree.SubElement(entry, 'link', {'href': address(site_url, f'lightcurves/{quote(one["stem"])}.html')})
    _put(entry, 'summary', listing.curves[one['stem']]['alt'])


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = clean(text)


def _moment(when: str) -> str:
    return when if 'T' in when else f'{when}T00:00:00Z'


def _document(root: ElementTree.Element) -> str:
    ElementTree.indent(root, ' ')
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding='unicode') + '\n'


def address(site_url: str, path: str) -> str:
    """Return the address of a page; relative where the site's own is not known."""
    return f'{site_url.rstrip("/")}/{path}' if site_url else path


def sitemaps(pages: Iterable[str], site_url: str) -> dict[str, str]:
    """Return the sitemap's files by name; more than one where there are more pages than one may hold."""
    found = [address(site_url, quote(page)) for page in pages]
    parts = [found[start : start + MOST_ADDRESSES] for start in range(0, max(1, len(found)), MOST_ADDRESSES)]
    if len(parts) == 1:
        return {'sitemap.xml': _sitemap('urlset', 'url', parts[0])}
    names = [f'sitemap-{k}.xml' for k in range(1, len(parts) + 1)]
    listed = {name: _sitemap('urlset', 'url', part) for name, part in zip(names, parts, strict=True)}
    return {'sitemap.xml': _sitemap('sitemapindex', 'sitemap', [address(site_url, name) for name in names]), **listed}


def _sitemap(kind: str, item: str, addresses: Iterable[str]) -> str:
    root = ElementTree.Element(kind, {'xmlns': SITEMAP})
    for one in addresses:
        _put(ElementTree.SubElement(root, item), 'loc', one)
    return _document(root)


def robots(site_url: str) -> str:
    """Return robots.txt: everything may be read."""
    return f'User-agent: *\nAllow: /\nSitemap: {address(site_url, "sitemap.xml")}\n'


def bibtex(listing: Listing, year: str, site_url: str) -> str:
    """Return how to cite the site, for BibTeX."""
    fields = {
        'title': f'{{{_tex(listing.title)}}}',
        'author': '{The hstlc developers}',
        'year': year,
        'doi': _bare(listing.doi),
        'url': _bare(site_url),
        'note': 'Light curves from public COS and STIS TIME-TAG data of the NASA/ESA Hubble Space Telescope, obtained from MAST',
    }
    lines = [f'  {name} = {{{value}}},' for name, value in fields.items() if value]
    return '\n'.join(['@misc{hstlc,', *lines, '}', ''])


def _tex(text: str) -> str:
    return ''.join(f'\\{one}' if one in '&%$#_{}' else one for one in clean(text) if one != '\\')


def _bare(text: str) -> str:
    return ''.join(one for one in clean(text) if one not in '{}\\')


def citation(listing: Listing, day: str, site_url: str) -> str:
    """Return CITATION.cff of the site (citation-file-format.github.io, 1.2.0); `day` is that of its newest light curve."""
    lines = [
        'cff-version: 1.2.0',
        'message: If you use these light curves, please cite them, and acknowledge Hubble and MAST.',
        'type: dataset',
        f'title: {_quoted(listing.title)}',
        f'date-released: {day}',
        f'doi: {_quoted(listing.doi)}' if listing.doi else '',
        f'url: {_quoted(site_url)}' if site_url else '',
        'authors:',
        '  - name: The hstlc developers',
    ]
    return '\n'.join(line for line in lines if line) + '\n'


def _quoted(text: str) -> str:
    return '"' + clean(text).replace('\\', '\\\\').replace('"', '\\"') + '"'
