"""One file at a time: whatever the server does, a name holds a whole, right file or what it held before."""

import hashlib
import threading
import time
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urljoin

import pytest
import requests
from archive_server import Fault, fits_bytes

from hstlc import __version__
from hstlc.errors import SettingsError, StateError
from hstlc.files.integrity import check_whole
from hstlc.mast import fetch as module
from hstlc.mast.addresses import crds_address, mast_address, require_secure, s3_address
from hstlc.mast.fetch import Fetcher, retry_after
from hstlc.mast.pace import Pace, Stopped
from hstlc.mast.records import ArchiveFile, FileStatus
from hstlc.mast.sessions import GuardedSession, RefusedError, agent, reason

NAME = 'lexp01a1q_corrtag_a.fits'
BODY = fits_bytes('new', events=400)
SIZE = len(BODY)
OLD = b'old but whole'
FILE = ArchiveFile(name=NAME, uri=f'LEXP01010/{NAME}', datasets=('LEXP01010',), size=len(BODY))


def fetcher(**changes):
    options = {'timeout_s': 10.0, 'tries': 2, 'pause_s': 0.01} | changes
    return Fetcher(Pace(1000.0), **options)


def get(server, target, fetcher, listed=SIZE):
    try:
        return fetcher.fetch(mast_address(server.url, FILE), target, check_whole, listed)
    finally:
        fetcher.close()


@pytest.fixture
def target(server, tmp_path):
    """A file of an earlier delivery, and the server that has a newer one."""
    server.put('LEXP01010', {NAME: BODY})
    path = tmp_path / NAME
    path.write_bytes(OLD)
    return path


def test_a_file_arrives_and_replaces_the_older(server, target):
    fetched = get(server, target, fetcher())
    assert target.read_bytes() == BODY
    assert (fetched.bytes, fetched.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert (fetched.etag, fetched.modified) == ('"abc"', 'Thu, 01 Jan 1970 00:00:00 GMT')
    assert list(target.parent.iterdir()) == [target]


FAULTS = {
    'short body with its length': (Fault('short'), FileStatus.ERROR, 'Error'),
    'short body without length': (Fault('no_length'), FileStatus.ERROR, f'{len(BODY) // 2} of {len(BODY)} bytes came'),
    'ends where a part of the file ends': (Fault('hdu'), FileStatus.ERROR, f'2880 of {len(BODY)} bytes came'),
    'chunks that stop': (Fault('chunked'), FileStatus.ERROR, 'Error'),
    'stalled': (Fault('stall'), FileStatus.ERROR, 'timed out'),
    '401': (Fault('status', status=401), FileStatus.DENIED, 'HTTP 401'),
    '403': (Fault('status', status=403), FileStatus.DENIED, 'HTTP 403'),
    '404': (Fault('status', status=404), FileStatus.MISSING, 'HTTP 404'),
    '418': (Fault('status', status=418), FileStatus.ERROR, 'HTTP 418'),
    '429': (Fault('status', status=429, Retry_After='0'), FileStatus.ERROR, 'HTTP 429'),
    '500': (Fault('status', status=500), FileStatus.ERROR, 'HTTP 500'),
    '503': (Fault('status', status=503), FileStatus.ERROR, 'HTTP 503'),
    'packed, although asked not to': (Fault('packed'), FileStatus.ERROR, "not a FITS file, begins with b'\\\\x1f"),
    'a page with status 200': (Fault('html'), FileStatus.ERROR, "not a FITS file, begins with b'<html>We are down fo'"),
    'to http': (
        Fault('status', status=302, Location='http://example.org/x'),
        FileStatus.ERROR,
        'redirected: .* must begin with https',
    ),
}


def patience(name):
    return {'timeout_s': 0.5} if name == 'stalled' else {}


ONCE = {'401', '403', '404', '418', 'to http'}  # asking again does not help


@pytest.mark.parametrize('name', FAULTS)
def test_of_a_faulty_transfer_nothing_stays(server, target, name):
    fault, status, reason = FAULTS[name]
    server.faults[NAME] = Fault(fault.kind, None, fault.status, **fault.headers)
    counted = []
    with pytest.raises(RefusedError, match=reason) as error:
        get(server, target, fetcher(received=counted.append, **patience(name)))
    assert error.value.status is status
    assert target.read_bytes() == OLD
    assert list(target.parent.iterdir()) == [target]
    assert len(server.fetched()) == (1 if name in ONCE else 2)
    assert sum(counted) == 0


@pytest.mark.parametrize('name', [name for name in FAULTS if name not in ONCE])
def test_a_fault_that_passes_is_survived(server, target, name):
    fault = FAULTS[name][0]
    server.faults[NAME] = Fault(fault.kind, 1, fault.status, **fault.headers)
    get(server, target, fetcher(**patience(name)))
    assert target.read_bytes() == BODY
    assert len(server.fetched()) == 2


def test_a_pause_that_the_server_asks_for_is_kept_by_all(server, target):
    server.faults[NAME] = Fault('status', 1, 429, Retry_After='1')
    one = fetcher()
    began = time.monotonic()
    get(server, target, one)
    assert time.monotonic() - began >= 1
    server.faults[NAME] = Fault('status', None, 503, Retry_After='4000')
    with pytest.raises(RefusedError) as error:
        get(server, target, one)
    assert error.value.pause_s == 4000
    assert len(server.fetched()) == 3  # too long to wait for: left to the next run


def test_retry_after_may_be_a_date():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after('Thu, 01 Jan 2026 00:00:30 GMT', now) == 30
    assert retry_after('Wed, 31 Dec 2025 00:00:00 GMT', now) == 0
    assert retry_after(' 7 ', now) == 7
    assert [retry_after(value, now) for value in (None, 'soon', '')] == [None, None, None]


def test_a_changed_file_of_equal_size_is_fetched(server, target):
    changed = fits_bytes('NEW', events=400)
    assert len(changed) == len(BODY)
    assert changed != BODY
    target.write_bytes(BODY)
    server.bodies[NAME] = changed
    assert get(server, target, fetcher()).sha256 == hashlib.sha256(changed).hexdigest()
    assert target.read_bytes() == changed


def test_a_whole_file_of_another_size_than_listed_is_taken(server, target):
    assert get(server, target, fetcher(), listed=len(BODY) + 2880).bytes == len(BODY)
    assert get(server, target, fetcher(), listed=None).bytes == len(BODY)


@pytest.mark.parametrize(
    ('body', 'reason'),
    [
        (BODY[:-2880], 'damaged or it is not whole'),
        (BODY + b' ' * 2880, 'damaged or it is not whole'),
        (BODY[:-1], 'damaged or it is not whole'),
        (b'', "begins with b''"),
    ],
)
def test_a_file_that_is_not_as_long_as_its_headers_say_is_refused(server, target, body, reason):
    server.bodies[NAME] = body
    with pytest.raises(RefusedError, match=reason):
        get(server, target, fetcher(), listed=len(body))
    assert target.read_bytes() == OLD


def test_a_crawling_server_is_given_up(server, target, monkeypatch):
    server.bodies[NAME] = fits_bytes('large', events=100_000)
    clock = iter(range(0, 10_000, 100))  # every block takes 100 s
    monkeypatch.setattr(module.time, 'monotonic', lambda: next(clock))
    with pytest.raises(RefusedError, match='only 65536 bytes in 100 s'):
        get(server, target, Fetcher(Pace(1000.0, clock=lambda: 0.0), timeout_s=0.3, tries=1, pause_s=0), listed=None)
    assert target.read_bytes() == OLD


def test_a_full_disk_ends_the_run_and_leaves_nothing(server, target, monkeypatch):
    def full(descriptor):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(module.os, 'fsync', full)
    with pytest.raises(StateError, match='the disk is full; make room'):
        get(server, target, fetcher())
    assert target.read_bytes() == OLD
    assert list(target.parent.iterdir()) == [target]


def test_a_file_without_end_is_given_up(server, target, monkeypatch):
    monkeypatch.setattr(module, 'LARGEST', 10_000_000)
    server.faults[NAME] = Fault('endless')
    with pytest.raises(RefusedError, match='more than 10000000 bytes came'):
        get(server, target, fetcher())
    assert list(target.parent.iterdir()) == [target]
    assert len(server.fetched()) == 1


def test_the_space_that_must_stay_free_is_looked_at_while_a_file_comes(server, target, monkeypatch):
    monkeypatch.setattr(module, 'LOOK_EVERY', 1_000_000)
    monkeypatch.setattr(module.shutil, 'disk_usage', lambda path: type('Usage', (), {'free': 5000}))
    server.faults[NAME] = Fault('endless')
    with pytest.raises(StateError, match='less than 6000 bytes are left in'):
        get(server, target, fetcher(reserve_bytes=6000))
    assert list(target.parent.iterdir()) == [target]
    server.faults.clear()
    get(server, target, fetcher(reserve_bytes=6000))  # too small a file to look


def test_no_part_of_a_file_is_asked_for(server, target):
    """Going on where an earlier file ended is how files of two versions become one."""
    get(server, target, fetcher())
    assert not any('range' in text.lower() for text in server.headers)
    assert all('Accept-Encoding: identity' in text for text in server.headers)


@pytest.mark.parametrize(
    ('from_', 'to', 'allowed'),
    [
        ('https://x.org/a', 'https://y.org/b', True),
        ('https://x.org/a', '/b', True),
        ('https://x.org/a', 'http://x.org/a', False),
        ('https://x.org/a', 'http://127.0.0.1:80/b', False),  # a server elsewhere has no business on this machine
        ('https://x.org/a', 'file:///etc/passwd', False),
        ('https://x.org/a', 'https://me:secret@y.org/', False),
        ('http://127.0.0.1:80/a', 'http://127.0.0.1:81/b', True),
        ('http://127.0.0.1:80/a', 'http://x.org/', False),
    ],
)
def test_redirections(from_, to, allowed):
    answer = requests.Response()
    answer.url, answer.status_code, answer.headers['Location'], answer.raw = from_, 302, to, BytesIO()
    if allowed:
        assert GuardedSession().get_redirect_target(answer) == urljoin(from_, to)
    else:
        with pytest.raises(RefusedError, match='redirected: ') as refused:
            GuardedSession().get_redirect_target(answer)
        assert 'secret' not in str(refused.value)
    assert answer.content == b''


def test_reasons_hold_no_keys():
    error = requests.ConnectionError("Max retries exceeded with url: /x?X-Amz-Signature=abc (Caused by 'no')")
    assert 'abc' not in reason(error)
    assert reason(error).endswith("/x?... (Caused by 'no')")
    assert reason(ValueError('Failed to parse: http://me:secret@proxy:80/')) == 'ValueError: Failed to parse: http://proxy:80/'
    with pytest.raises(SettingsError, match=r'address of x\.org must hold no user and no password') as refused:
        require_secure('https://me:secret@x.org/')
    assert 'secret' not in str(refused.value)


def test_a_stop_ends_a_transfer(server, target):
    server.faults[NAME] = Fault('slow')
    one = fetcher(timeout_s=20)
    threading.Timer(0.2, lambda: (one.pace.stop(), server.released.set())).start()
    with pytest.raises(Stopped):
        get(server, target, one)
    assert list(target.parent.iterdir()) == [target]


def test_servers_are_told_who_asks():
    known = f'hstlc/{__version__} (light curves from Hubble; '
    assert agent('me@example.org').startswith(f'{known}me@example.org; python-requests/')
    assert agent('').startswith(f'{known}python-requests/')
    assert agent('ü\r\nX: (y)').split('; ')[1] == 'X: y'


def test_addresses_are_those_of_the_services():
    assert mast_address('https://mast.stsci.edu', FILE) == (
        'https://mast.stsci.edu/search/hst/api/v0.1/retrieve_product?product_name=LEXP01010/lexp01a1q_corrtag_a.fits'
    )
    recorded = ArchiveFile(name='u24r0102t_c1f.fits', uri='', datasets=(), size=None)  # in astroquery's recorded path look-up
    assert s3_address('https://bucket/', recorded) == 'https://bucket/hst/public/u24r/u24r0102t/u24r0102t_c1f.fits'
    assert crds_address('https://crds', 'a_phot.fits') == 'https://crds/unchecked_get/references/hst/a_phot.fits'


@pytest.mark.parametrize('address', ['https://x.org', 'http://127.0.0.1:80', 'http://localhost/x', 'http://[::1]:5/'])
def test_secure_addresses(address):
    assert require_secure(address) == address


@pytest.mark.parametrize('address', ['http://x.org', 'http://127.0.0.1.x.org', 'ftp://x.org', 'x.org', '', 'https://', 'file:///x'])
def test_addresses_that_are_refused(address, tmp_path):
    with pytest.raises(SettingsError, match='must begin with https'):
        fetcher().fetch(address, tmp_path / NAME, check_whole)


def test_the_pace_is_kept_over_threads():
    pace, times = Pace(50), []

    def three():
        for _ in range(3):
            pace.wait()
            times.append(time.monotonic())

    began = time.monotonic()
    threads = [threading.Thread(target=three) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == 12
    assert max(times) - began >= 11 / 50
