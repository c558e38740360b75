"""Where Hubble is: a circular orbit that sees the target best in the middle of the exposure (for TIMELINE)."""

from dataclasses import dataclass

import numpy as np

from hstlc.model.arrays import Floats

RADIUS_KM = 6915.0
PERIOD_S = 5717.8
INCLINATION = np.radians(28.47)
SPEED_KM_S = 2 * np.pi * RADIUS_KM / PERIOD_S
LIMB_DEG = 23.0  # the Earth's limb lies this far below the horizontal
DAY_S = 86400.0


@dataclass(frozen=True)
class Orbit:
    """A part of an orbit; arrays of shape (n,), float64."""

    longitude_deg: Floats  # of the point below, east, 0 to 360
    latitude_deg: Floats
    sun_zd_deg: Floats
    sun_alt_deg: Floats  # above the Earth's limb
    target_alt_deg: Floats  # above the Earth's limb
    radial_velocity_km_s: Floats  # of the target, positive: going away


def orbit(mjd: Floats, ra_deg: float, dec_deg: float) -> Orbit:
    """Return where Hubble is at `mjd` (shape (n,), UTC); the target is highest in the middle of it."""
    target = _unit(np.radians(ra_deg), np.radians(dec_deg))
    anomaly = 2 * np.pi * (mjd - (mjd[0] + mjd[-1]) / 2) * DAY_S / PERIOD_S
    toward, along = _plane(np.radians(ra_deg), np.radians(dec_deg))
    position = np.cos(anomaly)[:, None] * toward + np.sin(anomaly)[:, None] * along
    velocity = -np.sin(anomaly)[:, None] * toward + np.cos(anomaly)[:, None] * along
    sun_zd = _angle(np.sum(position * _sun(mjd), axis=1))
    right_ascension = np.degrees(np.arctan2(position[:, 1], position[:, 0]))
    return Orbit(
        (right_ascension - _sidereal_deg(mjd)) % 360,
        np.degrees(np.arcsin(position[:, 2])),
        sun_zd,
        90 - sun_zd + LIMB_DEG,
        90 - _angle(position @ target) + LIMB_DEG,
        -SPEED_KM_S * (velocity @ target),
    )


def _unit(ra: float, dec: float) -> Floats:
    return np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])


def _angle(cosine: Floats) -> Floats:
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def _plane(ra: float, dec: float) -> tuple[Floats, Floats]:
    """Return two unit vectors of an orbit of Hubble's inclination: the point nearest to the target, and 90 degrees on."""
    latitude = np.clip(dec, -INCLINATION, INCLINATION)
    argument = np.arcsin(np.clip(np.sin(latitude) / np.sin(INCLINATION), -1, 1))
    node = ra - np.arctan2(np.cos(INCLINATION) * np.sin(argument), np.cos(argument))
    pole = np.array([np.sin(INCLINATION) * np.sin(node), -np.sin(INCLINATION) * np.cos(node), np.cos(INCLINATION)])
    toward = _unit(ra, latitude)
    return toward, np.cross(pole, toward)


def _sun(mjd: Floats) -> Floats:
    """Return unit vectors, shape (n, 3), to the Sun: the low-precision formula of the Astronomical Almanac."""
    days = mjd - 51544.5
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439)
    return np.stack([np.cos(longitude), np.cos(tilt) * np.sin(longitude), np.sin(tilt) * np.sin(longitude)], axis=1)


def _sidereal_deg(mjd: Floats) -> Floats:
    """Return Greenwich mean sidereal time in degrees (UTC for UT1: 1 second)."""
    return 280.46061837 + 360.98564736629 * (mjd - 51544.5)
