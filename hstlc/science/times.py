"""From UTC at the telescope to BJD in TDB at the barycentre of the solar system."""

import numpy as np
from astropy import units as u
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers
from scipy.interpolate import CubicSpline

from hstlc.model import DAY_S, Floats, Timeline

ORBIT_RADIUS_KM = 6915.0  # of HST around the Earth's centre
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
    with iers.conf.set_temp('auto_download', False), iers.conf.set_temp('iers_degraded_accuracy', 'ignore'):
        times = Time(t0_mjd, nodes / DAY_S, format='mjd', scale='utc', location=_location(nodes, timeline))
        travel = times.light_travel_time(target, kind='barycentric').to_value(u.s)
        clock = ((times.tdb.jd1 - times.utc.jd1) + (times.tdb.jd2 - times.utc.jd2)) * DAY_S
    return _smooth(nodes, travel + clock, time_s), 'GEOCENTER' if timeline is None else 'TIMELINE'


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
