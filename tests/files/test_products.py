"""Light-curve files: whole round trip, checksums, the same bytes every time, and what other readers make of them."""

import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.timeseries import BinnedTimeSeries, TimeSeries
from builders import make_exposure, make_lightcurve, make_provenance

from hstlc.errors import UnreadableError
from hstlc.files.columns import COLUMNS
from hstlc.files.products import read_lightcurve, write_lightcurve
from hstlc.model import FluxSource
from hstlc.science.composite import combine


@pytest.fixture
def composite():
    rng = np.random.default_rng(1)
    curves = []
    for k, name in enumerate(('ld9m10ujq', 'ld9m11abq')):
        exposure = make_exposure(name, start=58000.25 + 2 * k, fppos=k + 1, proposid=14767 + k)
        mjd = exposure.expstart_mjd + (np.arange(40) + 0.5) * 2 / 86400
        curves.append(
            make_lightcurve(
                rng.poisson(20, 40), mjd=mjd, background=1.0, exposures=(exposure,), provenance=(make_provenance(exposure),),
                gti_mjd=np.array([[mjd[0] - 1 / 86400, mjd[-1] + 1 / 86400]]), removed_aa=((1209.0, 1222.0), (1300.0, 1308.0)),
            )
        )  # fmt: skip
    return combine(curves)


def test_reading_gives_back_what_was_written(tmp_path, composite):
    path = tmp_path / 'hlsp.fits'
    write_lightcurve(path, composite)
    again = read_lightcurve(path)
    assert again.key == composite.key
    assert again.removed_aa == composite.removed_aa
    assert again.provenance == composite.provenance
    for name in ('mjd', 'times_s', 'bjd_tdb', 'gross', 'background', 'band_flux', 'n_src', 'quality', 'dataset'):
        assert getattr(again, name) == pytest.approx(getattr(composite, name), rel=1e-12), name
    assert again.variance == pytest.approx(composite.variance, rel=1e-6)
    assert again.gti_mjd == pytest.approx(composite.gti_mjd, abs=1e-11)


def test_every_documented_column_is_there_with_its_unit_and_ucd(tmp_path, composite):
    write_lightcurve(tmp_path / 'x.fits', composite)
    with fits.open(tmp_path / 'x.fits') as hdus:
        assert [hdu.name for hdu in hdus] == ['PRIMARY', 'LIGHTCURVE', 'GTI', 'PROVENANCE']
        header = hdus[1].header
        for number, column in enumerate(COLUMNS, start=1):
            assert header[f'TTYPE{number}'] == column.name
            assert header.get(f'TUNIT{number}') == column.unit
            assert header[f'TUCD{number}'] == column.ucd
        assert hdus[0].header['PROPOSID'] == 'MULTI'
        assert [hdus[0].header[f'PROPOS{k:02d}'] for k in (1, 2)] == [14767, 14768]
        for hdu in hdus:
            assert 'CHECKSUM' in hdu.header
            assert hdu.verify_checksum() == 1


def test_the_bytes_do_not_depend_on_the_day(tmp_path, composite):
    """The same bytes under the same name elsewhere, and no card that holds a time of writing: astropy puts one beside checksums."""
    for folder in ('one', 'other'):
        (tmp_path / folder).mkdir()
        write_lightcurve(tmp_path / folder / 'a.fits', composite)
    assert (tmp_path / 'one/a.fits').read_bytes() == (tmp_path / 'other/a.fits').read_bytes()
    with fits.open(tmp_path / 'one/a.fits') as hdus:
        for hdu in hdus:
            assert 'DATE' not in hdu.header
            for keyword in ('CHECKSUM', 'DATASUM'):
                assert not any(digit.isdigit() for digit in hdu.header.comments[keyword])


def test_an_unchanged_file_is_not_touched(tmp_path, composite):
    path = tmp_path / 'x.fits'
    write_lightcurve(path, composite)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    write_lightcurve(path, composite)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert [item.name for item in tmp_path.iterdir()] == ['x.fits']


@pytest.mark.skipif(shutil.which('fitsverify') is None, reason='fitsverify is not installed (Debian package fitsverify)')
@pytest.mark.parametrize('calibrated', [True, False])
def test_fitsverify_finds_nothing(tmp_path, composite, calibrated):
    from dataclasses import replace

    curve = composite if calibrated else replace(composite, flux_sources=(FluxSource.NONE,))
    write_lightcurve(tmp_path / 'x.fits', curve, doi='10.17909/xyz')
    report = subprocess.run(['fitsverify', tmp_path / 'x.fits'], capture_output=True, text=True, check=False).stdout
    assert 'Verification found 0 warning(s) and 0 error(s)' in report, report


@pytest.mark.filterwarnings('ignore:hdu= was not specified')
def test_other_readers_agree_on_the_absolute_time(tmp_path, composite):
    path = tmp_path / 'x.fits'
    write_lightcurve(path, composite)
    expected = composite.mjd[[0, -1]]
    series = TimeSeries.read(path, format='fits', time_column='MJD', time_format='mjd', time_scale='utc')
    assert series.time.utc.mjd[[0, -1]] == pytest.approx(expected, abs=1e-9)
    columns = {'time_bin_start_column': 'MJDSTART', 'time_bin_size_column': 'BINS', 'time_bin_size_unit': 's'}
    binned = BinnedTimeSeries.read(path, format='fits', time_format='mjd', time_scale='utc', **columns)
    assert binned.time_bin_center.utc.mjd[[0, -1]] == pytest.approx(expected, abs=1e-9)
    native = Table.read(path, astropy_native=True, hdu=1)
    assert native['TIME'].utc.mjd[[0, -1]] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize('content', [b'', b'SIMPLE  =                    T', b'not FITS at all' * 400])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / 'x_curve.fits'
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=r'x_curve\.fits'):
        read_lightcurve(path)
