"""Sensitivities from reference files against other ways of computing them; the corrections of the MAMA detectors."""

from dataclasses import replace

import numpy as np
import pytest
from astropy import constants, units
from astropy.io import fits
from scipy.optimize import brentq

from hstlc.files.fitsfile import open_fits
from hstlc.files.reference import time_dependence
from hstlc.files.x1d import read_x1d
from hstlc.model import (
    Blaze,
    Cells,
    Curve,
    Linearity,
    PixelCorrections,
    Throughput,
    TimeDependence,
)
from hstlc.science.detector import stis_regions
from hstlc.science.flux import sensitivity
from hstlc.science.mama import (
    dead_time_factor,
    flat_field,
    hot_pixels,
    near_traces,
    rejected_part,
    scaled,
    without_pixels,
)
from hstlc.science.reference import calibrated, cos_sensitivity, stis_sensitivity, time_factor
from hstlc.science.registration import register


def flat_curve(value):
    return Curve(wavelength_aa=np.array([500.0, 5000.0]), values=np.full(2, float(value)))


def change(**values):
    return TimeDependence(
        **{
            'wavelength_aa': np.array([1200.0, 1300.0]),
            'time_mjd': np.array([52000.0, 54000.0]),
            'slope': np.array([[-5.0, -1.0], [-2.0, 0.0]]),
            'intercept': np.array([[1.0, 1.0], [0.9, 0.99]]),
            'reference_mjd': 52000.0,
            **values,
        }
    )


@pytest.mark.parametrize(
    ('mjd', 'expected'),
    [
        (52000.0, [1.0, 1.0]),
        (52365.25, [0.95, 0.99]),
        (53999.9999999, [1 - 0.05 * 2000 / 365.25, 1 - 0.01 * 2000 / 365.25]),
        (54000.0, [0.9 - 0.02 * 2000 / 365.25, 0.99]),
        (51634.75, [1.05, 1.01]),  # before the first time its slope goes on
        (60000.0, [0.9 - 0.02 * 8000 / 365.25, 0.99]),
    ],
)
def test_a_time_dependence_with_intercepts(mjd, expected):
    assert time_factor(change(), mjd).values == pytest.approx(expected, rel=1e-9)


def test_the_real_cos_time_dependence_is_its_tables(shared_data):
    """Row by row from the plain arrays: the last time before the exposure decides."""
    path = shared_data / 'lref/calcos_test_tds.fits'
    for row in fits.getdata(path, 1):
        wanted = {'SEGMENT': row['SEGMENT'], 'OPT_ELEM': row['OPT_ELEM'], 'CENWAVE': int(row['CENWAVE']), 'APERTURE': 'PSA'}
        with open_fits(path, '', '') as hdus:
            table = time_dependence(hdus, wanted)
        for mjd in (52000.0, 55300.0, 56000.0, 60000.0):
            before = [k for k in range(row['NT']) if row['TIME'][k] <= mjd]
            k = before[-1] if before else 0
            n = row['NWL']
            expected = mjd / 365.25 * row['SLOPE'][k][:n] / 100 + row['INTERCEPT'][k][:n]  # the file has no REF_TIME: 0
            assert time_factor(table, mjd).values == pytest.approx(expected, rel=1e-12)


def test_the_real_older_stis_table_is_the_integral_of_its_slopes(shared_data):
    """The factor is 1 at the first time; from there it is summed day by day."""
    with open_fits(shared_data / 'oref/13a1941fo_tds.fits', '', '') as hdus:
        table = time_dependence(hdus, {'OPT_ELEM': 'G140L'})
    assert time_factor(table, table.time_mjd[0]).values == pytest.approx(1.0)
    mjd = 57000.0
    days = np.arange(table.time_mjd[0], mjd, 0.01) + 0.005
    segment = np.searchsorted(table.time_mjd, days, side='right') - 1
    expected = 1 + np.sum(table.slope[segment] * 0.01, axis=0) / 365.25 / 100
    assert time_factor(table, mjd).values == pytest.approx(expected, abs=1e-5)
    assert 0.5 < expected.min() < 0.95
    warm = time_factor(table, mjd, 40.0).values / time_factor(table, mjd).values
    assert warm == pytest.approx(1 - 0.0032 * 4.0)
    early = time_factor(table, table.time_mjd[0] - 365.25).values
    assert early == pytest.approx(1 - table.slope[0] / 100)


def test_cos_sensitivity_is_looked_up_where_the_photon_was_detected():
    """A steep table shows the Doppler shift: the x1d multiplies wavelengths by 1 - v/c, so the detected one is longer for v > 0."""
    table = Curve(wavelength_aa=np.array([1000.0, 2000.0]), values=np.array([1000.0, 2000.0]))
    wavelength = np.array([1500.0, 0.0, 900.0])
    found = cos_sensitivity(wavelength, 29.9792458, table, None, 55000.0)
    assert found[0] == pytest.approx(1500.0 / (1 - 1e-4), rel=1e-12)
    assert np.isnan(found[1])
    assert found[2] == 1000.0  # the end of the table goes on
    changed = cos_sensitivity(wavelength, 0.0, table, change(), 52365.25)
    assert changed[0] == pytest.approx(1500 * 0.99)
    zero = cos_sensitivity(np.array([1500.0]), 0.0, flat_curve(0.0), None, 55000.0)
    assert np.isnan(zero).all()  # a sensitivity of 0 is no calibration, never 1


@pytest.fixture
def spectra(shared_data):
    return read_x1d(shared_data / 'stis/odlm21050_x1d.fits').spectra


def throughput(**values):
    nothing = dict.fromkeys(('blaze', 'grating_aperture', 'height', 'full_height', 'time'))
    return Throughput(**{**nothing, 'response': flat_curve(0.02), 'aperture': flat_curve(0.5), **values})


WHEN = {'velocity_km_s': 0.0, 'start_mjd': 52000.0, 'stop_mjd': 52000.1, 'temperature_c': None}


def test_stis_sensitivity_counts_the_photons_of_a_known_flux(spectra):
    """Photons of 1e-14 erg/s/cm2/A through a telescope of known area, by units."""
    found = stis_sensitivity(spectra[0], throughput(), spectra, **WHEN)
    wavelength, n = spectra[0].wavelength_aa, 500
    flux = 1e-14 * units.erg / units.s / units.cm**2 / units.AA
    area, width = 45238.93416 * units.cm**2, (wavelength[n + 1] - wavelength[n - 1]) / 2 * units.AA
    photon = (constants.h * constants.c / (wavelength[n] * units.AA)).to(units.erg)
    rate = (flux * area * width / photon).to_value(1 / units.s) * 0.02 * 0.5
    assert found[n] * 1e-14 == pytest.approx(rate, rel=1e-6)


def test_each_factor_of_a_stis_sensitivity_goes_the_right_way(spectra):
    plain = stis_sensitivity(spectra[0], throughput(), spectra, **WHEN)

    def ratio(**values):
        return (stis_sensitivity(spectra[0], throughput(**values), spectra, **WHEN) / plain)[200:800]

    assert ratio(grating_aperture=flat_curve(0.9)) == pytest.approx(0.9)
    assert ratio(time=change(wavelength_aa=np.array([500.0, 5000.0]), slope=np.zeros((2, 2)), intercept=np.full((2, 2), 0.8))) == (
        pytest.approx(0.8)
    )
    # a flux from a small box is multiplied by 1.25 to get all the light, so the box has 1/1.25 of the sensitivity
    assert ratio(height=flat_curve(1.0), full_height=flat_curve(1.25)) == pytest.approx(0.8)
    assert np.isnan(stis_sensitivity(spectra[0], throughput(aperture=flat_curve(0.0)), spectra, **WHEN)).all()


def test_the_blaze_shift_moves_the_response_not_the_rest(shared_data):
    spectra = read_x1d(shared_data / 'stis/oblh01040_x1d.fits').spectra
    order = spectra[10]
    wavelength = order.wavelength_aa
    steep = Curve(wavelength_aa=np.array([1500.0, 3500.0]), values=np.array([0.015, 0.035]))
    still = stis_sensitivity(order, throughput(response=steep), spectra, **WHEN)
    here = (float(np.interp(511.5, np.arange(1024), wavelength)), float(np.interp(511.5, np.arange(1024), order.centre)))
    blaze = Blaze(
        order=int(order.name),
        wavelength_aa=here[0],
        row=here[1] - 1,
        mjd=52000.05,
        per_column=1.0,
        per_row=2.0,
        per_day=7.0,
        offset=3.0,
    )
    moved = stis_sensitivity(order, throughput(response=steep, blaze=blaze), spectra, **WHEN)
    dispersion = float(np.interp(511.5, np.arange(1024), np.gradient(wavelength)))
    # 2 * 1 row + 3 pixels: the curve is moved to longer wavelengths by 5 pixels, so it is smaller at a fixed one
    assert moved / still == pytest.approx(1 - 5 * dispersion / wavelength, rel=1e-9)
    other = replace(blaze, order=1)
    assert np.array_equal(stis_sensitivity(order, throughput(response=steep, blaze=other), spectra, **WHEN), still)


def test_an_x1d_without_flux_calibration_gives_no_sensitivity(spectra):
    """Its ERROR is that of NET then: a ratio of 1 is no sensitivity."""
    bare = replace(spectra[0], flux=np.zeros(1024), error=spectra[0].net_error)
    assert sensitivity(bare) is None
    assert sensitivity(spectra[0]) is not None


def test_a_calibrated_region_drops_insensitive_columns(spectra):
    region = stis_regions((replace(spectra[0], flux=np.zeros(1024)),), 0.05)[0]
    assert region.sensitivity is None
    curve = np.where(np.arange(1024) < 500, 1.0, 100.0)
    found = calibrated(region, curve, 0.05)
    assert not found.good[:500].any()
    assert np.array_equal(found.good[500:], region.good[500:])


def test_the_low_order_flat_is_interpolated_as_a_plane_stays_a_plane():
    """Centres of new and old pixels coincide on average; pixel repetition would make steps of 8."""
    place = (np.arange(256) + 0.5) / 256
    plane = 1 + 0.1 * place[:, None] + 0.2 * place[None, :]
    large = (np.arange(2048) + 0.5) / 2048
    assert np.abs(flat_field(None, None, plane) - (1 + 0.1 * large[:, None] + 0.2 * large[None, :])).max() < 1e-12


def test_flats_are_multiplied_and_what_is_not_positive_stays_so():
    pixel, delta, low = np.full((2048, 2048), 0.5), np.full((1024, 1024), 0.8), np.full((256, 256), 2.0)
    pixel[10, 20] = -1.0
    flat = flat_field(pixel, delta, low)
    assert flat.shape == (2048, 2048)
    assert flat[0, 0] == pytest.approx(0.8)
    assert flat[10, 20] == 0.0
    assert flat_field(None, None, None) is None
    assert flat_field(None, None, low).shape == (2048, 2048)
    assert flat_field(None, delta, low).shape == (1024, 1024)
    part = rejected_part(PixelCorrections(flat=flat))
    assert part[5, 10] == 0.25
    assert part.sum() == 0.25


def test_only_hot_pixels_of_the_table_are_rejected():
    flags = np.zeros((1024, 1024), np.int64)
    flags[3, 4], flags[5, 6] = 16 | 4, 4 | 32 | 1024
    part = rejected_part(PixelCorrections(flags=flags))
    assert part[3, 4] == 1.0
    assert part.sum() == 1.0


def test_columns_make_up_for_rejected_rows(spectra):
    region = stis_regions(spectra, 0.05)[0]
    rejected = np.zeros((1024, 1024))
    column = 500
    row = round(float(spectra[0].centre[column]))
    rejected[row - 1, column] = 1.0  # one of 11 rows
    rejected[row - 5 : row + 1, column + 1] = 1.0  # six
    rejected[row + 44, column + 2] = 1.0  # background alone
    found = without_pixels(region, rejected)
    assert found.enclosed_energy[column] == pytest.approx(10 / 11)
    assert region.area_ratio[column] == pytest.approx(11 / 60)
    assert found.area_ratio[column] == pytest.approx(10 / 60)
    assert region.good[column + 1]
    assert not found.good[column + 1]
    assert found.area_ratio[column + 2] == pytest.approx(11 / 59)
    untouched = np.arange(1024) > column + 3
    assert found.enclosed_energy[untouched] == pytest.approx(1.0)
    assert found.area_ratio[untouched] == pytest.approx(region.area_ratio[untouched])


def test_hot_pixels_stand_out_but_a_line_along_the_slit_does_not():
    rng = np.random.default_rng(1)
    counts = rng.poisson(0.3, (1024, 1024))
    counts[16:1000, 300:306] += rng.poisson(60.0, (984, 6))
    counts[500] += rng.poisson(50.0, 1024)  # the spectrum
    counts[700, 800], counts[640, 303], counts[500, 20] = 40, 400, 500
    found = hot_pixels(counts, near_traces((np.full(1024, 501.0),)))
    assert sorted(map(tuple, np.argwhere(found).tolist())) == [(640, 303), (700, 800)]


@pytest.mark.parametrize('rate', [0.0, 100.0, 5e4, 2e5, 2.8e5])
def test_the_dead_time_is_undone(rate):
    tau = 3.7e-7
    observed = rate * np.exp(-tau * rate)
    factor = dead_time_factor(np.array([observed]), Linearity(tau_s=tau, global_limit=2.85e5))
    assert factor[0] * observed == pytest.approx(rate, rel=1e-6)
    if observed:
        root = brentq(lambda x: x * np.exp(-tau * x) - observed, 0, 1 / tau)
        assert factor[0] == pytest.approx(root / observed, rel=1e-6)


def test_the_dead_time_at_5e4_counts_per_second_is_two_per_cent():
    factor = dead_time_factor(np.array([5e4]), Linearity(tau_s=3.7e-7, global_limit=2.85e5))
    assert factor[0] == pytest.approx(1.01903, abs=1e-5)


def test_weights_are_scaled_and_variances_by_the_square():
    one = np.ones(3)
    cells = Cells(
        time=np.array([0, 1, 1], np.int32), wave=np.zeros(3, np.int16), n=np.ones(3, np.int32), w=one, w2=one, f=one, f2=one
    )
    found = scaled(cells, np.array([1.0, 2.0]))
    assert found.w.tolist() == found.f.tolist() == [1.0, 2.0, 2.0]
    assert found.w2.tolist() == found.f2.tolist() == [1.0, 4.0, 4.0]
    assert found.n.tolist() == [1, 1, 1]
    assert scaled(cells, 3.0).w2.tolist() == [9.0] * 3


def image_of(spectrum, x, y, rng, dark=0.05):
    """Return an image of a spectrum whose events lie x and y high-resolution pixels from where the x1d has them."""
    gross = np.where(np.arange(1024) % 64 < 3, 60.0, 20.0)
    counts = rng.poisson(np.clip(gross, 0, None))
    column = np.repeat(np.arange(1024), counts)
    axis1 = 2 * column + rng.integers(0, 2, len(column)) - x
    axis2 = np.floor(2 * (spectrum.centre[column] + rng.normal(0, 1.1, len(column)) - 0.5)).astype(int) - y
    image = rng.poisson(dark / 4, (2048, 2048))
    on = (axis1 >= 0) & (axis1 < 2048) & (axis2 >= 0) & (axis2 < 2048)
    np.add.at(image, (axis2[on], axis1[on]), 1)
    return image, replace(spectrum, gross=counts / 1000.0)


@pytest.mark.parametrize(('x', 'y'), [(0, 0), (1, 0), (-3, 0), (2, 0), (4, 0)])
def test_a_shift_along_the_dispersion_is_found(spectra, x, y):
    image, spectrum = image_of(spectra[0], x, y, np.random.default_rng(7))
    found = register(image, (spectrum,))
    assert (found.x, found.y) == (x, y)


def test_a_shift_across_the_dispersion_matters_only_where_light_leaves_the_box(spectra):
    short = replace(spectra[0], height=5.0)
    for y, expected in ((0, {0}), (4, {2, 3, 4}), (-4, {-2, -3, -4})):
        image, spectrum = image_of(short, 0, y, np.random.default_rng(8))
        assert register(image, (spectrum,)).y in expected


def test_nothing_to_compare_with_is_no_shift(spectra):
    image, _ = image_of(spectra[0], 3, 0, np.random.default_rng(7))
    assert register(image, (replace(spectra[0], gross=np.zeros(1024)),)).x == 0
    assert register(image, ()).x == 0
    assert register(np.zeros((2048, 2048), np.int64), spectra).x == 0
