"""From UTC at the telescope to BJD in TDB at the barycentre of the solar system."""

import functools

import numpy as np
from astropy import units as u
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers
from scipy.interpolate import CubicSpline

from hstlc.model import DAY_S, Floats, Timeline

ORBIT_RADIUS_KM = 6915.0  # of HST around the Earth's centre
ALL_TIMES_MJD = np.array([0.0, 1e6])
NODE_STEP_S = 60.0  # HST turns by 4 degrees: a cubic between such nodes is good to a microsecond


def bjd_offsets(
    time_s: Floats, t0_mjd: float, ra_deg: float | None, dec_deg: float | None, timeline: Timeline | None
) -> tuple[Floats, str]:
    """Return what to add to MJD (UTC) for BJD (TDB), and how HST's position was known.

    Parameters
    ----------
    time_s : (n,) float64
        Seconds since `t0_mjd`, ascending.
    t0_mjd : float
        Days, UTC.
    ra_deg, dec_deg : float or None
        Of the target, ICRS; None gives NaN.
    timeline : Timeline or None
        HST's sub-point once a second. Without it the observer is put at the geocentre, wrong by at most 23 ms.

    Returns
    -------
    offset_s : (n,) float64
        (BJD_TDB - 2400000.5 - MJD_UTC) * 86400: TDB - UTC plus the light travel time.
    hstpos : str
        TIMELINE, GEOCENTER or NONE.
    """
    if ra_deg is None or dec_deg is None or len(time_s) == 0:
        return np.full(len(time_s), np.nan), 'NONE'
    nodes = _nodes(time_s)
    target = SkyCoord(ra_deg * u.deg, dec_deg * u.deg, frame='icrs')
    with iers.conf.set_temp('auto_download', False), iers.earth_orientation_table.set(_even_earth()):
        times = Time(t0_mjd, nodes / DAY_S, format='mjd', scale='utc', location=_location(nodes, timeline))
        travel = times.light_travel_time(target, kind='barycentric').to_value(u.s)
        clock = ((times.tdb.jd1 - times.utc.jd1) + (times.tdb.jd2 - times.utc.jd2)) * DAY_S
    return _smooth(nodes, travel + clock, time_s), 'GEOCENTER' if timeline is None else 'TIMELINE'


@functools.cache
def _even_earth() -> iers.IERS:
    """Return a table of the Earth's rotation with UT1 = UTC and without polar motion.

    HST's place is then off by less than 0.5 km, 1.5 microseconds of light travel time. In return no table is read, which takes
    longer than a short exposure's light curve, and the times do not depend on which tables of the IERS came with astropy.
    """
    nothing = np.zeros(2)
    angles = dict.fromkeys(('PM_x', 'PM_y', 'dX_2000A', 'dY_2000A'), nothing * u.arcsec)
    return iers.IERS({'MJD': ALL_TIMES_MJD * u.d, 'UT1_UTC': nothing * u.s, **angles})


def _nodes(time_s: Floats) -> Floats:
    count = max(4, int(np.ceil((time_s[-1] - time_s[0]) / NODE_STEP_S)) + 1)
    return np.linspace(time_s[0], max(time_s[-1], time_s[0] + 1.0), count)


def _smooth(nodes: Floats, values: Floats, time_s: Floats) -> Floats:
    return np.asarray(CubicSpline(nodes, values)(time_s), np.float64)


def _location(nodes: Floats, timeline: Timeline | None) -> EarthLocation:
    if timeline is None:
        return EarthLocation.from_geocentric(0.0, 0.0, 0.0, unit=u.km)
    longitude = np.radians(np.interp(nodes, timeline.time_s, np.unwrap(timeline.longitude_deg, period=360.0)))
    latitude = np.radians(np.interp(nodes, timeline.time_s, timeline.latitude_deg))
    x, y, z = np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)
    return EarthLocation.from_geocentric(x * ORBIT_RADIUS_KM, y * ORBIT_RADIUS_KM, z * ORBIT_RADIUS_KM, unit=u.km)
