"""Simulated COS files: the identities of calcos evaluated anew, the real files' columns, the clock's ticks, the truth."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstlc.simulate import cos
from hstlc.simulate.exposure import Truth
from hstlc.simulate.source import Sinusoid, Source
from hstlc.simulate.spectrum import Spectrum, emission_lines

STAR = Source('SIM-STAR', 150.0, 20.0, Spectrum(2e-15, -1, emission_lines(2e-14)), Sinusoid(100.0, 0.3))
SERIOUS = 64 | 512 | 2048


@pytest.fixture(scope='module')
def fuv(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp('fuv')
    return folder, cos.write_fuv(folder, 'lsim01a1q', STAR, exptime_s=400, seed=4, fppos=2)


@pytest.fixture(scope='module')
def nuv(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp('nuv')
    source = Source('SIM-WD', 150.0, 20.0, Spectrum(2e-14, -2))
    return folder, cos.write_nuv(folder, 'lsim02a1q', source, exptime_s=200, seed=4, gaps_s=((50.0, 60.0),), dark=1e-4)


@pytest.mark.parametrize(('row', 'letter'), [(0, 'a'), (1, 'b')])
def test_two_zone_identities(fuv, row, letter):
    folder, _ = fuv
    events, spectrum = fits.getdata(folder / f'lsim01a1q_corrtag_{letter}.fits'), fits.getdata(folder / 'lsim01a1q_x1d.fits')[row]
    column, line = (np.floor(events[name].astype(float) + 0.5).astype(int) for name in ('XFULL', 'YFULL'))
    kept = ((events['DQ'] & SERIOUS) == 0) & (column >= 0) & (column < 16384)
    column, line, epsilon = column[kept], line[kept], events['EPSILON'][kept].astype(float)
    inside = (line >= spectrum['Y_LOWER_OUTER'][column]) & (line <= spectrum['Y_UPPER_OUTER'][column])
    counts = np.bincount(column[inside], minlength=16384)
    assert counts.sum() > 10000
    np.testing.assert_array_equal(counts, spectrum['GCOUNTS'])
    rate = np.bincount(column[inside], epsilon[inside], 16384) / spectrum['EXPTIME']
    background = spectrum['BACKGROUND_PER_PIXEL'].astype(float) * spectrum['NUM_EXTRACT_ROWS']
    np.testing.assert_allclose(spectrum['NET'], (rate - background) / spectrum['ACTUAL_EE'], rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(spectrum['BACKGROUND'], background, rtol=1e-6)
    np.testing.assert_allclose(spectrum['GROSS'], counts / spectrum['EXPTIME'], rtol=1e-6)


def test_sensitivity_that_flux_implies_is_smooth(fuv):
    for spectrum in fits.getdata(fuv[0] / 'lsim01a1q_x1d.fits'):
        good = (spectrum['DQ_WGT'] > 0) & (spectrum['NET'] != 0)
        assert good.sum() > 13000
        ratio = spectrum['NET'][good].astype(float) / spectrum['FLUX'][good]
        assert np.abs(np.diff(np.log(ratio))).max() < 5e-3
        assert ratio.min() > 1e11


def test_boxcar_identities(nuv):
    folder, _ = nuv
    events, header = fits.getdata(folder / 'lsim02a1q_corrtag.fits', header=True)
    x = events['XFULL'].astype(float)
    column = np.floor(x + header['X_OFFSET'] + 0.5).astype(int)
    for spectrum in fits.getdata(folder / 'lsim02a1q_x1d.fits'):
        letter = spectrum['SEGMENT'].strip()[-1]
        height = header[f'SP_HGT_{letter}']
        bottom = header[f'SP_LOC_{letter}'] + header[f'SP_SLP_{letter}'] * (x - 537) - height // 2
        row = np.floor(events['YFULL'] - bottom + 0.5)
        inside = (row >= 0) & (row < height) & ((events['DQ'] & SERIOUS) == 0)
        counts = np.bincount(column[inside], minlength=1274)
        np.testing.assert_array_equal(counts, spectrum['GCOUNTS'])
        epsilon = np.bincount(column[inside], events['EPSILON'][inside].astype(float), 1274)
        mean = np.where(counts > 0, epsilon / np.maximum(counts, 1), 1)
        expected = mean * (spectrum['GROSS'].astype(float) - spectrum['BACKGROUND'])
        np.testing.assert_allclose(spectrum['NET'], expected, atol=1e-7)


def test_event_times_are_ticks_inside_the_good_time(fuv, nuv):
    for path in (fuv[0] / 'lsim01a1q_corrtag_a.fits', nuv[0] / 'lsim02a1q_corrtag.fits'):
        with fits.open(path) as hdus:
            time, gti = hdus['EVENTS'].data['TIME'].astype(float), hdus['GTI'].data
            np.testing.assert_allclose(time / 0.032, np.round(time / 0.032), atol=2e-3)
            assert np.all(np.diff(time) >= 0)
            inside = np.any([(time > start - 1e-3) & (time < stop + 1e-3) for start, stop in gti], axis=0)
            assert inside.all()
            assert (gti['STOP'] - gti['START']).sum() == pytest.approx(hdus['EVENTS'].header['EXPTIME'], abs=1e-6)
            assert np.allclose(np.diff(hdus['TIMELINE'].data['TIME']), 1)


def test_events_above_the_spectrum_carry_the_lamps_wavelengths(fuv):
    events, spectrum = fits.getdata(fuv[0] / 'lsim01a1q_corrtag_a.fits'), fits.getdata(fuv[0] / 'lsim01a1q_x1d.fits')[0]
    active = events['WAVELENGTH'] > 0
    assert 0.02 < 1 - active.mean() < 0.3
    offset = events['WAVELENGTH'] - np.interp(events['XFULL'].astype(float), np.arange(16384), spectrum['WAVELENGTH'])
    assert np.abs(offset[active & (events['YFULL'] < 470)]).max() < 2e-4
    np.testing.assert_allclose(offset[active & (events['YFULL'] > 485)], -0.53, atol=2e-4)


def test_pulse_heights_outside_the_limits_are_flagged(fuv):
    events = fits.getdata(fuv[0] / 'lsim01a1q_corrtag_b.fits')
    bad = (events['PHA'] < 2) | (events['PHA'] > 23)
    assert bad.sum() > 300
    np.testing.assert_array_equal(bad, (events['DQ'] & 512) > 0)


def test_extracted_flux_is_the_true_one(fuv, nuv):
    for folder, truth in (fuv, nuv):
        rows = fits.getdata(folder / f'{truth.rootname}_x1d.fits')
        for band in truth.bands:
            for row in rows:
                within = (row['WAVELENGTH'] > band.wmin_aa) & (row['WAVELENGTH'] < band.wmax_aa) & (row['DQ_WGT'] > 0)
                covered = row['WAVELENGTH'][0] < band.wmin_aa and row['WAVELENGTH'][-1] > band.wmax_aa
                if covered and not _has_airglow(band) and not row['SEGMENT'].startswith('NUVC'):
                    error = np.sqrt(np.sum(row['ERROR'][within].astype(float) ** 2)) / within.sum()
                    assert abs(row['FLUX'][within].mean(dtype=float) - band.flux) < 4 * error < 0.15 * band.flux


def _has_airglow(band):
    return any(band.wmin_aa < line < band.wmax_aa for line in (1200.0, 1215.67, 1304.0, 1356.0))


def test_airglow_follows_the_sun(tmp_path):
    counted = []
    for name, right_ascension in (('lsim01a1q', 270.0), ('lsim02a1q', 90.0)):  # toward the Sun of 21 December, and away from it
        sky = Source('SIM-SKY', right_ascension, 0.0)
        cos.write_fuv(tmp_path, name, sky, exptime_s=40, seed=1, segments=('FUVB',), x1d=False)
        line = fits.getdata(tmp_path / f'{name}_corrtag_b.fits', 'TIMELINE')
        counted.append((line['SUN_ALT'].mean(), line['LY_ALPHA'].sum()))
    (day_alt, day), (night_alt, night) = counted
    assert day_alt > 60
    assert night_alt < -40
    assert day > 8 * night


def test_background_ramps(fuv):
    events, header = fits.getdata(fuv[0] / 'lsim01a1q_corrtag_a.fits', header=True)
    off = np.abs(events['YFULL'] - header['B_BKG1_A']) <= 17
    off &= ((events['DQ'] & SERIOUS) == 0) & (events['WAVELENGTH'] > 0)
    early, late = np.histogram(events['TIME'][off], [0, 200, 400])[0]
    assert late / early == pytest.approx(1.75 / 1.25, rel=0.2)


@pytest.mark.parametrize('name', ['corrtag_a', 'x1d'])
def test_columns_are_those_of_the_real_file(fuv, shared_data, name):
    with fits.open(shared_data / 'cos' / f'ld9m10ujq_{name}.fits') as real, fits.open(fuv[0] / f'lsim01a1q_{name}.fits') as ours:
        assert [hdu.name for hdu in ours] == [hdu.name for hdu in real]
        assert ours[0].header['NEXTEND'] == real[0].header['NEXTEND']
        for mine, theirs in zip(ours[1:], real[1:], strict=True):
            for attribute in ('names', 'formats', 'units', 'disps'):
                assert getattr(mine.columns, attribute) == getattr(theirs.columns, attribute), attribute


@pytest.mark.parametrize('extension', [0, 1])
def test_keywords_have_the_real_files_types(fuv, shared_data, extension):
    real = fits.getheader(shared_data / 'cos' / 'ld9m10ujq_corrtag_a.fits', extension)
    ours = fits.getheader(fuv[0] / 'lsim01a1q_corrtag_a.fits', extension)
    common = [key for key in ours if key in real and key not in ('COMMENT', 'HISTORY', '')]
    assert len(common) > 70
    assert {key for key in common if type(ours[key]) is not type(real[key])} == set()


def test_headers_hold_what_an_extraction_reads(fuv):
    primary, events = (fits.getheader(fuv[0] / 'lsim01a1q_corrtag_a.fits', k) for k in (0, 1))
    assert primary['TARGNAME'] == 'SIM-STAR'
    assert (primary['FPPOS'], primary['FPOFFSET']) == (2, -1)
    for key in ('EXPSTART', 'EXPEND', 'EXPFLAG', 'SDQFLAGS', 'SP_LOC_A', 'B_BKG2_B', 'V_HELIO', 'LMP_ON1', 'X_OFFSET', 'NEVENTSA'):
        assert key in events
    assert events['EXPEND'] - events['EXPSTART'] == pytest.approx(400.032 / 86400, abs=2e-8)


def test_same_seed_same_bytes(tmp_path):
    options = {'exptime_s': 20, 'segments': ('FUVA',)}
    for folder, seed in (('one', 1), ('two', 1), ('three', 2)):
        cos.write_fuv(tmp_path / folder, 'lsim01a1q', STAR, seed=seed, **options)
    for name in ('lsim01a1q_corrtag_a.fits', 'lsim01a1q_x1d.fits'):
        assert (tmp_path / 'one' / name).read_bytes() == (tmp_path / 'two' / name).read_bytes()
        assert (tmp_path / 'one' / name).read_bytes() != (tmp_path / 'three' / name).read_bytes()


def test_without_x1d_and_timeline(tmp_path):
    truth = cos.write_fuv(tmp_path, 'lsim01a1q', STAR, exptime_s=5, seed=1, segments=('FUVA',), x1d=False, timeline=False)
    assert [path.name for path in tmp_path.iterdir()] == ['lsim01a1q_corrtag_a.fits'] == list(truth.files)
    with fits.open(tmp_path / 'lsim01a1q_corrtag_a.fits') as hdus:
        assert [hdu.name for hdu in hdus] == ['PRIMARY', 'EVENTS', 'GTI']
