"""What a page refers to inside the site."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

REFERENCES = {'a': 'href', 'link': 'href', 'img': 'src', 'script': 'src', 'form': 'action', 'source': 'src'}

REST = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""  # of a tag
NAMED = rf'[a-z][a-z0-9]*\s{REST}?\bid\s*='  # the beginning of a tag that can be referred to
TAG = re.compile(rf'<(?:(?:{"|".join(REFERENCES)})\b|{NAMED}){REST}>', re.IGNORECASE)

# most tags: names in lower case, values in double quotes without entities
PLAIN = re.compile(r'<([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"&]*")?)*)>')
PATH = re.compile(r'(?!/)[\w./~-]+', re.ASCII)  # most references: nothing but a path within the site, as it is
ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"&]*)"')


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.anchors: set[str] = set()

    def set_cdata_mode(self, elem: str, **_: bool) -> None:
        """Expect no script after its tag: nothing but tags is fed."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and (name == REFERENCES.get(tag) or (tag, name) == ('img', 'data-src')):
                self.found.append(value)
            if value and (name == 'id' or (name == 'name' and tag == 'a')):
                self.anchors.add(value)


def references(html: str) -> tuple[list[str], set[str]]:
    """Return what a page refers to, as it is written there, and the names of places in it.

    Python's parser takes five times as long for all tags of a long table as for those that matter, and twice as long for those as
    for the ones that are not plain.
    """
    collector = _Collector()
    for tag in TAG.findall(html):
        if plain := PLAIN.fullmatch(tag):
            collector.handle_starttag(plain[1], ATTRIBUTE.findall(plain[2]))
        else:
            collector.feed(tag)
    return collector.found, collector.anchors


def local(reference: str) -> tuple[str, str] | None:
    """Return path and fragment of a reference that stays inside the site, decoded; None for what leads out of it."""
    if PATH.fullmatch(reference):
        return reference, ''
    parts = urlsplit(reference)
    if parts.scheme or parts.netloc:
        return None
    return unquote(parts.path), unquote(parts.fragment)
