"""What the original did to STIS (A10 of its review), made again here: it fails against the truth, and ours does not.

The `original_*` functions do what `lightcurve` 0.6 did, in their own words; they are the wrong way on purpose.
"""

import shutil

import numpy as np
import pytest
from astropy.io import fits

import hstlc
from hstlc.files.eventlist import open_events
from hstlc.files.exposures import event_times, starts_differ
from hstlc.files.x1d import read_x1d
from hstlc.science.mama import flat_field
from hstlc.simulate import stis
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import Line, Spectrum
from hstlc.steps.calibration import correct_tag

LINE_AA = 1500.0


def original_gross(tag, edges):
    """Every event on the detector is the star's."""
    return np.histogram(tag['TIME'], edges)[0]


def original_column(axis1):
    """The column, from 0, whose wavelength an event gets."""
    return np.clip(np.round(axis1).astype(int), 0, 2047) // 2


def original_epsilon(tag, flats):
    """Flat fields are multiplied, at AXIS1, and made larger by repetition."""
    epsilon = np.ones(len(tag))
    for image in flats:
        factor = 2048 // len(image)
        large = image.repeat(factor, axis=0).repeat(factor, axis=1)
        epsilon *= large[tag['AXIS2'] - 1, tag['AXIS1'] - 1]
    return epsilon


def original_echelle_wavelengths(tag, rows, shift):
    """Rows of the low-resolution image, moved by SHIFTA2 once more, looked for among high-resolution ones."""
    wavelength = np.zeros(len(tag))
    for row in rows:
        centre = row['A2CENTER'] + shift
        inside = (tag['AXIS2'] < centre + row['EXTRSIZE']) & (tag['AXIS2'] > centre - row['EXTRSIZE'])
        wavelength[inside] = row['WAVELENGTH'][original_column(tag['AXIS1'][inside])]
    return wavelength


def corrtag_of(tag_path, folder):
    """Return the events of the corrtag that is derived from a tag, with reference files where `folder` has them."""
    x1d = tag_path.with_name(tag_path.name.replace('_tag', '_x1d'))
    path = folder / tag_path.name.replace('_tag', '_corrtag')
    correct_tag(path, open_events(tag_path), read_x1d(x1d).spectra if x1d.exists() else (), folder)
    return np.array(fits.getdata(path, 'EVENTS'))


@pytest.fixture(scope='module')
def glow(tmp_path_factory):
    """A constant star on the FUV-MAMA whose dark grows to four times what it was."""
    folder = tmp_path_factory.mktemp('glow')
    options = {'exptime_s': 240.0, 'seed': 5, 'dark': 60.0, 'dark_ramp': 4.0, 'airglow': 0.0}
    stis.write_first_order(folder, 'odefect10', Source('STAR', spectrum=Spectrum(6e-15)), **options)
    return folder / 'odefect10_tag.fits'


def test_the_source_is_not_the_whole_detector(glow):
    whole = original_gross(fits.getdata(glow, 1), [0, 120, 240])
    assert whole[1] > 1.3 * whole[0]
    ours = hstlc.read(glow, step=120.0)
    assert np.all(ours['BACKGROUND'] > 0)  # the original's was 0
    assert abs(ours['NET'][1] - ours['NET'][0]) < 4 * np.hypot(*ours['NET_ERR'])


def test_a_real_star_is_constant_although_the_detector_brightens_fivefold(shared_data):
    """GJ 849: 613 to 720 counts in 300 s, by an independent count; the detector's 25 to 127 count/s were the original's star."""
    path = shared_data / 'stis/odlm18040_tag.fits'
    tag = fits.getdata(path, 1)
    rate = original_gross(tag, np.arange(0.06, 2726, 60.0)) / 60
    assert rate[0] == pytest.approx(25, abs=2)
    assert rate[-1] == pytest.approx(127, abs=3)
    assert 1208 < fits.getval(path, 'CENTRWV') < 1225  # the wavelength it gave all events: that of airglow, so none was left
    ours = hstlc.read(path, step=300.0, airglow='none')[:9]
    counts, error = np.array(ours['COUNTS']), np.array(ours['NET_ERR'] * ours['EXPTIME'])
    assert np.all(counts > 613 - 2 * error)
    assert np.all(counts < 720 + 2 * error)
    assert 613 < counts.mean() < 720
    assert (((counts - counts.mean()) / error) ** 2).sum() < 26.1  # chi-square of 8 degrees of freedom: 1 in 1000


def test_flux_is_no_count_rate(glow):
    """FLUXTAB is no keyword of STIS, so the original divided by 1."""
    tag = fits.getdata(glow, 1)
    assert 'FLUXTAB' not in fits.getheader(glow)
    unity = original_gross(tag, [0, 240])[0] / 240.0 / (np.ptp(tag['AXIS1']) + 1)
    assert unity > 1e6 * 6e-15
    ours = hstlc.read(glow)
    mean, error = np.average(ours['FLUX'], weights=ours['EXPTIME']), np.sqrt((ours['FLUX_ERROR'] ** 2).sum()) / len(ours)
    assert abs(mean - 6e-15) < 4 * error < 0.1 * 6e-15


def test_the_input_stays(glow):
    before = glow.read_bytes()
    hstlc.read(glow)
    assert glow.read_bytes() == before


@pytest.mark.parametrize('low_order', [False, True])
def test_flat_fields_divide_where_the_photon_was_detected(tmp_path, low_order):
    """Events are lost as a detector with a flat field loses them; Doppler moved them by a column since."""
    rng = np.random.default_rng(11)
    pixel = np.where(np.arange(2048) % 2 == 0, 0.5, 1.0)[None, :] * np.ones((2048, 1))
    ramp = 1.0 - 0.0025 * np.arange(256)[None, :] * np.ones((256, 1)) if low_order else np.ones((256, 256))
    truth = pixel * (1.0 - 0.0025 * (np.arange(2048) - 3.5) / 8)[None, :] if low_order else pixel
    number = []

    def lose(events):
        part = truth[events['AXIS2'] - 1, np.clip(events['DETAXIS1'] - 1, 0, 2047)]
        kept = rng.random(len(part)) < part
        number.append(len(part))
        return {name: values[kept] for name, values in events.items()}

    mode = {'opt_elem': 'G140M', 'cenwave': 1222, 'aperture': '52X0.2', 'exptime_s': 60.0, 'seed': 3, 'arrange': lose}
    stis.write_first_order(tmp_path, 'odefect30', Source('STAR', spectrum=Spectrum(4e-13)), **mode)
    for name, image in (('mbj1658bo_pfl', pixel), ('m1b2139no_lfl', ramp)):
        hdus = [fits.PrimaryHDU(), fits.ImageHDU(image.astype(np.float32), name='SCI')]
        fits.HDUList(hdus).writeto(tmp_path / f'{name}.fits')
    tag = fits.getdata(tmp_path / 'odefect30_tag.fits', 1)
    assert np.all(tag['AXIS1'] != tag['DETAXIS1'])
    ours = corrtag_of(tmp_path / 'odefect30_tag.fits', tmp_path)['EPSILON'].astype(float)
    error = np.sqrt(np.sum(ours**2 - ours))
    assert abs(ours.sum() - number[0]) < 4 * error < 0.05 * number[0]
    assert original_epsilon(tag, (pixel, ramp)).sum() < 0.8 * number[0]  # multiplied
    assert abs((1 / original_epsilon(tag, (pixel, ramp))).sum() - number[0]) > 0.2 * number[0]  # divided, but at AXIS1


def test_the_low_order_flat_is_interpolated():
    """A plane stays a plane; by repetition it becomes stairs."""
    low = 1.0 - 0.0025 * np.arange(256)[None, :] * np.ones((256, 1))
    plane = (1.0 - 0.0025 * (np.arange(2048) - 3.5) / 8)[None, :] * np.ones((2048, 1))
    assert np.abs(flat_field(None, None, low) / plane - 1).max() < 1e-9
    assert np.abs(low.repeat(8, axis=0).repeat(8, axis=1) / plane - 1).max() > 0.001


def test_high_resolution_pixels_1_and_2_make_the_first_column(tmp_path):
    """A line of known wavelength: the original's photons lie half a column, 0.3 Angstrom, too far to the red."""
    star = Source('LINE', spectrum=Spectrum(lines=(Line(LINE_AA, 4e-12, 1.5),)))
    stis.write_first_order(tmp_path, 'odefect40', star, exptime_s=60.0, seed=2, dark=1e-3, airglow=0.0)
    path = tmp_path / 'odefect40_tag.fits'
    tag, row = fits.getdata(path, 1), fits.getdata(tmp_path / 'odefect40_x1d.fits', 1)[0]
    step = np.gradient(row['WAVELENGTH'])[500]
    original = row['WAVELENGTH'][original_column(tag['AXIS1'])]
    ours = corrtag_of(path, tmp_path)['WAVELENGTH']
    near = np.abs(ours - LINE_AA) < 10
    error = np.std(ours[near]) / np.sqrt(near.sum())
    assert near.mean() > 0.99
    assert abs(ours[near].mean() - LINE_AA) < 4 * error < 0.1 * step
    assert original[near].mean() - LINE_AA > 0.4 * step


def test_the_trace_of_an_order_is_where_the_x1d_says(tmp_path):
    """All photons come from one line; SHIFTA2 is in EXTRLOCY already, which counts low-resolution rows."""
    star = Source('LINE', spectrum=Spectrum(lines=(Line(1980.0, 4e-12, 0.3),)))
    stis.write_echelle(tmp_path, 'odefect20', star, exptime_s=60.0, seed=5, dark=1e-3)
    path = tmp_path / 'odefect20_tag.fits'
    tag, rows = fits.getdata(path, 1), fits.getdata(tmp_path / 'odefect20_x1d.fits', 1)
    original = original_echelle_wavelengths(tag, rows, fits.getval(tmp_path / 'odefect20_x1d.fits', 'SHIFTA2', 1))
    ours = corrtag_of(path, tmp_path)
    assert np.mean(np.abs(ours['WAVELENGTH'] - 1980.0) < 0.5) > 0.9
    assert np.mean(np.abs(original - 1980.0) < 0.5) < 0.1
    spectrum = hstlc.dynamic_spectrum(path)
    cells = spectrum.wave0_aa + spectrum.source.wave
    assert spectrum.source.n[(cells >= 1979) & (cells < 1981)].sum() > 0.9 * len(tag)


def test_without_an_x1d_events_have_no_constant_wavelength(tmp_path):
    """The original gave every event the mean wavelength of the exposure: a band held all of them or none."""
    star = Source('LINE', spectrum=Spectrum(lines=(Line(LINE_AA, 4e-13, 3.0),)))
    stis.write_first_order(tmp_path, 'odefect50', star, exptime_s=30.0, seed=2, dark=1.0, airglow=0.0, x1d=False)
    path = tmp_path / 'odefect50_tag.fits'
    assert abs(fits.getval(path, 'CENTRWV') - LINE_AA) > 50
    ours = corrtag_of(path, tmp_path)['WAVELENGTH']
    assert abs(np.median(ours) - LINE_AA) < 20 * 0.6  # the zero point is unsure by that
    assert np.all(np.isnan(hstlc.read(path)['FLUX']))


@pytest.mark.parametrize('goes_on', [False, True])
def test_event_tables_with_starts_of_their_own_are_put_in_one_time(glow, tmp_path, goes_on):
    """The second table starts 120 s later: its times count from there, or go on from the first."""
    path = tmp_path / glow.name
    with fits.open(glow) as hdus:
        table, header = hdus[1].data, hdus[1].header.copy()
        late = table['TIME'] >= 120
        parts = [fits.BinTableHDU(table[~late], header, ver=1), fits.BinTableHDU(table[late], header, ver=2)]
        parts[1].header['EXPSTART'] += 120.0 / 86400
        if not goes_on:
            parts[1].data['TIME'] = parts[1].data['TIME'] - 120.0
        fits.HDUList([hdus[0], *parts, hdus['GTI']]).writeto(path)
    shutil.copy(glow.with_name('odefect10_x1d.fits'), tmp_path)
    file = open_events(path)
    assert starts_differ(file)
    assert not starts_differ(open_events(glow))
    found = np.concatenate([event_times(file, item) for item in file.events])
    assert found == pytest.approx(np.array(table['TIME']), abs=2e-4)
    assert corrtag_of(path, tmp_path)['TIME'] == pytest.approx(np.array(table['TIME']), abs=2e-4)


def test_all_event_tables_are_read(glow, tmp_path):
    path = tmp_path / glow.name
    with fits.open(glow) as hdus:
        half = len(hdus[1].data) // 2
        parts = [
            fits.BinTableHDU(hdus[1].data[where], hdus[1].header, ver=k) for k, where in ((1, slice(half)), (2, slice(half, None)))
        ]
        fits.HDUList([hdus[0], *parts, hdus['GTI']]).writeto(path)
    shutil.copy(glow.with_name('odefect10_x1d.fits'), tmp_path)
    whole, halves = hstlc.dynamic_spectrum(glow), hstlc.dynamic_spectrum(path)
    assert halves.source.n.sum() == whole.source.n.sum()
    assert len(fits.getdata(path, 1)) < 0.6 * len(fits.getdata(glow, 1))  # the original's
