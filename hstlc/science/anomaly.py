"""The South Atlantic Anomaly: where Hubble meets so many particles that the background of its detectors rises."""

import numpy as np

from hstlc.model import Bools, Cells, Floats

# Vertices (latitude, longitude east) of the contour where sensitive detectors are no longer operated: models 26 to 30 of costools
# saamodel.py. Those of COS itself are smaller; inside them it is off, between the two its background may already be high.
CONTOUR = (
    (-28.5, 19.0), (-16.0, 1.0), (-6.5, -15.0), (-2.0, -25.0), (1.0, -48.0), (-3.0, -66.0), (-7.0, -76.0), (-10.0, -82.0),
    (-15.0, -88.0), (-20.0, -93.0), (-30.0, -91.0),
)  # fmt: skip
STRETCHES = 10
FEWEST_EVENTS = 50  # in a stretch
RAMP = 2.0
RAMP_SIGMA = 3.0


def near_anomaly(longitude_deg: Floats, latitude_deg: Floats) -> Bools:
    """Return whether places lie inside the contour, (n,) bool; longitudes east, of any turn."""
    x, y = (longitude_deg + 180.0) % 360.0 - 180.0, latitude_deg
    inside = np.zeros(np.shape(x), bool)
    for (y1, x1), (y2, x2) in zip(CONTOUR, (*CONTOUR[1:], CONTOUR[0]), strict=True):
        crosses = (y1 > y) != (y2 > y)
        inside ^= crosses & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return np.asarray(inside, bool)


def background_doubles(background: Cells, live_s: Floats) -> bool:
    """Whether the background rate more than doubles within an exposure, beyond chance: between any two of ten equal parts of it."""
    elapsed = np.cumsum(live_s)
    if len(elapsed) == 0 or elapsed[-1] <= 0:
        return False
    part = np.minimum((elapsed / elapsed[-1] * STRETCHES).astype(np.int64), STRETCHES - 1)
    counts = np.asarray(np.bincount(part[background.time], background.n, STRETCHES), np.float64)
    seconds = np.bincount(part, live_s, STRETCHES)
    used = seconds > 0
    if counts[used].min(initial=np.inf) < FEWEST_EVENTS:
        return False
    rate, variance = counts[used] / seconds[used], counts[used] / seconds[used] ** 2
    high, low = np.argmax(rate), np.argmin(rate)
    excess = rate[high] - RAMP * rate[low]
    return bool(excess > RAMP_SIGMA * np.sqrt(variance[high] + RAMP**2 * variance[low]))
