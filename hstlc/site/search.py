"""The guide's search index: its pages cut into sections, as data that a classic script can carry."""

import re
from html.parser import HTMLParser

HEADINGS = {'h1', 'h2', 'h3'}
SILENT = {'script', 'style', 'nav', 'aside', 'header', 'footer', 'title'}


class _Sections(HTMLParser):
    """Collects what stands in <main>, heading by heading."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[dict[str, str]] = []
        self._inside = False
        self._silent = 0
        self._heading = False
        self._permalink = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inside = self._inside or tag == 'main'
        self._silent += tag in SILENT
        self._permalink = tag == 'a' and given.get('class') == 'headerlink'
        if self._inside and tag in HEADINGS:
            self._heading = True
            self.sections.append({'id': given.get('id') or '', 'title': '', 'text': ''})

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT
        self._permalink = False
        if tag in HEADINGS:
            self._heading = False
        if tag == 'main':
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside and not self._silent and not self._permalink and self.sections:
            self.sections[-1]['title' if self._heading else 'text'] += data


def sections(page: str, html: str) -> list[dict[str, str]]:
    """Return title, text and address (relative to the guide) of each section of a page."""
    collector = _Sections()
    collector.feed(html)
    return [
        {
            'href': f'{page}#{one["id"]}' if one['id'] else page,
            'title': _tidy(one['title']),
            'text': _tidy(one['text']),
        }
        for one in collector.sections
    ]


def _tidy(text: str) -> str:
    return re.sub(r'\s+', ' ', text).strip()
