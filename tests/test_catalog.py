"""The catalog: its tables, columns and ids, and that plain TinyDB reads it."""

import json
import math
from dataclasses import replace

import pytest
from archives import accepted, composite, furnish, individual, rejected, statistics
from tinydb import TinyDB, where

from hstlc import catalog
from hstlc.files import records
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
        catalog.write(tmp_path / 'x.json', {'stats': {1: {'id': 1, 'mean': math.nan}}})


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


def composite_of_one(paths):
    records.save(paths.outcome(OUTCOMES[3].stem), replace(OUTCOMES[3], rootnames=(TWO.rootname,)))


CHANGES = {
    'nothing': lambda paths: None,
    'an exposure more': lambda paths: records.save(paths.record('lb4c40010'), accepted('lb4c40010')),
    'an exposure less': lambda paths: paths.record(TWO.rootname).unlink(),
    'a warning': lambda paths: records.save(paths.record(ONE.rootname), replace(ONE, warnings=('W_OTHER',))),
    'accepted after all': lambda paths: records.save(paths.record(BAD.rootname), accepted(BAD.rootname)),
    'rejected after all': lambda paths: records.save(paths.record(ONE.rootname), rejected(ONE.rootname)),
    'a light curve more': lambda paths: records.save(paths.outcome(OUTCOMES[2].stem), individual(OTHER)),
    'a light curve less': lambda paths: paths.outcome(OUTCOMES[0].stem).unlink(),
    'a composite of fewer': composite_of_one,
    'no product any more': lambda paths: records.save(paths.outcome(OUTCOMES[0].stem), individual(ONE, made=False)),
    'other numbers': lambda paths: records.save(paths.stats(OUTCOMES[0].stem), statistics(mean=2.5)),
    'no numbers': lambda paths: paths.stats(OUTCOMES[3].stem).unlink(),
}


@pytest.mark.parametrize('change', CHANGES)
def test_a_catalog_that_is_brought_up_to_date_equals_one_made_of_all_records(paths, change):
    write_catalog(paths.settings, 1)
    CHANGES[change](paths)
    write_catalog(paths.settings, 1)
    found = paths.catalog.read_bytes()
    paths.catalog.unlink()
    write_catalog(paths.settings, 1)
    assert paths.catalog.read_bytes() == found


@pytest.fixture
def read(monkeypatch):
    """Names of the records that are read."""
    names, load = [], records.load

    def counted(path, kind):
        names.append(path.stem)
        return load(path, kind)

    monkeypatch.setattr(records, 'load', counted)
    return names


def test_rows_that_are_kept_are_read_as_they_are(paths):
    hostile = '": {\n}\u2028\x85," \\ }},{ é'
    records.save(paths.record(ONE.rootname), replace(ONE, warnings=(hostile,)))
    write_catalog(paths.settings)
    lines = catalog.read_lines(paths.catalog)
    content = json.loads(paths.catalog.read_text(encoding='utf-8'))
    assert {name: {key: json.loads(line) for key, line in rows.items()} for name, rows in lines.items()} == content
    assert content['metadata'][str(catalog.rootname_id(ONE.rootname))]['warnings'] == hostile


def test_only_records_that_changed_are_read(paths, read):
    write_catalog(paths.settings, 1)
    everything = len(read)
    assert everything == 4 + len(OUTCOMES) + len(STATS)
    read.clear()
    CHANGES['other numbers'](paths)
    write_catalog(paths.settings, 1)
    assert read == [OUTCOMES[0].stem]
    read.clear()
    write_catalog(paths.settings, 2)  # other columns
    assert len(read) == everything


@pytest.mark.parametrize('edit', ['touched', 'damaged', 'no sources', 'damaged sources'])
def test_a_catalog_that_is_not_as_it_was_left_is_made_of_all_records(paths, read, edit):
    write_catalog(paths.settings, 1)
    before = paths.catalog.read_bytes()
    if edit == 'touched':
        paths.catalog.write_bytes(before.replace(b'1.1', b'9.9'))
    elif edit == 'damaged':
        paths.catalog.write_bytes(before[:-100])
    elif edit == 'no sources':
        paths.catalog_sources.unlink()
    else:
        paths.catalog_sources.write_bytes(b'[]')
    read.clear()
    write_catalog(paths.settings, 1)
    assert len(read) == 4 + len(OUTCOMES) + len(STATS)
    assert paths.catalog.read_bytes() == before
