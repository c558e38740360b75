"""Headers that announce what cannot be are refused before anything believes them."""

import gzip
import io

import numpy as np
import pytest
from astropy.io import fits

from hstlc.errors import UnreadableError
from hstlc.files import bounds
from hstlc.files.bounds import check_structure
from hstlc.files.eventlist import open_events, require_columns
from hstlc.files.exposurenames import rootname_of
from hstlc.files.exposures import open_all
from hstlc.files.fitsfile import open_fits
from hstlc.files.keywords import remove_damage
from hstlc.files.x1d import read_x1d
from hstlc.settings import Settings
from hstlc.simulate import cos
from hstlc.simulate.source import Constant, Source
from hstlc.simulate.spectrum import Spectrum
from hstlc.steps.ingest import judge

ROOT = 'lbnd01a1q'


@pytest.fixture(scope='module')
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp('good')
    source = Source('SIM-1', 10.0, 20.0, Spectrum(3e-15, -1.0), Constant(), 'STAR')
    cos.write_nuv(folder, ROOT, source, exptime_s=5.0, seed=1, start_mjd=57000.0, dark=1e-5)
    return folder


@pytest.fixture
def events(simulated, tmp_path):
    path = tmp_path / f'{ROOT}_corrtag.fits'
    path.write_bytes((simulated / path.name).read_bytes())
    return path


def structure(content):
    check_structure(io.BytesIO(content), len(content))


def test_real_structures_pass(simulated):
    for path in simulated.iterdir():
        structure(path.read_bytes())
        structure(path.read_bytes() + b'\0' * 4000)  # what follows the last extension is not looked at


@pytest.mark.parametrize(
    ('keyword', 'value', 'why'),
    [
        ('NAXIS2', '1000000000', 'not whole'), ('NAXIS2', '-1', 'NAXIS2 is -1'), ('NAXIS2', '99999999999999999999', 'NAXIS2 is'),
        ('NAXIS2', "'2'", 'not whole|NAXIS2'), ('NAXIS1', '0', 'its columns'), ('NAXIS1', '4', 'its columns'),
        ('TFORM1', "'999999999D'", 'its columns'), ('TFORM1', "'-1D'", "form '-1D'"), ('TFORM1', "'1Z'", "form '1Z'"),
        ('PCOUNT', '-5', 'PCOUNT is -5'), ('PCOUNT', '999999999999', 'not whole'), ('GCOUNT', '1000000000', 'not whole'),
        ('BITPIX', '7', 'BITPIX is 7'), ('NAXIS', '999', 'NAXIS is 999'), ('TFIELDS', '0', 'its columns 0'),
        ('TFIELDS', '998', "form ''"),
    ],
)  # fmt: skip
def test_what_a_table_announces_must_fit_into_the_file(events, keyword, value, why):
    content = events.read_bytes()
    start = content.index(b'XTENSION')
    place = content.index(f'{keyword:8}='.encode(), start)
    card = f'{keyword:8}= {value:>20}'.encode().ljust(80)
    content = content[:place] + card + content[place + 80 :]
    with pytest.raises(ValueError, match=why):
        structure(content)
    events.write_bytes(content)
    with pytest.raises(UnreadableError, match=events.name):
        open_events(events)


def test_headers_end(events, monkeypatch):
    content = events.read_bytes()
    without = content.replace(b'END'.ljust(80), b'COMMENT'.ljust(80))
    with pytest.raises(ValueError, match='no END'):
        structure(without)
    monkeypatch.setattr(bounds, 'MAX_HEADER', 28800)
    with pytest.raises(ValueError, match='longer than 28800 bytes'):
        structure(without + b' ' * 50000)
    structure(content)


def test_extensions_are_few_and_nothing_is_unpacked(events, simulated, tmp_path):
    content = events.read_bytes()
    gti = content[content.rindex(b'XTENSION') :]
    with pytest.raises(ValueError, match='more than 1000 extensions'):
        structure(content + gti * 1001)
    packed = tmp_path / 'packed_corrtag.fits'
    packed.write_bytes(gzip.compress(content))
    with pytest.raises(UnreadableError, match='does not begin as a FITS file'):
        open_events(packed)
    image = tmp_path / 'image.fits'
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(np.ones((64, 64), np.int16))]).writeto(image)
    with open_fits(image, 'an image', '') as hdus:
        assert isinstance(hdus[1], fits.BinTableHDU)  # a compressed image may become as large as it likes


def test_numbers_that_cannot_be_are_missing(events):
    header = fits.getheader(events)
    kept = dict(header)
    assert remove_damage(header) == ()
    assert dict(header) == kept
    header['RA_TARG'], header['EXPTIME'], header['V_HELIO'] = 1e30, 'long', 12.5
    header['CENWAVE'], header['PROPOSID'] = True, 'N/A'
    header.append(fits.Card.fromstring('SP_HGT_A= 1 2 3'))
    header.append(fits.Card.fromstring("OVERFLOW= 'unclosed"))
    assert set(remove_damage(header)) == {'RA_TARG', 'EXPTIME', 'CENWAVE', 'SP_HGT_A', 'OVERFLOW'}
    assert header['V_HELIO'] == 12.5
    assert not set(header) & {'RA_TARG', 'EXPTIME', 'SP_HGT_A', 'OVERFLOW', 'PROPOSID'}


def judged(home, *paths):
    return judge(Settings(home=home), ROOT, list(paths), '2026-01-01')


def test_damaged_keywords_are_named_in_the_record(events, tmp_path):
    assert not [code for code in judged(tmp_path, events).warnings if code.startswith('W_HEADER')]
    value = fits.getheader(events)['RA_TARG']
    with fits.open(events, mode='update') as hdus:
        hdus[0].header['RA_TARG'] = 1e30
    record = judged(tmp_path, events)
    assert value == 10.0
    assert 'W_HEADER:RA_TARG' in record.warnings
    assert record.exposure.ra_targ_deg is None


def test_a_start_that_cannot_be_is_a_rejection(events, tmp_path):
    with fits.open(events, mode='update') as hdus:
        for hdu in hdus:
            if 'EXPSTART' in hdu.header:
                hdu.header['EXPSTART'] = 1e9
    record = judged(tmp_path, events)
    assert 'EXPSTART' in record.rejections[0].detail


def test_columns_must_be_numbers(events):
    with fits.open(events) as hdus:
        columns = [c if c.name != 'XFULL' else fits.Column('XFULL', '4A') for c in hdus['EVENTS'].columns]
        hdus['EVENTS'] = fits.BinTableHDU.from_columns(columns, header=hdus['EVENTS'].header, nrows=5)
        hdus.writeto(events, overwrite=True)
    with pytest.raises(UnreadableError, match='no column of numbers XFULL'):
        require_columns(open_events(events), ('TIME', 'XFULL'))


@pytest.mark.parametrize('stop', [1e30, 1e7])
def test_good_time_without_end_is_refused(events, tmp_path, stop):
    with fits.open(events, mode='update') as hdus:
        hdus['GTI'].data['STOP'] = stop
    assert 'good time from' in judged(tmp_path, events).rejections[0].detail


def test_a_timeline_that_is_none_is_left_out(events):
    assert open_events(events).timeline is not None
    for column, value in (('LATITUDE', np.nan), ('SUN_ALT', 1e30), ('TIME', 0.0)):
        content = events.read_bytes()
        with fits.open(events, mode='update') as hdus:
            hdus['TIMELINE'].data[column][1:] = value
        assert open_events(events).timeline is None
        events.write_bytes(content)


def test_an_exposure_has_one_detector_and_one_file_of_a_name(events, tmp_path):
    other = events.with_name(events.name.upper())
    other.write_bytes(events.read_bytes())
    with pytest.raises(UnreadableError, match='differ only in upper and lower case'):
        open_all((events, other))
    part = events.with_name(f'{ROOT}_corrtag_b.fits')
    part.write_bytes(events.read_bytes())
    with fits.open(part, mode='update') as hdus:
        hdus[0].header['OPT_ELEM'] = 'G185M'
    with pytest.raises(UnreadableError, match='of different exposures'):
        open_all((events, part))
    with fits.open(events, mode='update') as hdus:
        hdus[0].header['DETECTOR'] = '../../x'
    with pytest.raises(UnreadableError, match='detector'):
        open_all((events,))


@pytest.mark.parametrize('rootname', ['targets', '..', '.hidden', 'a b', 'x' * 40, 'é', 'a=b', 'a:b', '-rf'])
def test_rootnames_are_plain(rootname):
    assert rootname_of(f'{rootname}_tag.fits') is None


def test_an_x1d_with_wild_numbers_gives_finite_ones(simulated, tmp_path):
    path = tmp_path / f'{ROOT}_x1d.fits'
    path.write_bytes((simulated / path.name).read_bytes())
    with fits.open(path, mode='update') as hdus:
        hdus[1].data['BACKGROUND'][:, ::3] = 1e38
        hdus[1].data['NET'][:, ::4] = np.inf
    for spectrum in read_x1d(path).spectra:
        assert np.all(np.abs(spectrum.background) < 1e15)
        assert np.all(np.isfinite(spectrum.net))
        assert np.any(spectrum.net != 0)
    whole = path.read_bytes()
    dimensions = b"TDIM11  = '(2,3)'".ljust(80)
    header = whole.index(b'XTENSION')
    end = whole.index(b'END'.ljust(80), header)
    path.write_bytes(whole[:end] + dimensions + whole[end : end + 80] + whole[end + 160 :])
    with pytest.raises(UnreadableError, match='elements of WAVELENGTH'):
        read_x1d(path)
    path.write_bytes(whole)
    with fits.open(path, mode='update') as hdus:
        hdus[1].data['NELEM'] = -1
    with pytest.raises(UnreadableError, match='NELEM is -1'):
        read_x1d(path)
