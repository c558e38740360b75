"""Reference files: where they are found, and their tables against a reading of their own."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from hstlc.files.fitsfile import open_fits
from hstlc.files.reference import (
    Library,
    bad_pixels,
    detector_temperature,
    flat_image,
    flux_table,
    linearity,
    read_throughput,
    time_dependence,
)
from hstlc.files.referencefolders import reference_folders
from hstlc.files.referencerows import select_rows


def exposure(**keywords):
    return SimpleNamespace(keyword=lambda name, default=None: keywords.get(name, default))


def reading(path, reader):
    with open_fits(path, 'a reference file', '') as hdus:
        return reader(hdus)


def write_table(path, columns, *, primary=None, header=None):
    hdu = fits.BinTableHDU.from_columns([fits.Column(name=n, format=f, array=a) for n, f, a in columns])
    hdu.header.update(header or {})
    fits.HDUList([fits.PrimaryHDU(header=fits.Header(primary or {})), hdu]).writeto(path)
    return path


def test_folders_come_in_order(tmp_path):
    environ = {'lref': '/l/', 'oref': '/o/', 'CRDS_PATH': '/crds'}
    home = tmp_path / 'references'
    cos = reference_folders('COS', home, environ)
    own = ('hst/cos', 'hst', '')
    expected = (Path('/l'), Path('/crds/references/hst/cos'), Path('/crds/references/hst'), *(home / name for name in own))
    assert cos == expected
    assert reference_folders('STIS', home, environ)[:2] == (Path('/o'), Path('/crds/references/hst/stis'))
    assert reference_folders('STIS', home, {}) == (home / 'hst/stis', home / 'hst', home)


def test_the_first_folder_that_has_the_file_wins_and_the_missing_are_named(tmp_path):
    for place in ('first', 'second'):
        (tmp_path / place).mkdir()
    write_table(
        tmp_path / 'second/a_lin.fits', [('DETECTOR', '8A', ['FUV-MAMA']), ('TAU', 'D', [2.0]), ('GLOBAL_LIMIT', 'D', [1.0])]
    )
    (tmp_path / 'first/b_lin.fits').write_bytes(b'no FITS')
    header = exposure(A='oref$a_lin.fits', B='oref$b_lin.fits', C='oref$c_lin.fits', D='N/A')
    books = Library(header, (tmp_path / 'first', tmp_path / 'second'))
    found = [books.read(name, lambda hdus: linearity(hdus, 'FUV-MAMA')) for name in ('A', 'B', 'C', 'C', 'D', 'E')]
    assert found[0].tau_s == 2.0
    assert found[1:] == [None] * 5
    assert books.used == ['a_lin.fits']
    assert books.lacking() == ('b_lin.fits(unusable)', 'c_lin.fits')
    write_table(tmp_path / 'first/a_lin.fits', [('DETECTOR', '8A', ['ANY']), ('TAU', 'D', [3.0]), ('GLOBAL_LIMIT', 'D', [1.0])])
    assert books.read('A', lambda hdus: linearity(hdus, 'FUV-MAMA')).tau_s == 3.0


def test_a_dummy_or_inapplicable_table_is_missing(tmp_path):
    columns = [('DETECTOR', '8A', ['NUV-MAMA']), ('TAU', 'D', [2.0]), ('GLOBAL_LIMIT', 'D', [1.0])]
    write_table(tmp_path / 'dummy.fits', columns, primary={'PEDIGREE': 'DUMMY'})
    write_table(tmp_path / 'other.fits', columns)
    write_table(tmp_path / 'row.fits', [*columns, ('PEDIGREE', '8A', ['DUMMY'])])
    books = Library(exposure(A='dummy.fits', B='other.fits', C='row.fits'), (tmp_path,))
    assert books.read('A', lambda hdus: linearity(hdus, 'NUV-MAMA')) is None
    assert books.read('B', lambda hdus: linearity(hdus, 'FUV-MAMA')) is None
    assert books.read('C', lambda hdus: linearity(hdus, 'NUV-MAMA')) is None
    assert books.lacking() == ('dummy.fits(unusable)', 'other.fits(unusable)', 'row.fits(unusable)')
    assert books.read('B', lambda hdus: linearity(hdus, 'NUV-MAMA')) is not None
    assert books.lacking() == ('dummy.fits(unusable)', 'row.fits(unusable)')  # another row of it was of use


def test_wildcards(tmp_path):
    columns = [
        ('SEGMENT', '4A', ['FUVA', 'FUVA', 'FUVB', 'ANY']),
        ('CENWAVE', 'J', [1291, -1, 1291, 1300]),
        ('FPOFFSET', 'J', [-1, 0, 0, 0]),
        ('N', 'J', [0, 1, 2, 3]),
    ]
    path = write_table(tmp_path / 'x.fits', columns)

    def rows(**wanted):
        return reading(path, lambda hdus: [int(row['N']) for row in select_rows(hdus, wanted)])

    assert rows(SEGMENT='fuva') == [0, 1, 3]
    assert rows(SEGMENT='FUVA', CENWAVE=1291) == [0, 1]
    assert rows(SEGMENT='N/A') == [0, 1, 2, 3]
    assert rows(FPOFFSET=0) == [1, 2, 3]  # there -1 is an offset like any other
    assert rows(CENWAVE=1222) == [1]
    assert rows(NOT_A_COLUMN='x', SEGMENT='FUVC') == [3]


def test_the_more_exact_row_is_taken(tmp_path):
    columns = [
        ('SEGMENT', '4A', ['ANY', 'FUVA']),
        ('WAVELENGTH', '2D', [[1.0, 2.0]] * 2),
        ('SENSITIVITY', '2D', [[1.0, 1.0], [7.0, 8.0]]),
    ]
    curve = reading(write_table(tmp_path / 'x.fits', columns), lambda hdus: flux_table(hdus, {'SEGMENT': 'FUVA'}))
    assert curve.values.tolist() == [7.0, 8.0]


def test_the_real_cos_time_dependence(shared_data):
    path = shared_data / 'lref/calcos_test_tds.fits'
    table = Table.read(path, hdu=1, unit_parse_strict='silent')
    row = next(item for item in table if item['SEGMENT'] == 'FUVB' and item['CENWAVE'] == 1096)
    wanted = {'SEGMENT': 'FUVB', 'OPT_ELEM': row['OPT_ELEM'].strip(), 'CENWAVE': 1096, 'APERTURE': 'PSA'}
    found = reading(path, lambda hdus: time_dependence(hdus, wanted))
    assert found.slope.shape == (8, 60)
    assert np.array_equal(found.slope, np.array(row['SLOPE'])[:8, :60])
    assert np.array_equal(found.intercept, np.array(row['INTERCEPT'])[:8, :60])
    assert np.all(np.diff(found.time_mjd) > 0)
    assert np.all(np.diff(found.wavelength_aa) > 0)
    nuv = next(item for item in table if item['SEGMENT'] == 'NUVA')
    any_cenwave = {'SEGMENT': 'NUVA', 'OPT_ELEM': nuv['OPT_ELEM'].strip(), 'CENWAVE': 1921, 'APERTURE': 'BOA'}
    assert reading(path, lambda hdus: time_dependence(hdus, any_cenwave)).slope.shape == (3, 34)
    assert reading(path, lambda hdus: time_dependence(hdus, {**wanted, 'CENWAVE': 1222})) is None


def test_the_real_stis_time_dependence(shared_data):
    found = reading(shared_data / 'oref/13a1941fo_tds.fits', lambda hdus: time_dependence(hdus, {'OPT_ELEM': 'G140M'}))
    assert found.slope.shape == (5, 11)
    assert found.intercept is None
    assert found.reference_temperature_c == 36.0
    assert found.slope[0, 0] == pytest.approx(-0.76471)
    assert found.time_mjd[-1] == pytest.approx(56356.68)


def test_the_real_bad_pixels(shared_data):
    """Every pixel against the table's own rows, a pixel at a time."""
    path = shared_data / 'oref/uce15153o_bpx.fits'
    found = reading(path, lambda hdus: bad_pixels(hdus, 'G140M'))
    expected = np.zeros((1026, 1026), np.int64)
    for x, y, length, axis, value, grating in fits.getdata(path, 1).tolist():
        if grating.strip() in ('ANY', 'G140M'):
            for k in range(length):
                column, line = (x + k, y) if axis == 1 else (x, y + k)
                if column <= 1024 and line <= 1024:
                    expected[line, column] |= value
    assert np.array_equal(found, expected[1:1025, 1:1025])
    assert set(np.unique(found)) >= {0, 4, 32, 1024}
    other = reading(path, lambda hdus: bad_pixels(hdus, 'E140H'))
    assert not np.array_equal(found, other)


def test_the_real_low_order_flat(shared_data):
    image = reading(shared_data / 'oref/o481727ao_lfl.fits', flat_image)
    assert image.shape == (256, 256)
    assert np.array_equal(image, fits.getdata(shared_data / 'oref/o481727ao_lfl.fits', 1).astype(float))


@pytest.fixture
def stis_tables(tmp_path, shared_data):
    write_table(
        tmp_path / 'x_pht.fits',
        [
            ('OPT_ELEM', '6A', ['G140L', 'E140M', 'G140L']),
            ('CENWAVE', 'I', [1425, 1425, 1222]),
            ('SPORDER', 'I', [1, 1, 1]),
            ('NELEM', 'I', [2, 2, 2]),
            ('WAVELENGTH', '3D', [[1100.0, 1800.0, 0.0]] * 3),
            ('THROUGHPUT', '3D', [[0.01, 0.02, 0.0], [9.0, 9.0, 9.0], [5.0, 5.0, 5.0]]),
        ],
    )
    write_table(
        tmp_path / 'x_apt.fits',
        [
            ('APERTURE', '16A', ['52X0.1', '52X0.2']),
            ('NELEM', 'I', [2, 2]),
            ('WAVELENGTH', '2D', [[1000.0, 2000.0]] * 2),
            ('THROUGHPUT', '2E', [[0.1, 0.1], [0.5, 0.7]]),
        ],
    )
    keywords = {
        'OPT_ELEM': 'G140L', 'CENWAVE': 1425, 'APERTURE': '52X0.2', 'PHOTTAB': 'oref$x_pht.fits', 'APERTAB': 'oref$x_apt.fits',
        'PCTAB': 'oref$y2r16004o_pct.fits', 'TDSTAB': 'oref$13a1941fo_tds.fits', 'GACTAB': 'N/A',
    }  # fmt: skip
    return keywords, (tmp_path, shared_data / 'oref')


def test_throughput_takes_the_rows_of_its_mode(stis_tables):
    keywords, folders = stis_tables
    books = Library(exposure(**keywords), folders)
    found = read_throughput(books, 1, 11.0)
    assert found.response.values.tolist() == [0.01, 0.02]  # NELEM of the array's 3
    assert found.aperture.values == pytest.approx([0.5, 0.7])
    assert found.blaze is None
    assert found.grating_aperture is None
    assert books.lacking() == ()
    table = Table.read(folders[1] / 'y2r16004o_pct.fits', hdu=1, unit_parse_strict='silent')
    rows = [row for row in table if row['APERTURE'].strip() == '52X0.2']
    expected = {int(row['EXTRHEIGHT']): np.array(row['THROUGHPUT']) for row in rows}
    assert found.height.values == pytest.approx(expected[11])
    assert found.full_height.values == pytest.approx(expected[600])
    assert read_throughput(books, 1, 100.0).height.values == pytest.approx(expected[140])
    assert read_throughput(books, 2, 11.0) is None  # no such order


def test_without_a_height_table_the_factor_is_one_and_the_file_is_named(stis_tables):
    keywords, folders = stis_tables
    books = Library(exposure(**keywords), folders[:1])
    found = read_throughput(books, 1, 11.0)
    assert found.height is None
    assert found.full_height is None
    assert found.time is None
    assert books.lacking() == ('y2r16004o_pct.fits', '13a1941fo_tds.fits')


def test_the_temperature_is_that_of_the_detector():
    assert detector_temperature(exposure(DETECTOR='FUV-MAMA', OM1CAT=38.4, OM2CAT=30.0)) == 38.4
    assert detector_temperature(exposure(DETECTOR='NUV-MAMA', OM1CAT=38.4, OM2CAT=30.0)) == 30.0
    assert detector_temperature(exposure(DETECTOR='NUV-MAMA', OM1CAT=38.4)) is None
