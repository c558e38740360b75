"""What else an object is called: the name service Sesame of CDS, with a cache that never forgets on its own."""

import json
import math
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import requests

from hstlc.errors import ArchiveError
from hstlc.mast.addresses import require_secure
from hstlc.mast.jsonlines import append, to_lines
from hstlc.mast.sessions import GuardedSession, RefusedError

SERVICE = 'sesame'
TOGETHER = 20  # names in one question
_PREFIX = re.compile(r'^(?:V\*|\*\*|\*|NAME|EM\*|QSO)\s+')


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What the service knows of a name; without aliases it knows nothing."""

    query: str
    service: str
    date: str  # ISO 8601, UTC
    aliases: tuple[str, ...] = ()  # the service's main name first
    ra_deg: float | None = None
    dec_deg: float | None = None


def plain(alias: str) -> str:
    """Return an alias without blanks and without SIMBAD's marks, upper case, for comparison: `V* V376 Peg` is V376PEG."""
    return re.sub(r'[\s-]+', '', _PREFIX.sub('', alias.strip().upper()))


def spoken(name: str) -> str:
    """Return a name of the archive as the service expects it: blanks for hyphens, except where one may be a sign (`BD-13`)."""
    return re.sub(r'-(?=[A-Z])', ' ', name)


def read_answer(text: str, queries: Sequence[str], date: str) -> tuple[Identity, ...]:
    """Return what an answer of Sesame (XML) says of each name that was asked for, in their order.

    Raises
    ------
    ValueError
        It is not an answer of Sesame, or tells of another number of names.
    """
    if '<!ENTITY' in text:  # of no use but to make a small text a large one
        raise ValueError('not an answer of Sesame: it defines entities')
    try:
        targets = ET.fromstring(text).findall('.//Target')
    except ET.ParseError as error:
        raise ValueError(f'not an answer of Sesame: {error}') from error
    if len(targets) != len(queries):
        raise ValueError(f'{len(targets)} answers to {len(queries)} names')
    return tuple(_identity(target, query, date) for target, query in zip(targets, queries, strict=True))


def _identity(target: ET.Element, query: str, date: str) -> Identity:
    resolvers = [one for one in target.findall('Resolver') if one.find('oname') is not None or one.find('alias') is not None]
    names = [item.text.strip() for one in resolvers for item in (*one.findall('oname'), *one.findall('alias')) if item.text]
    ra, dec = (_first_number(resolvers, tag) for tag in ('jradeg', 'jdedeg'))
    return Identity(query=query, service=SERVICE, date=date, aliases=tuple(dict.fromkeys(names)), ra_deg=ra, dec_deg=dec)


def _first_number(elements: Sequence[ET.Element], tag: str) -> float | None:
    found = next((float(text) for one in elements if (text := one.findtext(tag))), None)
    return found if found is not None and math.isfinite(found) else None


class NamesCache:
    """Answers, one line of JSON each; a torn line is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, Identity] = {}
        for line in path.read_bytes().splitlines() if path.is_file() else ():
            try:
                values = json.loads(line)
                self.known[values['query']] = Identity(**{**values, 'aliases': tuple(values['aliases'])})
            except (ValueError, TypeError, KeyError):
                continue

    def add(self, answers: Sequence[Identity]) -> None:
        """Keep answers.

        Raises
        ------
        StateError
            The cache cannot be written.
        """
        append(self.path, to_lines(asdict(one) for one in answers))
        self.known.update({one.query: one for one in answers})


def ask_sesame(
    server: str, names: Sequence[str], *, timeout_s: float, date: str, contact: str = '', pause_s: float = 0.5
) -> tuple[Identity, ...]:
    """Ask the name service; not more often than it likes.

    Parameters
    ----------
    server : str
        Its address.
    names : sequence of str
        Names of objects, as the archive writes them.
    timeout_s : float
        Of one question.
    date : str
        Goes into the answers.
    contact : str
        Told to the service.
    pause_s : float
        Between questions.

    Raises
    ------
    ArchiveError
        It does not answer as it should.
    """
    found: list[Identity] = []
    with GuardedSession(contact, timeout_s=timeout_s) as session:
        for k in range(0, len(names), TOGETHER):
            part = names[k : k + TOGETHER]
            address = f'{require_secure(server).rstrip("/")}/-oxpI/SNV?{"&".join(quote(spoken(name)) for name in part)}'
            if k:
                time.sleep(pause_s)
            try:
                answer = session.get(address)
                answer.raise_for_status()
                found += read_answer(answer.text, part, date)
            except (requests.RequestException, RefusedError, ValueError) as error:
                raise ArchiveError(f'the name service at {server} gives no usable answer ({error}); try again later') from error
    return tuple(found)
