"""The catalog: its tables, columns and ids, and that plain TinyDB reads it."""

import json
import math

import pytest
from archives import accepted, composite, furnish, individual, rejected, statistics
from tinydb import TinyDB, where

from hstlc import catalog
from hstlc.model import Reason
from hstlc.settings import Settings
from hstlc.steps.catalog import write_catalog

# the original's columns
COLUMNS = {
    'metadata': 'id filename path ingest_date telescop instrume targname cal_ver obstype cenwave aperture detector opt_elem fppos '
    'header_targname rootname ra_targ dec_targ proposid expstart expend exptime',
    'outputs': 'id metadata_id individual_path individual_filename composite_path composite_filename',
    'bad_data': 'id filename ingest_date reason',
    'stats': 'id lightcurve_path lightcurve_filename total mean mu stdev poisson_factor pearson_r pearson_p periodogram deliver',
}

ONE, TWO, OTHER = accepted('lb4c10010'), accepted('lb4c10020'), accepted('lb4c20010', targname='WD0308-565')
BAD = rejected('lb4c30010', Reason.SHORT_EXPOSURE, Reason.NO_EVENTS)
OUTCOMES = [individual(ONE), individual(TWO), individual(OTHER, made=False), composite(ONE, TWO)]
STATS = {OUTCOMES[0].stem: statistics(), OUTCOMES[1].stem: statistics(mean=math.nan), OUTCOMES[3].stem: statistics()}


@pytest.fixture
def paths(tmp_path):
    return furnish(Settings(home=tmp_path), [ONE, TWO, OTHER, BAD], OUTCOMES, STATS)


@pytest.fixture
def database(paths):
    write_catalog(paths.settings)
    with TinyDB(paths.catalog) as opened:
        yield opened


def test_plain_tinydb_reads_four_tables_with_the_original_columns(database):
    assert database.tables() == set(COLUMNS)
    for name, columns in COLUMNS.items():
        for row in database.table(name):
            assert set(columns.split()) <= set(row)


def test_one_row_per_exposure_and_per_light_curve(database):
    sizes = {name: len(database.table(name)) for name in COLUMNS}
    assert sizes == {'metadata': 3, 'outputs': 3, 'bad_data': 1, 'stats': 3}


def test_the_id_is_the_rootname_to_base_36(database):
    row = database.table('metadata').get(where('rootname') == 'lb4c10010')
    assert row['id'] == row.doc_id == int('lb4c10010', 36)
    digits = '0123456789abcdefghijklmnopqrstuvwxyz'
    number, text = row['id'], ''
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    assert text == 'lb4c10010'


def test_outputs_join_to_metadata(database):
    metadata = {row['id']: row['rootname'] for row in database.table('metadata')}
    outputs = {metadata[row['metadata_id']]: row for row in database.table('outputs')}
    assert outputs['lb4c10010']['individual_path'] == 'outputs/GJ-436'
    assert outputs['lb4c10010']['individual_filename'] == 'lb4c10010_curve.fits'
    assert outputs['lb4c10020']['composite_filename'] == f'{OUTCOMES[3].stem}.fits'
    assert outputs['lb4c20010']['individual_filename'] is None


def test_a_rejected_exposure_has_its_first_reason_and_all_findings(database):
    (row,) = database.table('bad_data')
    assert row['reason'] == 'Short Exposure'
    assert row['findings'] == ['Short Exposure', 'No events']


def test_a_number_that_does_not_exist_is_null(database, paths):
    assert 'NaN' not in paths.catalog.read_text()
    row = database.table('stats').get(where('lightcurve_filename') == 'lb4c10020_curve.fits')
    assert row['mean'] is None


def test_json_has_no_not_a_number(tmp_path):
    with pytest.raises(ValueError, match='JSON'):
        catalog.write(tmp_path / 'x.json', {'stats': [{'id': 1, 'mean': math.nan}]})


def test_the_same_records_give_the_same_bytes_and_leave_the_file_alone(paths):
    write_catalog(paths.settings)
    before = (paths.catalog.stat().st_mtime_ns, paths.catalog.read_bytes())
    write_catalog(paths.settings)
    assert (paths.catalog.stat().st_mtime_ns, paths.catalog.read_bytes()) == before
    paths.catalog.unlink()
    write_catalog(paths.settings)
    assert paths.catalog.read_bytes() == before[1]


def test_an_empty_archive_has_an_empty_catalog(tmp_path):
    settings = Settings(home=tmp_path)
    write_catalog(settings)
    assert json.loads((tmp_path / 'hstlc.json').read_text()) == {name: {} for name in COLUMNS}


def test_ids_of_different_kinds_never_meet():
    exposures = {catalog.rootname_id(name) for name in ('zzzzzzzzz', '000000000', 'lb4c10010')}
    keys = {catalog.key_id(key) for key in ('hlsp_a', 'hlsp_b')} | {catalog.rootname_id('not a rootname')}
    assert len(exposures) == len(keys) == 3
    assert max(exposures) < min(keys)
    assert max(keys) < 2**53  # exact in every JSON reader
