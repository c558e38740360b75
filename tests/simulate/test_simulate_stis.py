"""Simulated STIS files: x1d against the events by a pixel loop, the real files' columns and geometry, the truth."""

import numpy as np
import pytest
from astropy.io import fits

from hstlc.simulate import faults, stis
from hstlc.simulate.source import Eclipses, Source
from hstlc.simulate.spectrum import Spectrum, emission_lines

STAR = Source('SIM-STAR', 150.0, 20.0, Spectrum(3e-15, -1, emission_lines(1e-14)))
HOT = Source('SIM-HOT', 150.0, 20.0, Spectrum(1e-13, -2))
MODES = {
    'odlm21050': {'opt_elem': 'G140L', 'cenwave': 1425},
    'odlm21030': {'opt_elem': 'G140M', 'cenwave': 1222, 'aperture': '52X0.1'},
    'odlm21020': {'opt_elem': 'G230L', 'cenwave': 2376},
}


def _first_order(folder, **options):
    return stis.write_first_order(folder, 'osim01010', STAR, **{'exptime_s': 200, 'seed': 3, **options})


def _spectrum(folder):
    return fits.getdata(folder / 'osim01010_x1d.fits')


def test_gross_is_the_box_less_the_dark(tmp_path):
    truth = _first_order(tmp_path, dark=0.0)
    events, spectrum = fits.getdata(tmp_path / 'osim01010_tag.fits'), _spectrum(tmp_path)[0]
    for column in (400, 401, 402, 640):
        x, centre = (events['AXIS1'] + 1) // 2, spectrum['EXTRLOCY'][column - 1]
        row = (events['AXIS2'][x == column] + 1) // 2
        part = np.clip(np.minimum(row + 0.5, centre + 5.5) - np.maximum(row - 0.5, centre - 5.5), 0, 1)
        assert part.sum() > 3
        assert spectrum['GROSS'][column - 1] == pytest.approx(part.sum() / truth.exptime_s, rel=1e-5)


@pytest.mark.parametrize('options', MODES.values(), ids=[mode['opt_elem'] for mode in MODES.values()])
def test_extracted_flux_is_the_true_one(tmp_path, options):
    truth = _first_order(tmp_path, **options)
    row = _spectrum(tmp_path)[0]
    np.testing.assert_allclose(row['NET'], row['GROSS'] - row['BACKGROUND'], atol=1e-6)
    band = truth.bands[-1]  # without airglow
    within = (row['WAVELENGTH'] > band.wmin_aa) & (row['WAVELENGTH'] < band.wmax_aa)
    error = np.sqrt(np.sum(row['ERROR'][within].astype(float) ** 2)) / within.sum()
    assert abs(row['FLUX'][within].mean(dtype=float) - band.flux) < 4 * error < 0.3 * band.flux


@pytest.mark.parametrize(('real', 'options'), MODES.items(), ids=[mode['opt_elem'] for mode in MODES.values()])
def test_geometry_is_the_real_one(tmp_path, shared_data, real, options):
    _first_order(tmp_path, exptime_s=5, **options)
    ours, theirs = _spectrum(tmp_path)[0], fits.getdata(shared_data / 'stis' / f'{real}_x1d.fits')[0]
    np.testing.assert_allclose(ours['WAVELENGTH'], theirs['WAVELENGTH'], rtol=1e-6)
    np.testing.assert_allclose(ours['EXTRLOCY'], theirs['EXTRLOCY'], atol=1.0)
    good = (theirs['FLUX'] != 0) & (ours['FLUX'] != 0) & (np.arange(1024) > 60)
    sensitivities = [item['NET'][good].astype(float) / item['FLUX'][good] for item in (ours, theirs)]
    np.testing.assert_allclose(*sensitivities, rtol=0.05)
    for name in ('EXTRSIZE', 'BK1SIZE', 'BK1OFFST', 'BK2OFFST', 'SPORDER', 'NELEM'):
        assert ours[name] == theirs[name]


def test_columns_are_those_of_the_real_files(tmp_path, shared_data):
    _first_order(tmp_path, exptime_s=5)
    pairs = {'osim01010_tag.fits': 'odlm18040_tag.fits', 'osim01010_x1d.fits': 'odlm21050_x1d.fits'}
    for mine, theirs in pairs.items():
        with fits.open(tmp_path / mine) as ours, fits.open(shared_data / 'stis' / theirs) as real:
            assert [hdu.name for hdu in ours] == [hdu.name for hdu in real]
            for one, other in zip(ours[1:], real[1:], strict=True):
                for attribute in ('names', 'formats', 'units', 'disps', 'nulls', 'bscales', 'bzeros'):
                    assert getattr(one.columns, attribute) == getattr(other.columns, attribute), attribute
            for mine_header, header in ((ours[0].header, real[0].header), (ours[1].header, real[1].header)):
                common = [key for key in mine_header if key in header and key != 'COMMENT']
                assert {key for key in common if type(mine_header[key]) is not type(header[key])} == set()


def test_times_are_whole_ticks_inside_the_good_time(tmp_path):
    gaps = tuple((10.0 * k, 10.0 * k + 1.5) for k in range(1, 17))
    truth = _first_order(tmp_path, gaps_s=gaps)
    with fits.open(tmp_path / 'osim01010_tag.fits') as hdus:
        time, gti = hdus['EVENTS'].data['TIME'], hdus['GTI'].data
        assert len(gti) == 17
        np.testing.assert_allclose(time / 1.25e-4, np.round(time / 1.25e-4), atol=1e-6)
        assert np.any([(time >= start - 1e-3) & (time <= stop) for start, stop in gti], axis=0).all()
        assert truth.exptime_s == pytest.approx(200 - 24) == hdus[0].header['TEXPTIME']


def test_axes_are_high_resolution_pixels_with_the_doppler_step(tmp_path):
    _first_order(tmp_path, exptime_s=1500, dark_ramp=3.0, **MODES['odlm21030'])
    events = fits.getdata(tmp_path / 'osim01010_tag.fits')
    for name in ('AXIS1', 'AXIS2'):
        assert events[name].min() >= 1
        assert events[name].max() <= 2048
    assert set(np.unique(events['AXIS1'] - events['DETAXIS1'])) <= {-1, 0, 1}
    assert len(np.unique(events['AXIS1'] - events['DETAXIS1'])) > 1
    glow = (events['AXIS1'] < 1024) & (events['AXIS2'] > 1024)
    assert glow.mean() > 0.4
    early, late = np.histogram(events['TIME'][glow], [0, 750, 1500])[0]
    assert late / early == pytest.approx(2.5 / 1.5, rel=0.1)


@pytest.fixture(scope='module')
def echelle(tmp_path_factory):
    folder = tmp_path_factory.mktemp('echelle')
    return folder, stis.write_echelle(folder, 'osim07010', HOT, exptime_s=100, seed=2, dark=50)


def test_echelle_orders_overlap_and_agree_with_the_source(echelle):
    folder, truth = echelle
    rows = fits.getdata(folder / 'osim07010_x1d.fits')
    assert len(rows) == 40
    order = np.argsort(rows['WAVELENGTH'][:, 0])
    first, second = rows['WAVELENGTH'][order][20:22]
    assert (first[-1] - second[0]) / (first[-1] - first[0]) > 0.25
    total, expected, variance = 0.0, 0.0, 0.0
    for row in rows:
        used = row['FLUX'] != 0
        sensitivity = row['NET'][used].astype(float) / row['FLUX'][used]
        total += row['NET'][used].sum(dtype=float)
        expected += (HOT.spectrum.flux_density(row['WAVELENGTH'][used]) * truth.mean_relative * sensitivity).sum()
        variance += (row['NET_ERROR'][used].astype(float) ** 2).sum()
    assert abs(total - expected) < 4 * np.sqrt(variance) < 0.05 * expected


def test_echelle_geometry_is_the_real_one(echelle, shared_data):
    ours = fits.getdata(echelle[0] / 'osim07010_x1d.fits')
    theirs = fits.getdata(shared_data / 'stis' / 'oblh01040_x1d.fits', 1)
    np.testing.assert_array_equal(ours['SPORDER'], theirs['SPORDER'])
    np.testing.assert_allclose(ours['WAVELENGTH'], theirs['WAVELENGTH'], atol=0.1)
    np.testing.assert_allclose(ours['EXTRLOCY'], theirs['EXTRLOCY'], atol=4)
    np.testing.assert_allclose(ours['BK1OFFST'], theirs['BK1OFFST'], atol=0.7)


def test_empty_good_time_table(tmp_path):
    _first_order(tmp_path, empty_gti=True, x1d=False)
    with fits.open(tmp_path / 'osim01010_tag.fits') as hdus:
        assert len(hdus['GTI'].data) == 0
        assert (hdus[0].header['TEXPTIME'], hdus[1].header['EXPTIME']) == (0, 0)
        assert len(hdus['EVENTS'].data) > 1000
    assert not (tmp_path / 'osim01010_x1d.fits').exists()


def test_jitter_moves_single_events_backward(tmp_path):
    _first_order(tmp_path, arrange=faults.jitter)
    steps = np.diff(fits.getdata(tmp_path / 'osim01010_tag.fits')['TIME'])
    assert 0 < (steps < 0).sum() < 1e-4 * len(steps)
    assert steps.min() == pytest.approx(-1.25e-4)


def test_eclipse_removes_photons(tmp_path):
    source = Source('SIM-BINARY', spectrum=Spectrum(2e-14), variation=Eclipses(86400.0, 100.0, 1.0, 1.0, 58000.0 + 100 / 86400))
    stis.write_first_order(tmp_path, 'osim01010', source, exptime_s=200, seed=1, start_mjd=58000.0, dark=0.0, airglow=0.0)
    time = fits.getdata(tmp_path / 'osim01010_tag.fits')['TIME']
    assert ((time > 52) & (time < 148)).sum() == 0
    assert len(time) > 1000
