"""The catalog in every form: the same rows and sums for astropy and stilts; light curves as CSV and ECSV."""

import csv
import io
import json

import numpy as np
import pytest
from archives import accepted, composite, individual, statistics
from astropy.table import Table
from builders import make_lightcurve
from installed import fitsverify, needs_fitsverify, needs_stilts, stilts

import hstlc
from hstlc.files.catalogforms import FORMS, catalog_json, catalog_values, with_site, write_catalog_form
from hstlc.files.columns import COLUMNS
from hstlc.files.obscore import CATALOG_COLUMNS, OBSCORE
from hstlc.files.textforms import light_curve_texts
from hstlc.model import Target
from hstlc.steps.catalogforms import catalog_rows

STILTS_FORMAT = {'csv': 'csv', 'ecsv': 'ecsv', 'fits': 'fits', 'xml': 'votable'}
READING = {'csv': 'ascii.csv', 'ecsv': 'ascii.ecsv', 'fits': 'fits', 'xml': 'votable'}
ADDED = ('t_exptime', 't_xel', 'total', 's_ra', 'calib_level', 'access_estsize', 'deliver')
NASTY = '\N{GREEK SMALL LETTER ALPHA} Cen "A", <&> x'
MANDATORY = {  # of ObsCore 1.1, table 1
    'dataproduct_type', 'calib_level', 'obs_collection', 'obs_id', 'obs_publisher_did', 'access_url', 'access_format',
    'access_estsize', 'target_name', 's_ra', 's_dec', 's_fov', 's_region', 's_xel1', 's_xel2', 's_resolution', 't_min', 't_max',
    't_exptime', 't_resolution', 't_xel', 'em_min', 'em_max', 'em_res_power', 'em_xel', 'o_ucd', 'pol_states', 'pol_xel',
    'facility_name', 'instrument_name',
}  # fmt: skip


def rows():
    """Return three light curves: one has no statistics, no flux, no position; one target has a hostile name."""
    first, second = accepted('lone12345', targname=NASTY), accepted('ltwo12345', cenwave=0, ra_targ_deg=None, dec_targ_deg=None)
    curves = [individual(first), individual(second), composite(first)]
    values = {'mjd_beg': 55000.25, 'mjd_end': 55000.5, 'exptime_s': 100.5, 'n_bins': 50, 'step_s': 2.0, 'wmin_aa': 1130.0}
    curves = [one.__class__(**{**{name: getattr(one, name) for name in one.__dataclass_fields__}, **values}) for one in curves]
    target = Target(
        name=NASTY, slug='x', aliases=(), rootnames=('lone12345',), ra_deg=175.5, dec_deg=26.7, moving=False,
    )  # fmt: skip
    found = catalog_rows(
        curves, {curves[0].stem: statistics(total=10, deliver=False), curves[2].stem: statistics(total=32)}, [target], ''
    )
    assert len(found) == 3
    return found


@pytest.fixture(scope='module')
def forms(tmp_path_factory):
    folder = tmp_path_factory.mktemp('catalog')
    for form in FORMS:
        write_catalog_form(folder / f'catalog.{form}', catalog_values(rows()))
    return folder


def expected_sum(name):
    return float(np.nansum([np.nan if row.get(name) is None else float(row[name]) for row in rows()]))


def test_every_mandatory_column_of_obscore_is_there():
    assert {column.name for column in OBSCORE} >= MANDATORY
    assert len({column.name for column in CATALOG_COLUMNS}) == len(CATALOG_COLUMNS)


def test_what_a_row_says():
    single, bare, both = sorted(rows(), key=lambda row: (row['composite'], row['obs_id']))
    assert (single['calib_level'], both['calib_level']) == (2, 3)
    assert (single['t_min'], single['t_max'], single['em_min']) == (55000.25, 55000.5, pytest.approx(1.13e-7))
    assert single['access_url'] == 'lone12345_curve.fits'
    assert (single['s_ra'], bare['s_ra']) == (175.5, None)
    assert (single['deliver'], both['deliver']) == (False, True)


@pytest.mark.filterwarnings('ignore:The unit .* has been deprecated in the VOUnit standard')  # Angstrom and erg are the field's
@pytest.mark.parametrize('form', FORMS)
def test_astropy_reads_the_same_from_every_form(forms, form):
    table = Table.read(forms / f'catalog.{form}', format=READING[form])
    assert table.colnames == [column.name for column in CATALOG_COLUMNS]
    assert len(table) == 3
    for name in ADDED:
        values = np.ma.filled(np.ma.asarray(table[name], dtype=float), np.nan)
        assert np.nansum(values) == pytest.approx(expected_sum(name), rel=1e-12), name
    wanted = NASTY.replace(NASTY[0], '?') if form == 'fits' else NASTY
    assert wanted in {str(name) for name in table['target_name']}


@needs_stilts
@pytest.mark.parametrize('form', FORMS)
def test_stilts_reads_the_same_from_every_form(forms, form):
    command = ('cmd=stats name ngood nbad sum', 'ofmt=csv', 'out=-')
    said = stilts(
        'tpipe', f'in={forms / f"catalog.{form}"}', f'ifmt={STILTS_FORMAT[form]}', *command
    )  # fmt: skip
    found = {row['Name']: row for row in csv.DictReader(io.StringIO(said))}
    assert list(found) == [column.name for column in CATALOG_COLUMNS]
    assert {int(row['NGood']) + int(row['NBad']) for row in found.values()} == {3}
    for name in ADDED:
        assert float(found[name]['Sum']) == pytest.approx(expected_sum(name), rel=1e-6), name


def test_a_text_in_csv_is_no_formula_of_a_spreadsheet(tmp_path):
    hostile = ['=HYPERLINK("x")', '+1', '-2.5', '@SUM(A1)', 'GJ 436']
    values = catalog_values(rows()[0] | {'target_name': name, 's_dec': -26.5} for name in hostile)
    for form in ('csv', 'ecsv'):
        write_catalog_form(tmp_path / f'catalog.{form}', values)
    table = Table.read(tmp_path / 'catalog.csv', format='ascii.csv')
    assert list(table['target_name']) == [*(f"'{name}" for name in hostile[:4]), 'GJ 436']
    assert list(table['s_dec']) == [-26.5] * 5
    assert list(Table.read(tmp_path / 'catalog.ecsv', format='ascii.ecsv')['target_name']) == hostile


def test_json_has_the_same(forms):
    found = json.loads(json.dumps(catalog_json(catalog_values(rows())), allow_nan=False))
    assert found['columns'] == [column.name for column in CATALOG_COLUMNS]
    for name in ADDED:
        place = found['columns'].index(name)
        assert sum(row[place] or 0 for row in found['rows']) == pytest.approx(expected_sum(name))


@needs_stilts
@pytest.mark.parametrize('content', [[], None])
def test_votlint_finds_nothing(tmp_path, content):
    path = tmp_path / 'catalog.xml'
    write_catalog_form(path, catalog_values(rows() if content is None else content))
    assert stilts('votlint', path) == ''


@needs_fitsverify
@pytest.mark.parametrize('content', [[], None])
def test_fitsverify_finds_nothing(tmp_path, content):
    path = tmp_path / 'catalog.fits'
    write_catalog_form(path, catalog_values(rows() if content is None else content))
    assert 'Verification found 0 warning(s) and 0 error(s)' in fitsverify(path)


def test_a_second_time_nothing_is_written(forms):
    before = {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in forms.iterdir()}
    for form in FORMS:
        write_catalog_form(forms / f'catalog.{form}', catalog_values(rows()))
    assert {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in forms.iterdir()} == before


def test_an_unknown_form_is_refused(tmp_path):
    with pytest.raises(ValueError, match='odt'):
        write_catalog_form(tmp_path / 'catalog.odt', [])


# --- light curves as text ----------------------------------------------------------------------------------------------------


@pytest.fixture
def curve():
    rng = np.random.default_rng(2)
    gross = rng.poisson(20, 30).astype(float)
    flux = gross / 3 * 1e-13
    flux[4] = np.nan
    return make_lightcurve(gross, background=1.0 / 3, band_flux=flux)


@pytest.mark.parametrize('ending', ['csv', 'ecsv'])
def test_text_copies_hold_the_light_curve_to_the_last_digit(tmp_path, curve, ending):
    path = tmp_path / f'x.{ending}'
    path.write_text(dict(zip(('csv', 'ecsv'), light_curve_texts(curve), strict=True))[ending], encoding='utf-8')
    table = hstlc.read(path)
    assert table.colnames == [column.name for column in COLUMNS]
    for column in COLUMNS:
        wanted = np.asarray(column.value(curve), {'E': 'f4', 'D': 'f8'}.get(column.format, 'i8'))
        assert np.array_equal(np.asarray(table[column.name], wanted.dtype), wanted, equal_nan=True), column.name
        assert str(table[column.name].unit or '') == str(Table([[1]], units=[column.unit])['col0'].unit or ''), column.name
    if ending == 'ecsv':
        assert table.meta['OBJECT'] == curve.key.targname
        assert table.meta['MJDREF'] == curve.mjdref


def test_missing_numbers_are_empty_in_csv(curve):
    plain, _ = light_curve_texts(curve)
    lines = list(csv.DictReader(io.StringIO(plain)))
    assert [index for index, line in enumerate(lines) if line['FLUX'] == ''] == [4]
    assert 'nan' not in plain


@needs_stilts
def test_stilts_reads_the_ecsv_copy(tmp_path, curve):
    path = tmp_path / 'x.ecsv'
    path.write_text(light_curve_texts(curve)[1], encoding='utf-8')
    said = stilts('tpipe', f'in={path}', 'ifmt=ecsv', 'cmd=stats name sum', 'ofmt=csv', 'out=-')
    found = {row['Name']: float(row['Sum']) for row in csv.DictReader(io.StringIO(said)) if row['Sum']}
    assert found['COUNTS'] == pytest.approx(curve.counts.sum(), rel=1e-12)
    assert found['MJD'] == pytest.approx(curve.mjd.sum(), rel=1e-14)


@pytest.mark.parametrize('name', ['x.csv', 'x.ecsv'])
def test_text_that_is_no_light_curve_is_refused(tmp_path, name):
    (tmp_path / name).write_text('a,b\n1,2\n')
    with pytest.raises(hstlc.errors.InputError, match=name):
        hstlc.read(tmp_path / name)


def test_addresses_are_whole_where_the_site_has_one():
    place = [column.name for column in CATALOG_COLUMNS].index('access_url')
    before = catalog_values(rows())
    found = with_site(before, 'https://example.org/hst/')
    assert [row[place] for row in found] == [f'https://example.org/hst/{row[place]}' for row in before]
    assert [[*row[:place], *row[place + 1 :]] for row in found] == [[*row[:place], *row[place + 1 :]] for row in before]
