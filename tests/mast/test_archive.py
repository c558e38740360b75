"""Questions through the real astroquery: pages, completeness, and an archive that is down."""

import time

import pytest
from archive_server import Fault, fits_bytes, recorded

from hstlc.errors import ArchiveError
from hstlc.mast import archive as module
from hstlc.mast.archive import Archive
from hstlc.mast.pace import Pace
from hstlc.mast.selection import COLUMNS, associations_of, dataset_of, files_of, is_calibration, is_wanted

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
    one = dataset_of({**recorded('mission_results')['results'][0], 'sci_mtflag': 'T', 'sci_generation_date': None})
    assert (one.name, one.targname, one.instrume, one.program) == ('W1DG8D06T', 'HI-LAT', 'WFPC', 4381)
    assert (one.ra_deg, one.exptime_s, one.moving, one.generation) == (40.68202694444444, 2100.0, True, None)


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


def test_members_that_are_calibrations():
    assert all(is_calibration(kind) for kind in ('EXP-GWAVE', 'EXP-IWAVE', 'EXP-AWAVE', 'GO-WAVECAL', 'auto-wavecal '))
    assert not any(is_calibration(kind) for kind in ('EXP-FP', 'SCIENCE', 'PROD-FP', 'PRODUCT', 'CRSPLIT'))
