"""A map of the whole sky in Mollweide projection as SVG paths: light enough for thousands of targets."""

from collections.abc import Iterable
from math import asin, cos, pi, sin, sqrt

WIDTH, HEIGHT = 720.0, 360.0
ITERATIONS = 12


def project(ra_deg: float, dec_deg: float) -> tuple[float, float]:
    """Return x, y in a picture of 720 x 360 units; right ascension grows to the left from 12h at the right edge.

    Mollweide's equation 2 t + sin 2 t = pi sin(dec) is solved by Newton's method.
    """
    dec = dec_deg * pi / 180.0
    t = _auxiliary(dec)
    longitude = (180.0 - ra_deg % 360.0) * pi / 180.0
    x = 2.0 * sqrt(2.0) / pi * longitude * cos(t)
    y = sqrt(2.0) * sin(t)
    half = 2.0 * sqrt(2.0)
    return WIDTH / 2 * (1 + x / half * 0.985), HEIGHT / 2 * (1 - y / sqrt(2.0) * 0.985)


def _auxiliary(dec: float) -> float:
    t = asin(2.0 * dec / pi)
    for _ in range(ITERATIONS):
        slope = 2.0 + 2.0 * cos(2.0 * t)
        if slope < 1e-9:
            break
        t -= (2.0 * t + sin(2.0 * t) - pi * sin(dec)) / slope
    return t


def points(positions: Iterable[tuple[float, float]]) -> str:
    """Return an SVG path of one dot per position (right ascension, declination in degrees); draw it with round line caps."""
    return ''.join(f'M{x:.1f} {y:.1f}h0' for x, y in (project(ra, dec) for ra, dec in positions))


def graticule() -> str:
    """Return an SVG path of parallels every 30 degrees and meridians every 4 hours."""
    lines = [[(ra, float(dec)) for ra in _span(0.0, 359.99, 60)] for dec in range(-60, 61, 30)]
    lines += [[(float(ra), dec) for dec in _span(-90.0, 90.0, 48)] for ra in range(60, 360, 60)]
    return ''.join(_line(line) for line in lines)


def _span(low: float, high: float, steps: int) -> list[float]:
    return [low + (high - low) * k / steps for k in range(steps + 1)]


def _line(places: list[tuple[float, float]]) -> str:
    return 'M' + 'L'.join(f'{x:.1f} {y:.1f}' for x, y in (project(ra, dec) for ra, dec in places))
