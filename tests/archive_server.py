"""An archive on loopback that speaks the protocol recorded in astroquery's own tests, with made-up rows, and faults on demand."""

import gzip
import importlib.util
import json
import re
import threading
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
from astropy.io import fits
from astropy.io.votable import from_table
from astropy.table import MaskedColumn, Table

RECORDED = Path(importlib.util.find_spec('astroquery').origin).parent / 'mast' / 'tests' / 'data'
MISSION = '/search/hst/api/v0.1'


def recorded(name):
    """Return an answer of the archive as astroquery's wheel carries it."""
    return json.loads((RECORDED / f'{name}.json').read_text(encoding='utf-8'))


def fits_bytes(text='', events=20, **keywords):
    """Return a small event list; the same arguments give the same bytes."""
    table = fits.BinTableHDU(np.zeros(events, [('TIME', 'f4'), ('AXIS1', 'i2'), ('AXIS2', 'i2')]), name='EVENTS')
    primary = fits.PrimaryHDU()
    primary.header.update({'TELESCOP': 'HST', 'ROOTNAME': 'x', 'HISTORY': text, **keywords})
    stream = BytesIO()
    fits.HDUList([primary, table]).writeto(stream)
    return stream.getvalue()


def association_bytes(**members):
    """Return the table of an association; `lexp01a1q='EXP-FP'`."""
    columns = [
        fits.Column('MEMNAME', '14A', array=[name.upper() for name in members]),
        fits.Column('MEMTYPE', '14A', array=list(members.values())),
        fits.Column('MEMPRSNT', 'L', array=[True] * len(members)),
    ]
    stream = BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns, name='ASN')]).writeto(stream)
    return stream.getvalue()


class Fault:
    """What goes wrong with a file: `kind` of _Handler, or a status with headers; `times` in all, for ever where None."""

    def __init__(self, kind, times=None, status=None, **headers):
        self.kind, self.left, self.status, self.headers = kind, times, status, headers

    def strikes(self):
        if self.left is None:
            return True
        self.left -= 1
        return self.left >= 0


class ArchiveServer(ThreadingHTTPServer):
    """What the archive holds, what goes wrong, and what it was asked."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def __init__(self):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.url = f'http://127.0.0.1:{self.server_port}'
        self.rows = {}  # dataset to columns
        self.products = {}  # dataset to rows of its product list
        self.bodies = {}  # file name to bytes
        self.references = {}
        self.faults = {}  # file name, or a word for a question: columns, search, products
        self.asked = []  # (method, what)
        self.names = {}  # Sesame: name to XML of its Resolver element
        self.released = threading.Event()  # ends stalls
        self.page = 5000  # rows that it sends at most
        self.tap = False  # whether its TAP service runs
        self.headers = []  # of all requests, as text

    def put(self, dataset, files, *, generation='2024-01-01T00:00:00', instrume='COS', targname='SIM-STAR', **columns):
        """Add or change a dataset; `files` is name to bytes."""
        row = dict(recorded('mission_results')['results'][0])
        row.update(
            sci_data_set_name=dataset, sci_targname=targname, sci_instrume=f'{instrume:<6}', sci_operating_mode='TIME-TAG',
            sci_generation_date=generation, sci_release_date='2020-01-01T00:00:00', sci_status='PUBLIC', sci_pep_id=13902,
            sci_mtflag=None, sci_expflag='NORMAL',
        )  # fmt: skip
        row.update(columns)
        self.rows[dataset] = row
        self.products[dataset] = [self._product(dataset, name, body) for name, body in files.items()]
        self.bodies.update(files)
        return self

    def _product(self, dataset, name, body):
        row = dict(recorded('mission_products')['products'][0])
        suffix = name.partition('_')[2].removesuffix('.fits').upper()
        row.update(
            product_key=f'{dataset}_{name}', dataset=dataset, filename=name, uri=f'{dataset}/{name}', file_suffix=suffix,
            size=len(body), access='PUBLIC', category='CALIBRATED',
        )  # fmt: skip
        return row

    def fetched(self):
        """Return the names of files that were asked for, in order."""
        return [what for method, what in self.asked if method == 'FILE']

    def forget(self):
        """Begin a new log of requests."""
        self.asked = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *arguments):
        pass

    def handle(self):
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self):
        self.server.headers.append(str(self.headers))
        parts = urlsplit(self.path)
        if parts.path == '/search/util/api/v0.1/column_list':
            self._question('columns', recorded('mission_columns'))
        elif parts.path == f'{MISSION}/retrieve_product':
            self._file(parse_qs(parts.query)['product_name'][0].partition('/')[2], self.server.bodies)
        elif parts.path.startswith('/s3/hst/public/'):
            *_, first, rootname, name = parts.path.split('/')
            assert rootname.startswith(first)
            assert name.startswith(f'{rootname}_')
            self._file(name, self.server.bodies, f's3:{name}')
        elif parts.path.startswith('/unchecked_get/references/hst/'):
            self._file(parts.path.rpartition('/')[2], self.server.references)
        elif parts.path.startswith('/sesame/-oxpI/SNV'):
            self._sesame([unquote(name) for name in parts.query.split('&')])
        else:
            self._send(404, b'', {})

    def do_POST(self):
        self.server.headers.append(str(self.headers))
        body = self.rfile.read(int(self.headers['Content-Length']))
        if self.path == f'{MISSION}/search':
            self._question('search', _search(self.server, json.loads(body)))
        elif self.path == f'{MISSION}/post_list_products':
            rows = [row for name in json.loads(body)['dataset_ids'] for row in self.server.products.get(name, ())]
            self._question('products', {'products': rows})
        elif self.path == '/vo-tap/api/v0.1/missionmast/sync' and self.server.tap:
            self.server.asked.append((self.command, 'tap'))
            answer = _tap_answer(self.server, parse_qs(body.decode())['QUERY'][0])
            self._answer(answer, self.server.faults.get('tap'), {'Content-Type': 'application/x-votable+xml'})
        else:
            self._send(404, b'', {})

    def _question(self, word, answer):
        self.server.asked.append((self.command, word))
        self._answer(json.dumps(answer).encode(), self.server.faults.get(word), {'Content-Type': 'application/json'})

    def _file(self, name, bodies, word=None):
        self.server.asked.append(('FILE', word or name))
        fault = self.server.faults.get(word or name)
        if name not in bodies:
            self._send(404, b'not here', {})
        else:
            headers = {'Content-Type': 'application/fits', 'ETag': '"abc"', 'Last-Modified': formatdate(0, usegmt=True)}
            self._answer(bodies[name], fault, headers)

    def _sesame(self, names):
        self.server.asked.append(('NAME', tuple(names)))
        targets = ''.join(
            f'<Target option="SNV"><name>{name}</name>{self.server.names.get(name, "<INFO>*** Nothing found ***</INFO>")}</Target>'
            for name in names
        )
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Sesame>{targets}</Sesame>'
        self._answer(text.encode(), self.server.faults.get('sesame'), {'Content-Type': 'text/plain'})

    def _answer(self, body, fault, headers):
        if fault is None or not fault.strikes():
            self._send(200, body, headers)
        elif fault.kind == 'status':
            self._send(fault.status, b'<html>sorry</html>', fault.headers)
        elif fault.kind == 'html':
            self._send(200, b'<html>We are down for maintenance</html>', {'Content-Type': 'text/html'})
        elif fault.kind == 'packed':
            self._send(200, gzip.compress(body, 1), {**headers, 'Content-Encoding': 'gzip'})
        elif fault.kind == 'body':
            self._send(200, fault.status, {**headers, **fault.headers})
        elif fault.kind == 'endless':
            self._endless(headers)
        else:
            self._break_off(fault.kind, body, headers)

    def _break_off(self, kind, body, headers):
        """Send half of a body: with its length, without, chunked, or never ending."""
        lengths = {
            'short': {'Content-Length': str(len(body))}, 'stall': {'Content-Length': str(len(body))},
            'slow': {'Content-Length': str(len(body))}, 'no_length': {}, 'hdu': {}, 'chunked': {'Transfer-Encoding': 'chunked'},
        }  # fmt: skip
        self.send_response(200)
        for name, value in {**headers, **lengths[kind], 'Connection': 'close'}.items():
            self.send_header(name, value)
        self.end_headers()
        half = body[:2880] if kind == 'hdu' else body[: len(body) // 2]
        self.wfile.write(b'%x\r\n%b\r\n' % (len(half), half) if kind == 'chunked' else half)
        self.wfile.flush()
        if kind in ('stall', 'slow'):
            self.server.released.wait(30)
        if kind == 'slow':
            self.wfile.write(body[len(half) :])
        self.close_connection = True

    def _endless(self, headers):
        """Send blanks for as long as somebody listens, without saying how many there will be."""
        self.send_response(200)
        self.send_header('Connection', 'close')
        self.end_headers()
        with suppress(ConnectionError):
            while not self.server.released.is_set():
                self.wfile.write(b' ' * 100_000)
        self.close_connection = True

    def _send(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, 'Content-Length': str(len(body))}.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()
        self.wfile.write(body)


def _search(server, asked):
    """Answer a search as the archive does: conditions, order, offset and limit, the envelope as recorded."""
    rows = [row for row in server.rows.values() if all(_meets(row, condition) for condition in asked['conditions'])]
    rows.sort(key=lambda row: row[asked['sort_by'][0]])
    page = rows[asked['offset'] : asked['offset'] + min(asked['limit'], server.page)]
    columns = set(asked['select_cols'])
    envelope = recorded('mission_results')
    return {
        **envelope,
        'totalResults': len(rows),
        'results': [{name: value for name, value in row.items() if name in columns} for row in page],
    }


def _meets(row, condition):
    ((name, wanted),) = condition.items()
    return str(row[name]).strip() in [item.strip() for item in wanted.split(',')]


def _tap_answer(server, query):
    """Answer the two queries that are asked of TAP: how many, and the next by name."""
    wanted = re.findall(r"(\w+) LIKE '([\w-]+)%'", query)
    columns = dict.fromkeys(name for name, _ in wanted)
    rows = [
        row for row in server.rows.values()
        if all(any(row[name].startswith(value) for one, value in wanted if one == name) for name in columns)
    ]  # fmt: skip
    if 'COUNT(*)' in query:
        table = Table({'total': [len(rows)]})
    else:
        (last,) = re.findall(r"sci_data_set_name > '([^']*)'", query)
        most, names = re.match(r'SELECT TOP (\d+) ([\w, ]+) FROM dbo.hst_science_missionmast ', query).groups()
        rows = sorted((row for row in rows if row['sci_data_set_name'] > last), key=lambda row: row['sci_data_set_name'])
        page = rows[: min(int(most), server.page)]
        table = Table({name: _column([row.get(name) for row in page]) for name in names.split(', ')})
    stream = BytesIO()
    votable = from_table(table)
    votable.to_xml(stream)
    return stream.getvalue()


def _column(values):
    numbers = all(isinstance(value, int | float) or value is None for value in values) and any(
        value is not None for value in values
    )
    if not numbers:
        return MaskedColumn([str(value or '') for value in values], dtype=str)
    return MaskedColumn([value or 0 for value in values], mask=[value is None for value in values])


@contextmanager
def serving():
    """Run an archive on loopback."""
    server = ArchiveServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
