"""Tables to bytes and back: what astropy writes and reads is the truth."""

import io

import numpy as np
import pytest
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from hstlc.files.bintable import KINDS, Field, primary, rows_of, save, table

LONG_TEXT = 'one rule of a long history, ' * 12
LONG = ('OGIP 1.0', 'long strings use CONTINUE')
CARDS = (
    ('TELESCOP', 'HST', 'telescope'),
    ('EXPTIME', 1234.5, '[s] exposure time'),
    ('MJDREF', 0, ''),
    ('NIGHT', False, 'only in shadow'),
    ('REASON', "the observer's own", ''),
    ('TALE', LONG_TEXT, 'a text over several cards'),
)


def fields_of(rows):
    """A column of every kind: numbers with NaN and extremes, a null value, text of several widths."""
    rng = np.random.default_rng(rows + 1)
    real = rng.normal(size=rows) * 1e-15
    real[::3] = np.nan
    return [
        Field('FLUX', 'D', 'erg / (Angstrom s cm2)', real, 'flux density, its meaning longer than the card has room', 'phot.flux'),
        Field('NET', 'E', 'ct / s', real * 1e15, 'net rate'),
        Field('FLAGS', 'J', None, rng.integers(-(2**31), 2**31, rows), 'reasons'),
        Field('ORDER', 'I', None, np.full(rows, -999), null=-999),
        Field('EVENTS', 'K', 'ct', rng.integers(0, 2**60, rows)),
        Field('FILE', 'A', None, np.array(['x' * (1 + k % 7) for k in range(rows)], dtype=str), 'name', 'meta.file'),
    ]


def by_astropy(name, fields, before, after):
    """The same extension by astropy's own objects."""
    columns = []
    for field in fields:
        width = max([1, *(len(text) for text in field.values)]) if field.format == 'A' else 0
        form = f'{width}A' if width else field.format
        columns.append(fits.Column(field.name, form, unit=field.unit, null=field.null, array=np.asarray(field.values)))
    hdu = fits.BinTableHDU.from_columns(columns)
    for k, field in enumerate(fields, 1):
        hdu.header.comments[f'TTYPE{k}'] = field.meaning[:46]
    for k, field in enumerate(fields, 1):
        if field.ucd:
            hdu.header[f'TUCD{k}'] = field.ucd
    for card in (*before, ('EXTNAME', name, 'extension name'), *after):
        hdu.header[card[0]] = card[1:]
    return hdu


def written(*hdus):
    for hdu in hdus:
        if 'TALE' in hdu.header:  # a reader that knows no CONTINUE is told of it
            hdu.header['LONGSTRN'] = LONG
        hdu.add_checksum(when='')
        hdu.header.comments['DATASUM'] = ''
    stream = io.BytesIO()
    fits.HDUList(list(hdus)).writeto(stream)
    return stream.getvalue()


@pytest.mark.parametrize('rows', [0, 1, 7, 1000])
@pytest.mark.parametrize('cards', [CARDS[:5], CARDS], ids=['short', 'long'])
def test_a_table_has_the_bytes_that_astropy_writes(rows, cards):
    fields = fields_of(rows)
    expected = written(fits.PrimaryHDU(), by_astropy('PHOTONS', fields, cards[:2], cards[2:]))
    assert primary(()) + table('PHOTONS', fields, cards[:2], cards[2:]) == expected


@pytest.mark.parametrize('values', [0, 1, 7, 1000])
def test_so_has_a_table_with_its_columns_in_one_row(values, tmp_path):
    fields = [field for field in fields_of(values) if field.format != 'A' and field.null is None]
    wide, shape = (str(values), (1, values)) if values else ('', 0)
    columns = [
        fits.Column(item.name, f'{wide}{item.format}', unit=item.unit, array=np.reshape(item.values, shape)) for item in fields
    ]
    expected = fits.BinTableHDU.from_columns(columns, name='CELLS')
    for k, field in enumerate(fields, 1):
        expected.header.comments[f'TTYPE{k}'] = field.meaning[:46]
        if field.ucd:
            expected.header[f'TUCD{k}'] = field.ucd
    expected.header['EXTNAME'] = expected.header.pop('EXTNAME'), 'extension name'
    save(tmp_path / 'cells_hstlc.fits', primary(()), table('CELLS', fields, one_row=True))
    assert (tmp_path / 'cells_hstlc.fits').read_bytes() == written(fits.PrimaryHDU(), expected)
    with fits.open(tmp_path / 'cells_hstlc.fits') as hdus:
        rows = rows_of(hdus['CELLS'])
    for field in fields:
        np.testing.assert_array_equal(rows[field.name].ravel(), np.asarray(field.values).astype(KINDS[field.format]))


def test_a_primary_header_has_the_bytes_that_astropy_writes():
    hdu = fits.PrimaryHDU()
    for card in CARDS:
        hdu.header[card[0]] = card[1:]
    assert primary(CARDS) == written(hdu)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / 'table_hstlc.fits'
    save(path, primary(CARDS), table('PHOTONS', fields_of(40), after=CARDS))
    return path


def test_astropy_finds_the_sums_right_and_the_values_as_given(path):
    with fits.open(path, checksum=True) as hdus:
        hdus.verify('exception')
        assert [hdu.verify_checksum() for hdu in hdus] == [1, 1]
        assert [hdu.verify_datasum() for hdu in hdus] == [1, 1]
        assert hdus[1].header['TALE'] == LONG_TEXT.rstrip()
        for field in fields_of(40):
            values = np.asarray(field.values)
            expected = values if field.format == 'A' else values.astype(KINDS[field.format])
            np.testing.assert_array_equal(hdus[1].data[field.name], expected)


def test_rows_read_back_are_those_that_were_written(path):
    with fits.open(path) as hdus:
        rows = rows_of(hdus['PHOTONS'])
    assert len(rows) == 40
    for field in fields_of(40):
        values = np.asarray(field.values)
        expected = np.char.encode(values, 'ascii') if field.format == 'A' else values.astype(KINDS[field.format])
        np.testing.assert_array_equal(rows[field.name], expected)


def test_rows_of_a_table_that_is_cut_off_are_refused(path):
    content = path.read_bytes()
    path.write_bytes(content[:-2880])
    with (
        pytest.warns(AstropyUserWarning, match='truncated'),
        fits.open(path) as hdus,
        pytest.raises(OSError, match='PHOTONS is not'),
    ):
        rows_of(hdus[1])


def test_rows_whose_columns_do_not_fill_them_are_refused(path):
    path.write_bytes(path.read_bytes().replace(b"TFORM1  = 'D       '", b"TFORM1  = 'E       '"))
    with fits.open(path) as hdus, pytest.raises(ValueError, match='its columns'):
        rows_of(hdus[1])


def test_text_that_fits_cannot_hold_is_refused():
    with pytest.raises(UnicodeEncodeError):
        table('NAMES', [Field('NAME', 'A', None, ['Ångström'])])
