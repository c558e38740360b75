"""The imaginary archive as a whole, its sources, clocks and orbit."""

import numpy as np
import pytest
from astropy.io import fits

from hstlc.errors import InputError
from hstlc.files.records import load
from hstlc.simulate import archive, demo
from hstlc.simulate.archive import write_archive
from hstlc.simulate.arrival import GoodTime
from hstlc.simulate.exposure import Truth
from hstlc.simulate.orbit import RADIUS_KM, orbit
from hstlc.simulate.source import Eclipses, Flares, Sinusoid
from hstlc.simulate.spectrum import Line, Spectrum, airglow_free


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp('archive')
    return folder, write_archive(folder, size='tiny')


def test_tiny_archive_has_every_mode_and_its_truth(tiny):
    folder, truths = tiny
    assert {(truth.instrume, truth.detector, truth.opt_elem) for truth in truths} == {
        ('COS', 'FUV', 'G130M'), ('COS', 'NUV', 'G230L'), ('COS', 'NUV', 'MIRRORA'),
        ('STIS', 'FUV-MAMA', 'G140L'), ('STIS', 'NUV-MAMA', 'E230M'),
    }  # fmt: skip
    written = {path.name for path in (folder / 'ingest').iterdir()}
    assert written == {name for truth in truths for name in truth.files}
    for truth in truths:
        assert load(folder / 'truth' / f'{truth.rootname}_truth.json', Truth) == truth
        header = fits.getheader(folder / 'ingest' / truth.files[0], 1)
        assert header['EXPSTART'] == truth.start_mjd


def test_same_seed_same_bytes(tiny, tmp_path):
    write_archive(tmp_path, size='tiny')
    for path in (tiny[0] / 'ingest').iterdir():
        assert path.read_bytes() == (tmp_path / 'ingest' / path.name).read_bytes()


def test_demo_names_each_reason_once_and_each_rootname_once():
    items = (*demo.GOOD, *demo.FAULTY)
    assert len({item.rootname for item in items}) == len(items)
    assert all(len(item.rootname) == 9 for item in items)
    expected = [item.options.get('expected', 'accepted') for item in demo.FAULTY]
    reasons = {reason.split(':')[0] for reason in expected}
    assert reasons == {
        'Bad EXPFLAG', 'Non-linear time', 'No events', 'Singular event', 'Bad Proposal', 'Short Exposure', 'Not science',
        'Unreadable',
    }  # fmt: skip
    assert all('expected' not in item.options for item in demo.GOOD)


@pytest.mark.parametrize('item', demo.FAULTY, ids=lambda item: item.rootname)
def test_faulty_exposures_have_their_fault(item, tmp_path, monkeypatch):
    monkeypatch.setitem(archive.PLANS, 'one', (item,))
    (truth,) = write_archive(tmp_path, size='one')
    path = tmp_path / 'ingest' / truth.files[0]
    if truth.expected == 'Unreadable':
        assert path.stat().st_size < 2880
        return
    with fits.open(path) as hdus:
        time, header, primary = hdus[1].data['TIME'], hdus[1].header, hdus[0].header
        found = {
            'Bad EXPFLAG': header['EXPFLAG'] != 'NORMAL',
            'Non-linear time': len(time) > 1 and bool(np.diff(time).min() < -10),
            'No events': len(time) == 0,
            'Singular event': len(time) > 0 and len(np.unique(time)) == 1,
            'Bad Proposal': primary['PROPOSID'] == 13635,
            'Short Exposure': header['EXPTIME'] < 1,
            'Not science: TARGNAME=WAVE': primary['TARGNAME'] == 'WAVE',
            'Not science: SHUTTER=Closed': primary.get('SHUTTER') == 'Closed',
        }
    assert [reason for reason, is_so in found.items() if is_so] == [truth.expected]


def test_unknown_size(tmp_path):
    with pytest.raises(InputError, match='demo or tiny'):
        write_archive(tmp_path, size='huge')


def test_arrivals_follow_the_rate():
    good = GoodTime.with_gaps(0.0, 100.0, ((40.0, 60.0),))
    assert good.total_s == 80
    time = good.arrivals(np.random.default_rng(1), lambda t: 100 + t)
    assert not np.any((time > 40) & (time < 60))
    early, late = np.histogram(time, [0, 40, 60, 100])[0][[0, 2]]
    assert early == pytest.approx(4800, abs=5 * np.sqrt(4800))
    assert late == pytest.approx(7200, abs=5 * np.sqrt(7200))


def test_fast_sinusoid_keeps_its_amplitude_and_phase():
    wave = Sinusoid(0.5, 0.4, 58000.0)
    good = GoodTime.with_gaps(0.0, 200.0)
    time = good.arrivals(np.random.default_rng(2), lambda t: 200 * wave.relative(58000.0 + t / 86400))
    amplitude = 2 * np.exp(-2j * np.pi * time / 0.5).mean()
    assert abs(amplitude - -0.4j) < 5 * np.sqrt(2 / len(time)) + 0.001


def test_flare_and_eclipse_shapes():
    seconds = np.array([0.0, 99.0, 108.0, 168.0, 1000.0])
    flare = Flares((58000.0 + 100 / 86400,), (5.0,), 8.0, 60.0)
    np.testing.assert_allclose(flare.relative(58000.0 + seconds / 86400), [1, 1, 6, 1 + 5 / np.e, 1], atol=1e-4)
    eclipse = Eclipses(1000.0, 100.0, 0.5, 20.0, 58000.0)
    seconds = np.array([0.0, 40.0, 51.0, 500.0, 960.0, 1000.0])
    np.testing.assert_allclose(eclipse.relative(58000.0 + seconds / 86400), [0.5, 0.75, 1, 1, 0.75, 0.5], atol=1e-4)


def test_line_flux_and_bands():
    line = Spectrum(0.0, 0.0, (Line(1500.0, 3e-15, 0.5),))
    assert line.mean_flux_density(1490, 1510) * 20 == pytest.approx(3e-15, rel=1e-6)
    assert airglow_free(1100, 1300, ((1090, 1110), (1200, 1210), (1290, 1310))) == ((1110, 1200), (1210, 1290))


def test_orbit_is_where_hubble_can_be():
    mjd = 58108.5 + np.arange(0, 2000, 10.0) / 86400
    sky = orbit(mjd, 175.55, 26.7)
    assert np.abs(sky.latitude_deg).max() <= 28.48
    assert sky.target_alt_deg.argmax() in (99, 100)
    assert np.abs(sky.radial_velocity_km_s).max() < 7.6
    longitude, latitude = np.radians(sky.longitude_deg), np.radians(sky.latitude_deg)
    place = RADIUS_KM * np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)])
    speed = np.linalg.norm(np.diff(place, axis=1), axis=0) / 10
    assert 6.5 < speed.min() < speed.max() < 7.6  # less than 7.6 km/s: the Earth turns the same way
