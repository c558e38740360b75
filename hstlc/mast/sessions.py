"""Connections to servers that may be broken or hostile: no redirection to plain http, no answer without end."""

import re
import time
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from hstlc import __version__
from hstlc.errors import SettingsError
from hstlc.mast.addresses import is_secure, require_secure
from hstlc.mast.records import FileStatus

BLOCK = 1 << 16
LARGEST = 50_000_000  # bytes of an answer, unpacked; a page of 5000 datasets has some 3 MB
LONGEST = 5  # an answer may take so many times as long as the longest silence
CONNECT_S = 10.0
GZIP = zlib.MAX_WBITS + 16  # zlib's way to say that a gzip header follows


class RefusedError(Exception):
    """A file cannot be had from an address; `again` says whether another try may help."""

    def __init__(self, reason: str, status: FileStatus, http: int | None = None, *, again: bool = True) -> None:
        super().__init__(reason)
        self.status, self.http, self.again = status, http, again
        self.pause_s: float | None = None  # what the server asks for


class EndlessAnswerError(requests.RequestException):
    """An answer is larger, or takes longer, than any that makes sense."""


class GuardedSession(requests.Session):
    """A session that follows no redirection to an address that is not encrypted, and reads no answer without bounds.

    Parameters
    ----------
    contact : str
        Told to the servers, should we be a burden.
    timeout_s : float
        Without a byte.
    encoding : str
        Answers may come as they are (identity) or packed (gzip).
    """

    def __init__(self, contact: str = '', *, timeout_s: float = 60.0, encoding: str = 'gzip') -> None:
        super().__init__()
        self.timeout_s = timeout_s
        self.headers.update({'User-Agent': agent(contact), 'Accept-Encoding': encoding})

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a request; unless the answer is to be streamed, it is read here, within bounds.

        Raises
        ------
        EndlessAnswerError
            The answer is too large or takes too long.
        """
        streamed = options.pop('stream', False)
        if options.get('timeout') is None:
            options['timeout'] = (min(CONNECT_S, self.timeout_s), self.timeout_s)
        answer = super().send(request, stream=True, **options)
        # Nothing is unpacked behind our back: a small body may unpack to a very large one.
        packed = answer.raw.headers.pop('Content-Encoding', 'identity') == 'gzip'
        if not streamed:
            with answer:
                answer._content = b''.join(_bounded(answer, packed, LONGEST * self.timeout_s))
        return answer

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where an answer redirects to.

        Raises
        ------
        RefusedError
            The address is not encrypted, or another machine points at this one.
        """
        target = super().get_redirect_target(resp)
        if not target:
            return None
        resp._content = b''  # else it would be read, whatever its size
        try:
            address = require_secure(urljoin(resp.url, target))
            if is_secure(resp.url) and not is_secure(address):
                raise SettingsError(f'an address on this machine after {urlsplit(resp.url).hostname}')
        except SettingsError as error:
            resp.close()
            raise RefusedError(f'redirected: {error}', FileStatus.ERROR, resp.status_code, again=False) from error
        return address


def _bounded(answer: requests.Response, packed: bool, longest_s: float) -> Iterator[bytes]:
    """Yield the body of an answer, unpacked."""
    unpack = zlib.decompressobj(GZIP) if packed else None
    began, size = time.monotonic(), 0
    for block in answer.iter_content(BLOCK):
        try:
            piece = unpack.decompress(block, LARGEST - size + 1) if unpack else block
        except zlib.error as error:
            raise requests.exceptions.ContentDecodingError(f'the answer is not packed as it says: {error}') from error
        size += len(piece)
        if size > LARGEST:
            raise EndlessAnswerError(f'the answer has more than {LARGEST} bytes')
        if time.monotonic() - began > longest_s:
            raise EndlessAnswerError(f'the answer takes more than {longest_s:.0f} s')
        yield piece
    if unpack and not unpack.eof:
        raise requests.exceptions.ContentDecodingError('the answer breaks off')


def agent(contact: str) -> str:
    """Return who we say that we are."""
    parts = ('light curves from Hubble', re.sub(r'[^\x20-\x7e]|[()]', '', contact), f'python-requests/{requests.__version__}')
    return f'hstlc/{__version__} ({"; ".join(part for part in parts if part)})'


def reason(error: Exception) -> str:
    """Return what went wrong: one short line, without the parts of an address that may hold a key or a password."""
    kind = type(error).__name__
    said = {'ReadTimeout': 'no answer in time', 'ConnectTimeout': 'no connection in time'}
    line = re.sub(r'://[^/@\s]*@', '://', ' '.join(str(error).split())) or 'no reason given'
    return said.get(kind) or re.sub(r'\?\S*', '?...', f'{kind}: {line}')[:200]
