"""Events of the COS NUV detector: three stripes of spectrum, or an image, over a strong dark."""

import numpy as np

from hstlc.model.arrays import Floats, Ints
from hstlc.simulate.arrival import GoodTime
from hstlc.simulate.cos_events import SHIFT1, Photons, SegmentEvents, quantised, source_photons
from hstlc.simulate.cos_geometry import NUV_NELEM, Segment
from hstlc.simulate.exposure import Exposure, Table

SIZE = 1024  # pixels on a side
SHIFT = 32.9  # XFULL less the detector's own coordinate
WCA_ROW = 520.0  # from here up, events carry the lamp's wavelengths
IMAGE_CENTRE = (505.0, 498.0)
IMAGE_RATE = 1e17  # count/s per erg/s/cm2/Angstrom at 2300 Angstrom, through MIRRORA


def events(exposure: Exposure, stripes: tuple[Segment, ...], good: GoodTime, dark: float) -> SegmentEvents:
    """Return the events of the three stripes and the dark; `dark` in count/s/pixel."""
    rng = exposure.rng('NUV')
    parts = [*(source_photons(rng, exposure, stripe, good) for stripe in stripes), _dark(rng, exposure, good, dark)]
    return SegmentEvents(_columns(parts, stripes))


def imaging_events(exposure: Exposure, good: GoodTime, dark: float) -> SegmentEvents:
    """Return the events of an image: the source in the middle, and the dark; no wavelengths."""
    rng = exposure.rng('NUV')
    rate = float(exposure.source.spectrum.flux_density(np.array([2300.0]))[0]) * IMAGE_RATE
    time_s = good.arrivals(rng, lambda t: rate * exposure.relative(t))
    x, y = (centre + rng.normal(0, 1.4, len(time_s)) for centre in IMAGE_CENTRE)
    star = Photons(time_s, x, y + exposure.drift(time_s), np.zeros(len(x), np.int64))
    return SegmentEvents(_columns([star, _dark(rng, exposure, good, dark)], ()))


def _dark(rng: np.random.Generator, exposure: Exposure, good: GoodTime, rate: float) -> Photons:
    time_s = good.arrivals(rng, lambda t: rate * SIZE**2 * exposure.dark_shape(t))
    x, y = rng.uniform(0, SIZE, (2, len(time_s)))
    return Photons(time_s, x + SHIFT, y, np.zeros(len(x), np.int64))


def _columns(parts: list[Photons], stripes: tuple[Segment, ...]) -> Table:
    time_s, x, y = (np.concatenate([getattr(part, name) for part in parts]) for name in ('time_s', 'x', 'y'))
    order = np.argsort(time_s, kind='stable')
    time_s, x, y = time_s[order], *(item[order].astype(np.float32).astype(np.float64) for item in (x, y))
    wavelength, epsilon, dq = _by_stripe(x, y, stripes)
    detector_x = x + SHIFT1['C']
    return {
        'TIME': quantised(time_s),
        'RAWX': np.clip(np.round(detector_x), 0, SIZE - 1).astype(np.int16),
        'RAWY': np.clip(np.round(y), 0, SIZE - 1).astype(np.int16),
        'XCORR': detector_x.astype(np.float32),
        'YCORR': y.astype(np.float32),
        'XDOPP': detector_x.astype(np.float32),
        'XFULL': x.astype(np.float32),
        'YFULL': y.astype(np.float32),
        'WAVELENGTH': wavelength.astype(np.float32),
        'EPSILON': epsilon.astype(np.float32),
        'DQ': dq.astype(np.int16),
        'PHA': np.zeros(len(x), np.uint8),
    }


def _by_stripe(x: Floats, y: Floats, stripes: tuple[Segment, ...]) -> tuple[Floats, Floats, Ints]:
    """Return wavelength, EPSILON and DQ: those of the nearest stripe."""
    wavelength, epsilon, dq = np.zeros(len(x)), np.ones(len(x)), np.zeros(len(x), np.int64)
    if not stripes:
        return wavelength, epsilon, dq
    nearest = np.argmin([np.abs(y - stripe.centre) for stripe in stripes], axis=0)
    for k, stripe in enumerate(stripes):
        mine = nearest == k
        column = np.clip(stripe.column(x[mine]), 0, NUV_NELEM - 1)
        wavelength[mine] = np.interp(x[mine] + stripe.x_offset, np.arange(NUV_NELEM), stripe.wavelength_aa)
        epsilon[mine], dq[mine] = stripe.efficiency[column], stripe.column_dq[column]
    wavelength[y > WCA_ROW] += 0.05
    return wavelength, epsilon, dq
