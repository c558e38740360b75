"""The South Atlantic Anomaly: places known to lie inside and outside, and backgrounds that double."""

import numpy as np
import pytest
from astropy.io import fits

import hstlc
from hstlc.model import Cells, Quality
from hstlc.science.anomaly import background_doubles, near_anomaly
from hstlc.science.oddities import annotate
from hstlc.simulate import cos
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import Spectrum
from tests.science.test_oddities import N, cells, spectrum


@pytest.mark.parametrize(
    ('name', 'longitude', 'latitude', 'inside'),
    [
        ('Rio de Janeiro', -43.2, -22.9, True),
        ('Rio, counted from 0 to 360', 316.8, -22.9, True),
        ('Buenos Aires is farther south than Hubble', -58.4, -34.6, False),
        ('Asuncion', -57.6, -25.3, True),
        ('Ascension', -14.4, -7.9, True),
        ('Saint Helena', -5.7, -15.9, True),
        ('Cape Canaveral', -80.6, 28.4, False),
        ('Accra', -0.2, 5.6, False),
        ('Lima', -77.0, -12.0, True),
        ('Easter Island', -109.4, -27.1, False),
        ('Johannesburg', 28.0, -26.2, False),
        ('Perth', 115.9, -28.0, False),
    ],
)
def test_places(name, longitude, latitude, inside):
    assert near_anomaly(np.array([longitude]), np.array([latitude]))[0] == inside


def test_the_contour_is_an_eighth_of_what_hubble_flies_over():
    """By area: orbits of 28.5 degrees; about 8 of 15 orbits a day cross it, for a quarter of an hour each."""
    phase, node = np.meshgrid(np.linspace(0, 2 * np.pi, 400, endpoint=False), np.linspace(0, 360, 360, endpoint=False))
    latitude = np.degrees(np.arcsin(np.sin(np.radians(28.5)) * np.sin(phase)))
    longitude = node + np.degrees(np.arctan2(np.cos(np.radians(28.5)) * np.sin(phase), np.cos(phase)))
    assert 0.10 < near_anomaly(longitude.ravel(), latitude.ravel()).mean() < 0.18


def background(rate):
    return cells(np.random.default_rng(3).poisson(rate * np.ones(N)))


def test_a_background_that_doubles_is_noticed_and_one_that_does_not_is_not():
    ramp = np.linspace(0, 1, N)
    live = np.ones(N)
    assert background_doubles(background(8.0 * (1 + 2 * ramp)), live)
    assert not background_doubles(background(8.0 * (1 + 0.6 * ramp)), live)
    assert not background_doubles(background(8.0), live)


@pytest.mark.parametrize('rate', [0.0, 0.01, 0.5, 1.0, 5.0])
def test_poisson_noise_does_not_double(rate):
    rng = np.random.default_rng(7)
    found = [background_doubles(cells(rng.poisson(rate, N)), np.ones(N)) for _ in range(200)]
    assert sum(found) <= 1


def test_time_that_is_not_good_does_not_count():
    live = np.ones(N)
    live[100:400] = 0
    counts = np.random.default_rng(5).poisson(5.0 * live)
    assert not background_doubles(cells(counts), live)
    nothing = Cells(**{name: np.zeros(0, kind) for name, kind in (('time', np.int32), ('wave', np.int16), ('n', np.int32))},
                    **dict.fromkeys(('w', 'w2', 'f', 'f2'), np.zeros(0)))  # fmt: skip
    assert not background_doubles(nothing, np.zeros(N))
    assert not background_doubles(nothing, np.zeros(0))


def test_the_warning_comes_from_either():
    quiet = spectrum(np.full(N, 8), np.full(N, 5))
    assert 'W_SAA' not in annotate(quiet).warnings
    flagged = spectrum(np.full(N, 8), np.full(N, 5), quality=np.where(np.arange(N) > 500, int(Quality.SAA), 0))
    assert 'W_SAA' in annotate(flagged).warnings
    rising = spectrum(np.full(N, 8), np.linspace(5, 20, N).astype(int))
    assert 'W_SAA' in annotate(rising).warnings


def test_bins_near_it_are_flagged(tmp_path):
    cos.write_fuv(tmp_path, 'lsaa0001q', Source('STAR', spectrum=Spectrum(1e-14)), exptime_s=40.0, seed=1, segments=('FUVA',))
    path = tmp_path / 'lsaa0001q_corrtag_a.fits'
    with fits.open(path, mode='update') as hdus:
        table = hdus['TIMELINE'].data
        table['LATITUDE'], table['LONGITUDE'] = -20.0, np.where(table['TIME'] < 20.0, 100.0, 315.0)
    flagged = np.array(hstlc.read(path)['QUALITY'] & int(Quality.SAA), bool)
    assert not flagged[:9].any()
    assert flagged[11:].all()
