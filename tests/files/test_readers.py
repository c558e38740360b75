"""Programs of others open a composite as it is: the same times, fluxes and errors everywhere, and none of the known traps."""

import importlib
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time
from astropy.timeseries import BinnedTimeSeries, TimeSeries
from builders import make_exposure, make_lightcurve, make_provenance

from hstlc.files.products import write_lightcurve
from hstlc.science.composite import combine

MS = 1e-3 / 86400  # d
COLUMNS_OF_BINS = {'time_bin_start_column': 'MJDSTART', 'time_bin_size_column': 'BINS', 'time_bin_size_unit': 's'}


@pytest.fixture(scope='module')
def composite():
    """Two exposures, two days apart; zero counts in one bin, a bin of half its live time, times that are no whole numbers."""
    rng = np.random.default_rng(5)
    curves = []
    for k, name in enumerate(('ld9m10ujq', 'ld9m11abq')):
        exposure = make_exposure(name, start=58000.2512345 + 2 * k)
        mjd = exposure.expstart_mjd + (np.arange(60) + 0.5) * 1.984 / 86400
        gross = rng.poisson(20, 60).astype(float)
        gross[3] = 0.0
        live = np.full(60, 1.984)
        live[-1] = 0.992
        curves.append(
            make_lightcurve(
                gross, mjd=mjd, step_s=1.984, background=1.0, exptime_s=live, exposures=(exposure,),
                provenance=(make_provenance(exposure),), band_flux=(gross - 1.0) * 1e-13, band_flux_variance=(gross + 1.0) * 1e-26,
                gti_mjd=np.array([[mjd[0] - 0.992 / 86400, mjd[-1]]]),
            )
        )  # fmt: skip
    return combine(curves)


@pytest.fixture(scope='module')
def product(composite, tmp_path_factory):
    path = tmp_path_factory.mktemp('readers') / 'hlsp_hstlc_lc.fits'
    write_lightcurve(path, composite)
    return path


def package(name):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f'{name} is not installed (extra `test`)')
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Warning: the tpfmodel submodule', UserWarning)
        warnings.filterwarnings('ignore', 'The recommended numba package', UserWarning)
        warnings.filterwarnings('ignore', category=DeprecationWarning)
        return importlib.import_module(name)


@pytest.fixture(scope='module')
def lightkurve():
    return package('lightkurve')


@pytest.fixture(scope='module')
def stingray():
    package('stingray')
    return importlib.import_module('stingray.lightcurve')


@pytest.fixture(scope='module')
def curve(lightkurve, product):
    return lightkurve.read(str(product))


def read_ogip(stingray, path):
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', r'WARNING! FITS light curve handling is still under testing', UserWarning)
        warnings.filterwarnings('ignore', 'SIMON says: Stingray only uses poisson err_dist', UserWarning)
        return stingray.Lightcurve.read(str(path), fmt='ogip')


@pytest.fixture(scope='module')
def series(stingray, product):
    return read_ogip(stingray, product)


def test_lightkurve_has_the_times_fluxes_and_errors(curve, composite):
    assert curve.time.utc.mjd[[0, -1]] == pytest.approx(composite.mjd[[0, -1]], abs=MS)
    assert len(curve) == len(composite.mjd)
    assert np.asarray(curve.flux.value) == pytest.approx(composite.flux, rel=1e-12)
    assert np.asarray(curve.flux_err.value) == pytest.approx(composite.flux_err, rel=1e-12)


def test_lightkurve_knows_label_and_position(curve, composite):
    assert curve.label == composite.key.targname
    assert (curve.ra, curve.dec) == pytest.approx((composite.exposures[0].ra_targ_deg, composite.exposures[0].dec_targ_deg))


def test_stingray_has_the_times_counts_errors_and_good_time(series, composite):
    mjd = series.mjdref + series.time / 86400
    assert mjd[[0, -1]] == pytest.approx(composite.mjd[[0, -1]], abs=MS)
    whole = composite.exptime_s == composite.bins_s
    assert np.count_nonzero(~whole) == 2
    assert series.counts[whole] == pytest.approx(composite.counts[whole], rel=1e-12)
    assert series.counts_err[whole] == pytest.approx(composite.error[whole], rel=1e-12)
    assert not series.counts[~whole].any()  # stingray itself empties bins of less than 0.9 live time ...
    assert np.array_equal(series.mask, whole)  # ... and they lie outside its good time
    assert series.gti / 86400 + series.mjdref == pytest.approx(composite.gti_mjd, abs=MS)
    assert series.dt == pytest.approx(1.984)


def test_time_series_have_the_times_fluxes_and_errors(product, composite):
    options = {'format': 'fits', 'hdu': 1, 'time_format': 'mjd', 'time_scale': 'utc'}
    points = TimeSeries.read(product, time_column='MJD', **options)
    bins = BinnedTimeSeries.read(product, **COLUMNS_OF_BINS, **options)
    for found, mjd in ((points, points.time.utc.mjd), (bins, bins.time_bin_center.utc.mjd)):
        assert mjd[[0, -1]] == pytest.approx(composite.mjd[[0, -1]], abs=MS)
        assert np.asarray(found['FLUX']) == pytest.approx(composite.flux, rel=1e-12)
        assert np.asarray(found['FLUX_ERR']) == pytest.approx(composite.flux_err, rel=1e-12)


def test_a_native_table_has_the_times_fluxes_and_errors(product, composite):
    table = Table.read(product, astropy_native=True, hdu=1)
    assert isinstance(table['TIME'], Time)
    assert table['TIME'].utc.mjd[[0, -1]] == pytest.approx(composite.mjd[[0, -1]], abs=MS)
    assert np.asarray(table['FLUX']) == pytest.approx(composite.flux, rel=1e-12)
    assert str(table['FLUX_ERR'].unit) == 'erg / (Angstrom s cm2)'


@pytest.mark.filterwarnings('ignore:.*contains NaN:UserWarning')
def test_lightkurve_works_with_it(curve, composite):
    normal = curve.normalize()
    assert np.nanmedian(normal.flux.value) == pytest.approx(1.0, abs=1e-9)
    folded = curve.fold(period=1e-3)
    assert len(folded) == len(curve)
    assert np.ptp(folded.phase.value) <= 1e-3
    first = curve[:60]  # the composite spans two days: its bins would be mostly empty
    binned = first.bin(time_bin_size=10 * 1.984 / 86400)
    assert len(binned) == pytest.approx(6, abs=1)
    assert np.nanmean(binned.flux.value) == pytest.approx(np.mean(composite.flux[:60]), rel=0.05)


def test_lightkurve_finds_the_period_that_is_there(lightkurve, tmp_path):
    mjd = 58000.0 + (np.arange(1000) + 0.5) * 2 / 86400
    flux = 100 * (1 + 0.5 * np.sin(2 * np.pi * (mjd - 58000) * 86400 / 50.0))
    write_lightcurve(tmp_path / 'x.fits', make_lightcurve(flux, mjd=mjd))
    periodogram = lightkurve.read(str(tmp_path / 'x.fits')).to_periodogram()
    assert periodogram.period_at_max_power.to_value('s') == pytest.approx(50.0, rel=0.01)


# Traps for readers: each test shows that the file avoids it, and where it can be tried, that it is one.


def changed(product, tmp_path, change):
    path = tmp_path / 'changed.fits'
    with fits.open(product) as hdus:
        change(hdus)
        hdus.writeto(path)
    return path


def test_trap_errors_under_the_one_name_that_lightkurve_looks_for(lightkurve, product, curve, tmp_path):
    assert np.isfinite(curve.flux_err.value).all()

    def without(hdus):
        hdus[1].columns['FLUX_ERR'].name = 'FLUX_SOMETHING'

    assert np.isnan(lightkurve.read(str(changed(product, tmp_path, without))).flux_err.value).all()


def test_trap_creator_beside_origin(lightkurve, product, tmp_path):
    with fits.open(product) as hdus:
        assert hdus[0].header['ORIGIN'] == 'hstlc'
        assert hdus[0].header['PROCSW'] == 'hstlc'
        assert all('CREATOR' not in hdu.header for hdu in hdus)

    def creator(hdus):
        hdus[0].header['CREATOR'] = 'hstlc'

    with pytest.raises(lightkurve.LightkurveError):
        lightkurve.read(str(changed(product, tmp_path, creator)))


@pytest.mark.parametrize('keyword', ['BJDREFI', 'BJDREFF', 'MJDREFI', 'MJDREFF', 'EQUINOX', 'CREATOR'])
def test_trap_keywords_that_must_not_be_there(product, keyword):
    with fits.open(product) as hdus:
        assert [hdu.name for hdu in hdus if keyword in hdu.header] == []


def test_trap_one_keyword_for_the_zero_of_time(product, composite, tmp_path):
    with fits.open(product) as hdus:
        assert isinstance(hdus[1].header['MJDREF'], float)
        assert hdus[1].header['MJDREF'] == np.floor(composite.mjd[0])

    def in_two(hdus):
        reference = hdus[1].header.pop('MJDREF')
        hdus[1].header['MJDREFI'], hdus[1].header['MJDREFF'] = int(reference), 0.0

    table = Table.read(changed(product, tmp_path, in_two), astropy_native=True, hdu=1)
    assert table['TIME'].mjd[0] < 2  # in 1858, without any warning


def test_trap_time_has_a_unit_and_a_scale(product):
    with fits.open(product) as hdus:
        header = hdus[1].header
        assert header['TTYPE1'] == 'TIME'
        assert header['TUNIT1'] == header['TIMEUNIT'] == 's'
        assert header['TIMESYS'] == 'UTC'
        assert header['TREFPOS'] == 'GEOCENTER'


def test_trap_names_of_columns_are_upper_case_and_unique(product):
    with fits.open(product) as hdus:
        names = hdus[1].columns.names
    assert names == [name.upper() for name in names]
    assert len(set(names)) == len(names)
    assert names.count('TIME') == 1


@pytest.mark.parametrize('name', ['RATE', 'EXPOSURE'])
def test_trap_columns_that_stingray_takes_for_something_else(product, name):
    with fits.open(product) as hdus:
        assert all(name not in hdu.columns.names for hdu in hdus[1:])


def test_trap_a_rate_would_be_taken_for_counts(stingray, product, composite, tmp_path):
    def rate(hdus):
        hdus[1].columns['NET'].name = 'RATE'

    found = read_ogip(stingray, changed(product, tmp_path, rate))
    assert np.abs(found.counts - composite.counts).max() > 1.0


@pytest.mark.parametrize('keyword', ['TSTART', 'TSTOP', 'TIMEDEL', 'TIMEPIXR'])
def test_trap_the_axis_that_stingray_needs(product, keyword):
    with fits.open(product) as hdus:
        assert isinstance(hdus[1].header[keyword], float)
        assert hdus['GTI'].header['MJDREF'] == hdus[1].header['MJDREF']


def test_trap_every_column_has_unit_and_ucd(product):
    with fits.open(product) as hdus:
        header = hdus[1].header
        without = {header[f'TTYPE{k}'] for k in range(1, header['TFIELDS'] + 1) if f'TUNIT{k}' not in header}
        assert without == {'FRACEXP', 'SIGNAL_TO_NOISE', 'QUALITY', 'DATASET'}  # pure numbers
        assert all(f'TUCD{k}' in header for k in range(1, header['TFIELDS'] + 1))


def test_trap_zero_counts_are_a_measurement(curve, composite):
    assert np.count_nonzero(composite.gross == 0) == 2
    assert len(curve) == 120


def test_trap_checksums_hold_no_time_of_day(product):
    with fits.open(product) as hdus:
        for hdu in hdus:
            assert hdu.verify_checksum() == hdu.verify_datasum() == 1
            assert not any(digit in hdu.header.comments[key] for key in ('CHECKSUM', 'DATASUM') for digit in '0123456789')


def test_trap_numbered_keywords_count_up(composite, tmp_path):
    rows = tuple(replace(row, proposid=100 + k) for k, row in enumerate(composite.provenance))
    write_lightcurve(tmp_path / 'x.fits', replace(composite, provenance=rows))
    header = fits.getheader(tmp_path / 'x.fits')
    assert (header['PROPOSID'], header['PROPOS01'], header['PROPOS02']) == ('MULTI', 100, 101)


def test_doi_only_where_there_is_one(product):
    assert 'DOI' not in fits.getheader(product)
    assert 'REFERENC' not in fits.getheader(product)


def test_the_readers_were_the_real_ones(lightkurve, stingray):
    assert {'lightkurve', 'stingray'} <= set(sys.modules)
    assert tuple(int(part) for part in lightkurve.__version__.split('.')[:2]) >= (2, 6)
