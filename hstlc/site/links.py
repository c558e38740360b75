"""What a page refers to inside the site."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

REFERENCES = {'a': 'href', 'link': 'href', 'img': 'src', 'script': 'src', 'form': 'action', 'source': 'src'}

TAG = re.compile(  # those that refer to something, and those that can be referred to
    rf"""<(?:(?:{'|'.join(REFERENCES)})\b|[a-z][a-z0-9]*\s(?:[^>"']|"[^"]*"|'[^']*')*?\bid\s*=)(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE
)


class _Collector(HTMLParser):
    CDATA_CONTENT_ELEMENTS = ()  # nothing but tags is fed

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and (name == REFERENCES.get(tag) or (tag, name) == ('img', 'data-src')):
                self.found.append(value)
            if value and (name == 'id' or (name == 'name' and tag == 'a')):
                self.anchors.add(value)


def references(html: str) -> tuple[list[str], set[str]]:
    """Return what a page refers to, as it is written there, and the names of places in it.

    Python's parser takes five times as long for all tags of a long table as for those that matter.
    """
    collector = _Collector()
    collector.feed(''.join(TAG.findall(html)))
    return collector.found, collector.anchors


def local(reference: str) -> tuple[str, str] | None:
    """Return path and fragment of a reference that stays inside the site, decoded; None for what leads out of it."""
    parts = urlsplit(reference)
    if parts.scheme or parts.netloc:
        return None
    return unquote(parts.path), unquote(parts.fragment)
