"""What a person calls in Python and on the command line for single files."""

import shutil

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits

import hstlc
from hstlc.__main__ import main
from hstlc.errors import InputError
from hstlc.files.dynspec import write_dynamic_spectrum
from hstlc.simulate import cos, stis
from hstlc.simulate.source import Constant, Sinusoid, Source
from hstlc.simulate.spectrum import Spectrum

STAR = Source('SIM-STAR-8', 150.0, 12.0, Spectrum(8e-15, -1.0), Constant(), 'STAR')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp('files')
    cos.write_fuv(made, 'lsim40a1q', STAR, exptime_s=120.0, seed=1, start_mjd=58000.0, fppos=1)
    cos.write_fuv(made, 'lsim40a2q', STAR, exptime_s=100.0, seed=2, start_mjd=58001.0, fppos=4)
    stis.write_first_order(made, 'osim40010', STAR, exptime_s=100.0, seed=3)
    return made


def test_read_makes_a_light_curve_with_units_and_leaves_the_folder_alone(folder):
    before = sorted(path.name for path in folder.iterdir())
    table = hstlc.read(folder / 'lsim40a1q_corrtag_a.fits', step=4.0)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert table['FLUX'].unit == u.Unit('erg s-1 cm-2 Angstrom-1')
    assert table['BINS'][0] == pytest.approx(4 * 0.992)
    assert table['EXPTIME'].sum() == pytest.approx(120.0, abs=0.05)
    assert table.meta['TARGNAME'] == 'SIM-STAR-8'
    assert table.meta['FLUXSRC'] == 'X1D'
    both = hstlc.read(folder / 'lsim40a1q_corrtag_b.fits', step=4.0)
    assert np.array_equal(both['COUNTS'], table['COUNTS'])  # either segment's name stands for the exposure


def test_a_step_below_the_grid_reads_the_events_finely(tmp_path):
    """A pulsation of 0.6 s is seen with bins of 0.096 s, which are three ticks."""
    pulsar = Source('SIM-PULSAR-1', 150.0, 12.0, Spectrum(4e-14, -1.0), Sinusoid(0.6, 0.5, 58000.0), 'STAR')
    cos.write_fuv(tmp_path, 'lsim41a1q', pulsar, exptime_s=30.0, seed=1, start_mjd=58000.0, segments=('FUVA',))
    table = hstlc.read(tmp_path / 'lsim41a1q_corrtag_a.fits', step=0.1)
    assert table['BINS'][0] == pytest.approx(0.096)
    phase = 2 * np.pi * (np.asarray(table['MJD']) - 58000.0) * 86400 / 0.6
    counts = np.asarray(table['COUNTS'])
    amplitude = 2 * np.hypot(np.mean(counts * np.cos(phase)), np.mean(counts * np.sin(phase))) / counts.mean()
    assert amplitude == pytest.approx(0.5 * np.sinc(0.096 / 0.6), abs=0.1)


def test_wavelength_limits_and_airglow(folder):
    path = folder / 'lsim40a1q_corrtag_a.fits'
    whole, narrow = hstlc.read(path), hstlc.read(path, wlim=(1320, 1340))
    assert (narrow.meta['WMIN'], narrow.meta['WMAX']) == (1320, 1340)
    assert narrow['GROSS'].sum() < whole['GROSS'].sum()
    kept = hstlc.read(path, airglow='none')
    assert kept.meta['NWAVEX'] == 0
    assert kept['GROSS'].sum() > whole['GROSS'].sum()
    with pytest.raises(InputError, match='no good wavelength'):
        hstlc.read(path, wlim=(2000, 2100))


def test_composites_of_files_are_those_of_the_archive(folder):
    table = hstlc.composite([folder / 'lsim40a2q_corrtag_a.fits', folder / 'lsim40a1q_corrtag_b.fits'])
    assert table.meta['PROVENANCE'] == ['lsim40a1q', 'lsim40a2q']
    assert np.all(np.diff(table['MJD']) > 0)
    assert set(table['DATASET']) == {1, 2}
    means = [table['FLUX'][table['DATASET'] == k].mean() for k in (1, 2)]
    assert means[0] == pytest.approx(means[1], rel=0.1)
    with pytest.raises(InputError):
        hstlc.composite([])


def test_a_dynamic_spectrum_is_read_back_without_a_record(folder, tmp_path):
    made = hstlc.dynamic_spectrum(folder / 'osim40010_tag.fits')
    write_dynamic_spectrum(tmp_path / 'osim40010_dynspec.fits.gz', made)
    again = hstlc.dynamic_spectrum(tmp_path / 'osim40010_dynspec.fits.gz')
    for name in ('time', 'wave', 'n', 'w', 'w2', 'f', 'f2'):
        assert np.array_equal(getattr(again.source, name), getattr(made.source, name)), name
    for name in ('good_width_aa', 'x1d_background', 'x1d_background_flux'):
        assert np.array_equal(getattr(again, name), getattr(made, name), equal_nan=True), name
    assert again.exposure.opt_elem == 'G140L'
    assert hstlc.composite([tmp_path / 'osim40010_dynspec.fits.gz'])['COUNTS'].sum() == pytest.approx(
        hstlc.read(folder / 'osim40010_tag.fits')['COUNTS'].sum(), rel=1e-12
    )


def test_night_alone_keeps_only_the_dark_part(folder, tmp_path):
    for path in folder.glob('lsim40a1q*'):
        shutil.copy(path, tmp_path)
    for letter in 'ab':
        with fits.open(tmp_path / f'lsim40a1q_corrtag_{letter}.fits', mode='update') as hdus:
            timeline = hdus['TIMELINE'].data
            timeline['SUN_ALT'] = np.where(timeline['TIME'] < 50, -10.0, 10.0)
    night = hstlc.read(tmp_path / 'lsim40a1q_corrtag_a.fits', night=True)
    whole = hstlc.read(tmp_path / 'lsim40a1q_corrtag_a.fits')
    assert night['EXPTIME'].sum() == pytest.approx(50.0, abs=1.1)
    assert np.all(night['SUN_ALT'] < 0.5)
    assert night['NET'].mean() == pytest.approx(whole['NET'].mean(), rel=0.1)
    with pytest.raises(InputError, match='TIMELINE'):
        hstlc.read(folder / 'osim40010_tag.fits', night=True)


def test_files_of_the_original_are_read_with_bin_centres(tmp_path):
    columns = {'bins': 1.0, 'times': 0.0, 'mjd': 58000.0, 'gross': 5.0, 'counts': 4.0, 'flux': 1e-15, 'flux_error': 1e-16}
    parts = [
        fits.Column(name=name, format='D', array=value + np.arange(3.0) * (name == 'times')) for name, value in columns.items()
    ]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(parts)]).writeto(tmp_path / 'old_curve.fits')
    table = hstlc.read(tmp_path / 'old_curve.fits')
    assert table['TIMES'].tolist() == [0.5, 1.5, 2.5]
    assert table['MJD'][0] == pytest.approx(58000.0 + 0.5 / 86400)
    assert table['FLUX_ERROR'].unit == u.Unit('erg s-1 cm-2 Angstrom-1')


@pytest.mark.parametrize(('name', 'content'), [('x_corrtag_a.fits', b''), ('y.fits', b'nonsense'), ('z_tag.fits', None)])
def test_bad_files_are_named(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=name.replace('.', r'\.')):
        hstlc.read(tmp_path / name)


def test_importing_hstlc_loads_nothing_heavy():
    import subprocess
    import sys

    code = 'import sys, hstlc; sys.exit(any(name in sys.modules for name in ("astropy", "numpy", "bokeh", "matplotlib")))'
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0


def test_extract_writes_one_light_curve_per_exposure(folder, tmp_path, capsys):
    files = [str(path) for path in sorted(folder.glob('*tag*.fits'))]
    assert main(['extract', *files, '--step', '5', '--wmin', '1150', '--keep-airglow', '--output', str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [f'{n}_curve.fits' for n in ('lsim40a1q', 'lsim40a2q', 'osim40010')]
    assert 'lsim40a2q: 21 bins of 4.96 s' in capsys.readouterr().out
    table = hstlc.read(tmp_path / 'osim40010_curve.fits')
    assert table.meta['WMIN'] >= 1150
    assert main(['extract', str(tmp_path / 'nothing_tag.fits')]) == 1
    assert 'nothing_tag.fits is not there' in capsys.readouterr().err


def test_extract_takes_the_night_alone_and_says_what_it_left_out(folder, tmp_path):
    events, output = tmp_path / 'lsim40a1q_corrtag_a.fits', tmp_path / 'made'
    shutil.copy(folder / events.name, events)
    shutil.copy(folder / 'lsim40a1q_x1d.fits', tmp_path)
    with fits.open(events, mode='update') as hdus:
        timeline = hdus['TIMELINE'].data
        timeline['SUN_ALT'] = np.where(timeline['TIME'] < 50, -10.0, 10.0)
    assert main(['extract', str(events), '--night', '--wmin', '1295', '--wmax', '1365', '--output', str(output)]) == 0
    header = fits.getheader(output / 'lsim40a1q_curve.fits', 1)
    table = hstlc.read(output / 'lsim40a1q_curve.fits')
    assert table['EXPTIME'].sum() == pytest.approx(50.0, abs=1.1)
    assert (header['WMIN'], header['WMAX']) == (1295.0, 1365.0)
    assert [header[f'WAVEX{k}'] for k in range(1, header['NWAVEX'] + 1)] == ['1300,1308', '1354,1360']
    assert header['BANDWID'] == pytest.approx(70 - 14, abs=1.5)  # less bad columns


def test_statistics_of_events_and_of_the_light_curve_made_of_them_agree(folder, tmp_path):
    events = hstlc.statistics(folder / 'lsim40a1q_corrtag_a.fits')
    assert main(['extract', str(folder / 'lsim40a1q_corrtag_a.fits'), '--output', str(tmp_path)]) == 0
    curve = hstlc.statistics(tmp_path / 'lsim40a1q_curve.fits')
    assert (curve.total, curve.x_dof, curve.x_variable) == (events.total, events.x_dof, False)
    assert curve.x_chi2 == pytest.approx(events.x_chi2, rel=1e-6)
    assert {band.name for band in events.x_bands} >= {'C III 1176', 'Si IV 1394/1403'}
    assert curve.x_bands == ()
    longer = hstlc.statistics(folder / 'lsim40a1q_corrtag_a.fits', step=10, wlim=(1320, 1340))
    assert longer.x_bins < events.x_bins / 4
    assert longer.total < events.total
