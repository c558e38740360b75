"""Questions through the real astroquery: pages, completeness, and an archive that is down."""

import gzip
import time
import tracemalloc

import archive_server
import pytest
from archive_server import Fault, fits_bytes, recorded

from hstlc.errors import ArchiveError
from hstlc.mast import archive as module
from hstlc.mast import sessions, tap
from hstlc.mast.archive import Archive
from hstlc.mast.pace import Pace
from hstlc.mast.records import DATASET_NAME
from hstlc.mast.selection import COLUMNS, associations_of, dataset_of, files_of, is_wanted, members_to_leave, table_of

NOW = '2026-01-01T00:00:00+00:00'


def ask(**changes):
    return Archive(Pace(1000.0), **({'timeout_s': 10.0, 'tries': 2, 'pause_s': 0.01} | changes))


def fill(server, count):
    for k in range(count):
        server.put(f'LEXP{k:02}010', {f'lexp{k:02}a1q_x1d.fits': b'x'})


def test_the_columns_are_those_that_the_archive_has():
    assert set(COLUMNS) <= {column['column_name'] for column in recorded('mission_columns')}


def test_the_selection_is_asked_for_page_by_page(server, monkeypatch):
    monkeypatch.setattr(module, 'PAGE', 3)
    fill(server, 8)
    server.put('LOTHER010', {}, sci_operating_mode='ACCUM').put('JOTHER010', {}, instrume='ACS')
    rows = ask().datasets()
    assert [row['sci_data_set_name'] for row in rows] == [f'LEXP{k:02}010' for k in range(8)]
    assert set(rows[0]) <= set(COLUMNS)
    assert server.asked == [('GET', 'columns'), *[('POST', 'search')] * 3]


def test_an_archive_that_has_nothing_says_so(server):
    assert ask().datasets() == []


def test_a_list_that_is_not_complete_is_refused(server, monkeypatch):
    monkeypatch.setattr(
        'archive_server._search', lambda server, asked: {**recorded('mission_results'), 'totalResults': 5, 'results': []}
    )
    with pytest.raises(ArchiveError, match='sent 0 of 5 datasets'):
        ask().datasets()


def test_an_archive_without_the_columns_of_the_selection_is_refused(server, monkeypatch):
    columns = [column for column in recorded('mission_columns') if column['column_name'] != 'sci_operating_mode']
    monkeypatch.setattr('archive_server.recorded', lambda name: columns if name == 'mission_columns' else recorded(name))
    with pytest.raises(ArchiveError, match=r'no column .* any more; update hstlc'):
        ask().datasets()


@pytest.mark.parametrize('word', ['columns', 'search'])
@pytest.mark.parametrize('fault', [('html', None), ('stall', None), *(('status', code) for code in (400, 429, 500, 503))])
def test_an_archive_that_is_down_is_asked_again_and_then_left_alone(server, word, fault):
    fill(server, 1)
    patience = {'timeout_s': 1.0} if fault[0] == 'stall' else {}
    server.faults[word] = Fault(fault[0], 1, fault[1])
    assert len(ask(**patience).datasets()) == 1
    server.faults[word] = Fault(fault[0], None, fault[1])
    began = time.monotonic()
    with pytest.raises(ArchiveError, match=r'no usable list of .*; try again later'):
        ask(tries=1, **patience).datasets()
    assert time.monotonic() - began < 10


def test_a_batch_without_answer_is_left_out_and_asked_again_later(server):
    fill(server, 5)
    names = list(server.rows)
    server.faults['products'] = Fault('status', 2, 500)
    found = ask().products(names, 2)
    assert found.unanswered == tuple(names[:2])
    assert [row['dataset'] for row in found.rows] == names[2:]
    server.faults['products'] = Fault('status', None, 500)
    server.forget()
    assert ask().products(names, 2).unanswered == tuple(names)
    assert len(server.asked) == 4  # two batches, twice each; then no more


def test_rows_of_products_may_be_nested(server, monkeypatch):
    fill(server, 1)
    nested = [server.products['LEXP00010']]
    server.products['LEXP00010'] = nested
    assert [row['filename'] for row in ask().products(['LEXP00010'], 10).rows] == ['lexp00a1q_x1d.fits']


ROW = {
    'sci_data_set_name': 'LEXP01010', 'sci_instrume': 'COS   ', 'sci_operating_mode': 'TIME-TAG', 'sci_status': 'PUBLIC',
    'sci_release_date': '2020-01-01T00:00:00', 'sci_targname': 'GJ436 ',
}  # fmt: skip


@pytest.mark.parametrize(
    'change',
    [{'sci_targname': name} for name in ('DARK', 'BIAS', 'DEUTERIUM', 'WAVE', 'ANY', 'NONE', ' wave ')]
    + [{'sci_operating_mode': 'ACCUM'}, {'sci_operating_mode': None}, {'sci_status': 'PROPRIETARY'}, {'sci_instrume': 'WFC3  '}]
    + [{'sci_release_date': '2026-01-01T00:00:01'}],
)
def test_the_selection_does_not_rely_on_the_archive(change):
    assert is_wanted(ROW, NOW)
    assert not is_wanted({**ROW, **change}, NOW)


def test_columns_that_are_gone_do_not_empty_the_list():
    assert is_wanted({name: ROW[name] for name in ('sci_data_set_name', 'sci_instrume', 'sci_targname')}, NOW)


def test_a_recorded_row_becomes_a_dataset():
    row = recorded('mission_results')['results'][0]
    one = dataset_of({**row, 'sci_mtflag': 'T', 'sci_generation_date': None})
    assert row['sci_instrume'] != one.instrume == row['sci_instrume'].strip()
    assert (one.name, one.targname, one.program) == (row['sci_data_set_name'], row['sci_targname'], row['sci_pep_id'])
    assert (one.ra_deg, one.exptime_s, one.moving, one.generation) == (row['sci_ra'], row['sci_actual_duration'], True, None)
    assert DATASET_NAME.fullmatch(one.name)


def test_recorded_products_hold_no_file_for_light_curves():
    rows = recorded('mission_products')['products']
    assert len(rows) == 5
    assert files_of(rows) == associations_of(rows) == []


def test_files_for_light_curves(server):
    names = [f'lexp01a1q_{suffix}.fits' for suffix in ('corrtag_a', 'corrtag_b', 'corrtag', 'x1d', 'tag')]
    server.put(
        'LEXP01010', dict.fromkeys([*names, 'lexp01a1q_flt.fits', 'lexp01010_x1dsum.fits', 'lexp01010_asn.fits'], fits_bytes())
    )
    rows = server.products['LEXP01010']
    assert [file.name for file in files_of(rows)] == names
    assert [file.name for file in associations_of(rows)] == ['lexp01010_asn.fits']
    first = files_of(rows)[0]
    assert (first.uri, first.datasets, first.rootname) == ('LEXP01010/lexp01a1q_corrtag_a.fits', ('LEXP01010',), 'lexp01a1q')
    assert first.size == len(fits_bytes())


@pytest.mark.parametrize(
    'change',
    [{'access': 'PROPRIETARY'}, {'access': None}, {'file_suffix': None}]
    + [
        {'filename': name}
        for name in ('../../etc/passwd_x1d.fits', 'lexp01a1q_x1d.fits/../x', 'LEXP01A1Q_x1d.fits', 'a_x1d.fits', '')
    ],
)
def test_files_that_are_left_out(server, change):
    server.put('LEXP01010', {'lexp01a1q_x1d.fits': b''})
    (row,) = server.products['LEXP01010']
    (file,) = files_of([row])
    assert file.size is None
    assert files_of([{**row, **change}]) == []


def test_members_that_show_no_target():
    cos = {
        'lexp01a1q': 'EXP-FP',
        'lexp01w1q': 'EXP-AWAVE',
        'lexp01w2q': ' exp-gwave',
        'lexp01w3q': 'EXP-IWAVE',
        'lexp01010': 'PROD-FP',
    }
    assert set(members_to_leave(cos)) == cos.keys() - {'lexp01a1q'}
    stis = {'oexp01a1q': 'SCIENCE', 'oexp01w1q': 'AUTO-WAVECAL', 'oexp01w2q': 'GO-WAVECAL', 'oexp01010': 'PRODUCT'}
    assert members_to_leave(stis) == {'oexp01w1q': 'AUTO-WAVECAL', 'oexp01w2q': 'GO-WAVECAL'}
    assert members_to_leave({'oexp01a1q': 'REPEATOBS', 'oexp01010': 'PRODUCT'}) == {}
    lamps = {'oexp01w1q': 'GO-WAVECAL', 'oexp01010': 'PRODUCT'}
    assert members_to_leave(lamps) == lamps
    assert members_to_leave({'oexp01a1q': 'SOMETHING NEW'}) == {'oexp01a1q': 'SOMETHING NEW'}


def test_the_table_of_an_association():
    assert table_of('LEXP01010').uri == 'LEXP01010/lexp01010_asn.fits'
    assert [table_of(name) for name in ('NONE', '', '../../../x', 'LEXP01010/')] == [None] * 4


@pytest.mark.parametrize('name', ['', 'LEXP0101', 'LEXP01010X', "LEXP01'--", '../LEXP01', 'LEXP01\n10', 'LEXP01\x1b[2'])
def test_datasets_without_a_proper_name_are_left_out(name):
    assert is_wanted({**ROW, 'sci_data_set_name': 'lexp01010 '}, NOW)
    assert not is_wanted({**ROW, 'sci_data_set_name': name}, NOW)


def test_times_are_compared_in_one_form():
    forms = ('2024-01-01T00:00:00', '2024-01-01T00:00:00.000', '2024-01-01 00:00:00', '2024-01-01T00:00:00Z')
    assert {dataset_of({**ROW, 'sci_generation_date': form}).generation for form in forms} == {'2024-01-01T00:00:00'}
    assert [dataset_of({**ROW, 'sci_generation_date': form}).generation for form in ('soon', ' ', None)] == ['soon', None, None]


def test_an_archive_that_repeats_itself_is_refused(server, monkeypatch):
    fill(server, 3)
    real = archive_server._search
    monkeypatch.setattr(
        'archive_server._search', lambda server, asked: {**real(server, {**asked, 'offset': 0}), 'totalResults': 10**6}
    )
    with pytest.raises(ArchiveError, match='repeats itself'):
        ask().datasets()
    assert len(server.asked) == 3


@pytest.mark.parametrize('word', ['columns', 'search', 'products', 'tap'])
@pytest.mark.parametrize('fault', ['endless', 'bomb', 'to http', 'entities'])
def test_hostile_answers_are_bounded(server, monkeypatch, caplog, word, fault):
    """An answer without end, one that unpacks to far more than it seems, one from elsewhere, one that defines entities."""
    monkeypatch.setattr(sessions, 'LARGEST', 1_000_000)
    fill(server, 1)
    server.tap = True
    server.faults[word] = {
        'endless': Fault('endless'),
        'bomb': Fault('body', None, gzip.compress(b'[' + b' ' * 50_000_000 + b']'), Content_Encoding='gzip'),
        'to http': Fault('status', None, 302, Location='http://example.org/'),
        'entities': Fault('body', None, b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><VOTABLE>&a;</VOTABLE>'),
    }[fault]
    one = ask(tries=1)
    began, before = time.monotonic(), tracemalloc_peak()
    if word == 'products':
        assert one.products(['LEXP00010'], 1).unanswered == ('LEXP00010',)
    else:
        with pytest.raises(ArchiveError, match='gives no usable'):
            one.datasets_by_tap() if word == 'tap' else one.datasets()
    assert time.monotonic() - began < 10
    assert tracemalloc_peak() - before < 20_000_000
    assert {'to http': 'must begin with https', 'endless': 'EndlessAnswerError'}.get(fault, '') in caplog.text


def tracemalloc_peak():
    """Return the most memory that Python had since the last call."""
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    return peak


@pytest.fixture(autouse=True)
def _no_tracing():
    yield
    tracemalloc.stop()


def test_packed_answers_are_unpacked(server):
    fill(server, 2)
    server.faults.update(dict.fromkeys(('columns', 'search', 'products'), Fault('packed')))
    assert len(ask().datasets()) == 2
    assert len(ask().products(list(server.rows), 10).rows) == 2
    assert all('Accept-Encoding: gzip' in text for text in server.headers)


def test_the_archive_is_told_who_asks_and_no_token(server, monkeypatch):
    monkeypatch.setenv('MAST_API_TOKEN', 'secret-of-somebody')
    fill(server, 1)
    ask(contact='me@example.org').datasets()
    assert len(server.headers) == 2
    assert all('User-Agent: hstlc/' in text and 'me@example.org' in text for text in server.headers)
    assert 'secret' not in ''.join(server.headers)


def test_the_tap_service_lists_the_same_datasets(server, monkeypatch):
    monkeypatch.setattr(module, 'TAP_PAGE', 3)
    monkeypatch.setattr(tap, 'PAGE', 3)
    fill(server, 7)
    server.put('LOTHER010', {}, sci_operating_mode='ACCUM').put('JOTHER010', {}, instrume='ACS')
    server.tap = True
    by_search, by_tap = ([dataset_of(row) for row in rows] for rows in (ask().datasets(), ask().datasets_by_tap()))
    assert by_tap == by_search
    assert server.asked.count(('POST', 'tap')) == 4


def test_the_tap_service_is_asked_as_pyvo_asks(server):
    pyvo = pytest.importorskip('pyvo')
    fill(server, 2)
    server.tap = True
    service = pyvo.dal.TAPService(tap.tap_address(server.url).removesuffix('/sync'))
    found = service.search(tap.page_query('')).to_table()
    assert list(found['sci_data_set_name']) == [row['sci_data_set_name'] for row in ask().datasets_by_tap()]


def test_a_tap_list_that_is_not_complete_is_refused(server):
    fill(server, 3)
    server.tap, server.page = True, 2
    with pytest.raises(ArchiveError, match='sent 2 of 3 datasets'):
        ask().datasets_by_tap()
    for last in ("x' OR 1=1 --", 'LEXP 01'):
        with pytest.raises(ValueError, match='no name of a dataset'):
            tap.page_query(last)


TABLE = '<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE>{}</RESOURCE></VOTABLE>'
LARGE = '<TABLE><FIELD name="a" datatype="double" arraysize="{}"/><DATA><TABLEDATA><TR><TD>1</TD></TR></TABLEDATA></DATA></TABLE>'


@pytest.mark.parametrize(
    'text',
    ['<html>', '', TABLE.format(''), TABLE.format('<INFO name="QUERY_STATUS" value="ERROR">no</INFO>')]
    + [TABLE.format(LARGE.format(size)) for size in (100_000_000, 10**12, '99999x9', '9x99999')],
)
def test_answers_of_tap_that_are_none(server, text):
    server.tap = True
    server.faults['tap'] = Fault('body', None, text.encode())
    with pytest.raises(ArchiveError, match=r'no usable number of datasets \(TAP\)'):
        ask(tries=1).datasets_by_tap()
