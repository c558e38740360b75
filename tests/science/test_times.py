"""Barycentric times against astropy with the IERS's own tables of the Earth's rotation."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers

from hstlc.model import Timeline
from hstlc.science.times import ORBIT_RADIUS_KM, bjd_offsets

TIME_S = np.arange(0.0, 2900.0, 29.0)
RA_DEG, DEC_DEG = 80.0, -20.0


@pytest.fixture
def timeline():
    return Timeline(
        time_s=TIME_S,
        longitude_deg=(170.0 + TIME_S * 360.0 / 6100.0) % 360.0,
        latitude_deg=28.5 * np.sin(TIME_S * 2 * np.pi / 5700.0),
        sun_alt_deg=np.zeros(len(TIME_S)),
    )


def independent(t0_mjd, timeline):
    """The same by astropy alone, at every time, with what the IERS measured."""
    place = EarthLocation.from_geocentric(*_xyz(timeline), unit=u.km)
    times = Time(t0_mjd, TIME_S / 86400.0, format='mjd', scale='utc', location=place)
    target = SkyCoord(RA_DEG * u.deg, DEC_DEG * u.deg)
    with iers.conf.set_temp('auto_download', False):
        travel = times.light_travel_time(target, 'barycentric').to_value(u.s)
    clock = (times.tdb.jd1 - times.utc.jd1 + times.tdb.jd2 - times.utc.jd2) * 86400.0
    return travel + clock


def _xyz(timeline):
    longitude, latitude = np.radians(timeline.longitude_deg), np.radians(timeline.latitude_deg)
    unit = np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)
    return [ORBIT_RADIUS_KM * component for component in unit]


@pytest.mark.parametrize('t0_mjd', [50580.1, 51100.4, 53200.7, 55800.2, 57753.9, 60200.5])  # of either sign of UT1 - UTC
def test_the_earths_rotation_is_known_well_enough_without_a_table(t0_mjd, timeline):
    found, how = bjd_offsets(TIME_S, t0_mjd, RA_DEG, DEC_DEG, timeline)
    assert how == 'TIMELINE'
    assert np.abs(found - independent(t0_mjd, timeline)).max() < 2e-6


def test_no_table_of_the_iers_is_read(monkeypatch, timeline):
    monkeypatch.setattr(iers.IERS_Auto, 'open', lambda *arguments, **options: pytest.fail('a table was read'))
    monkeypatch.setattr(iers.IERS_B, 'open', lambda *arguments, **options: pytest.fail('a table was read'))
    found, _ = bjd_offsets(TIME_S, 61000.0, RA_DEG, DEC_DEG, timeline)
    assert np.isfinite(found).all()
