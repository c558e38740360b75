"""Events of COS detectors: photons of the source, airglow, lamp, dark, noise, stimulation pulses -> EVENTS columns."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hstlc.model.arrays import Floats
from hstlc.simulate.arrival import GoodTime, pick
from hstlc.simulate.cos_geometry import (
    ACTIVE_X,
    ACTIVE_Y,
    BOUNDARY,
    DQ_EDGE,
    DQ_HOT,
    DQ_PHA,
    DQ_SAG,
    DQ_WIRE,
    FUV_NELEM,
    GOOD_X,
    LAMP_SHIFT_AA,
    WCA_OFFSET,
    Segment,
)
from hstlc.simulate.exposure import Exposure, Table
from hstlc.simulate.orbit import Orbit, orbit
from hstlc.simulate.tables import Field

TICK_S = 0.032
PHA_LIMITS = (2, 23)
LEAST_EPSILON = 0.9  # EPSILON is never below; photons are thinned by LEAST_EPSILON / EPSILON
SHIFT1 = {'A': -33.5181, 'B': -35.5522, 'C': -32.9}
NOISE_RATIO = 0.35  # events with a bad pulse height per dark event
STIM_RATE = 2.0  # count/s, each of two
LINES = {'LY_ALPHA': ((1215.67,), 18.0), 'OI_1304': ((1302.17, 1304.86, 1306.03), 3.0), 'OI_1356': ((1355.6,), 0.06)}
NIGHT = 0.06  # airglow by night over airglow by day

FIELDS = (
    Field('TIME', '1E', 's'), Field('RAWX', '1I', 'pixel'), Field('RAWY', '1I', 'pixel'), Field('XCORR', '1E', 'pixel'),
    Field('YCORR', '1E', 'pixel'), Field('XDOPP', '1E', 'pixel'), Field('XFULL', '1E', 'pixel'), Field('YFULL', '1E', 'pixel'),
    Field('WAVELENGTH', '1E', 'angstrom', 'F9.4'), Field('EPSILON', '1E'), Field('DQ', '1I'), Field('PHA', '1B'),
)  # fmt: skip


@dataclass(frozen=True)
class Photons:
    """Events before they are columns; arrays of shape (n,)."""

    time_s: Floats
    x: Floats  # XFULL, or XCORR where nothing is corrected
    y: Floats
    pha: NDArray[np.int64]
    flags: int = 0


@dataclass(frozen=True)
class SegmentEvents:
    """The EVENTS table of a segment and what TIMELINE counts."""

    columns: Table
    counted: dict[str, Floats] = field(default_factory=dict)  # times of airglow and dark events, by TIMELINE column


def source_photons(rng: np.random.Generator, exposure: Exposure, segment: Segment, good: GoodTime) -> Photons:
    """Return the detected photons of the source; EPSILON undoes what is lost here."""
    expected = exposure.source.spectrum.column_flux_density(segment.wavelength_aa) * segment.sensitivity
    total = float(expected.sum())
    time_s = good.arrivals(rng, lambda t: total / LEAST_EPSILON * exposure.relative(t))
    column = pick(rng, np.maximum(expected, 1e-300), len(time_s))
    kept = rng.random(len(time_s)) < LEAST_EPSILON / segment.efficiency[column]
    time_s, column = time_s[kept], column[kept]
    x = column - segment.x_offset + rng.uniform(-0.499, 0.499, len(column))
    trace = segment.centre + segment.slope * (x - segment.x_middle) + exposure.drift(time_s)
    return Photons(time_s, x, trace + segment.sigma[column] * rng.normal(size=len(x)), _pulse_heights(rng, len(x)))


def airglow_photons(
    rng: np.random.Generator, exposure: Exposure, segment: Segment, good: GoodTime, name: str, sky: Orbit
) -> Photons | None:
    """Return a geocoronal line, which fills the aperture and follows the Sun; None outside the segment."""
    lines, rate = LINES[name]
    inside = [line for line in lines if segment.wavelength_aa[GOOD_X[0]] < line < segment.wavelength_aa[GOOD_X[1]]]
    if not inside or exposure.airglow <= 0:
        return None
    clock = np.arange(len(sky.sun_alt_deg)) + TICK_S
    day = NIGHT + (1 - NIGHT) / (1 + np.exp(-sky.sun_alt_deg / 12))
    time_s = good.arrivals(rng, lambda t: exposure.airglow * rate * len(inside) / len(lines) * np.interp(t, clock, day))
    pixels = (np.array(inside) - segment.wavelength_aa[0]) / (segment.wavelength_aa[1] - segment.wavelength_aa[0])
    x = pixels[rng.integers(len(inside), size=len(time_s))] + rng.uniform(-58, 58, len(time_s)) + rng.normal(0, 14, len(time_s))
    y = segment.centre + rng.uniform(-5.5, 5.5, len(x)) + rng.normal(0, 2.5, len(x))
    return Photons(time_s, x, y, _pulse_heights(rng, len(x)))


def dark_photons(rng: np.random.Generator, exposure: Exposure, good: GoodTime, rate: float, *, noise: bool = False) -> Photons:
    """Return events spread evenly over the active area; `rate` in count/s/pixel; noise has a bad pulse height."""
    area = (ACTIVE_X[1] - ACTIVE_X[0]) * (ACTIVE_Y[1] - ACTIVE_Y[0])
    time_s = good.arrivals(rng, lambda t: rate * area * (np.ones_like(t) if noise else exposure.dark_shape(t)))
    x, y = rng.uniform(*ACTIVE_X, len(time_s)), rng.uniform(*ACTIVE_Y, len(time_s))
    if not noise:
        return Photons(time_s, x, y, _pulse_heights(rng, len(x)))
    bad = np.array([*range(PHA_LIMITS[0]), *range(PHA_LIMITS[1] + 1, 32)])
    return Photons(time_s, x, y, rng.choice(bad, len(x)), DQ_PHA)


def hot_photons(rng: np.random.Generator, segment: Segment, good: GoodTime) -> Photons:
    """Return the events of a hot spot: 0.08 count/s in the columns flagged for it."""
    hot = np.flatnonzero(segment.column_dq & DQ_HOT)
    time_s = good.arrivals(rng, lambda t: np.full_like(t, 0.08))
    x = rng.choice(hot, len(time_s)) + rng.uniform(-0.499, 0.499, len(time_s))
    return Photons(time_s, x, segment.centre + rng.normal(0, 3, len(x)), _pulse_heights(rng, len(x)))


def lamp_photons(rng: np.random.Generator, segment: Segment, flashes_s: tuple[tuple[float, float], ...]) -> Photons:
    """Return the lines of the wavelength lamp, during its flashes, through its own aperture."""
    if not flashes_s:
        return Photons(*(np.empty(0),) * 3, np.empty(0, np.int64))
    time_s = GoodTime(flashes_s).arrivals(rng, lambda t: np.full_like(t, 25.0))
    lines = np.linspace(GOOD_X[0] + 200, GOOD_X[1] - 200, 37)
    x = rng.choice(lines, len(time_s)) + rng.normal(0, 2.5, len(time_s))
    return Photons(time_s, x, segment.centre + WCA_OFFSET + rng.normal(0, 3, len(x)), _pulse_heights(rng, len(x)))


def stim_photons(rng: np.random.Generator, good: GoodTime) -> Photons:
    """Return the pulses that mark two corners, outside the active area."""
    time_s = good.arrivals(rng, lambda t: np.full_like(t, 2 * STIM_RATE))
    right = rng.random(len(time_s)) < 0.5
    x = np.where(right, 16001.0, 390.0) + rng.normal(0, 1.7, len(time_s))
    return Photons(time_s, x, np.where(right, 33.0, 984.0) + rng.normal(0, 0.5, len(x)), np.full(len(x), 19))


def fuv_events(exposure: Exposure, segment: Segment, good: GoodTime, sky: Orbit, dark: float) -> SegmentEvents:
    """Return the events of an FUV segment; `dark` in count/s/pixel, `sky` once per second."""
    rng = exposure.rng(segment.name)
    glow = {name: airglow_photons(rng, exposure, segment, good, name, sky) for name in LINES}
    background = dark_photons(rng, exposure, good, dark)
    parts = [
        source_photons(rng, exposure, segment, good),
        *(photons for photons in glow.values() if photons is not None),
        background,
        dark_photons(rng, exposure, good, NOISE_RATIO * dark, noise=True),
        hot_photons(rng, segment, good),
        lamp_photons(rng, segment, flashes(good) if len(good.intervals) == 1 else ()),
        stim_photons(rng, good),
    ]
    counted = {name: photons.time_s for name, photons in glow.items() if photons is not None}
    return SegmentEvents(_columns(rng, segment, parts, sky), {**counted, 'DARKRATE': background.time_s})


def flashes(good: GoodTime) -> tuple[tuple[float, float], ...]:
    """Return when the lamp is on: 12 s at the start and every 600 s."""
    start, stop = good.intervals[0][0], good.intervals[-1][1]
    count = int((stop - start - 15) // 600) + 1 if stop - start > 60 else 0
    return tuple((round(600.0 * k + 0.664, 3), round(600.0 * k + 12.664, 3)) for k in range(count))


def quantised(time_s: Floats) -> NDArray[np.float32]:
    """Return time stamps: the end of the 0.032 s interval in which the event fell, as float32."""
    return (np.ceil(time_s / TICK_S - 1e-9) * TICK_S).astype(np.float32)


def _pulse_heights(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    return np.clip(np.round(rng.normal(9.5, 2.6, count)), *PHA_LIMITS).astype(np.int64)


def _columns(rng: np.random.Generator, segment: Segment, parts: list[Photons], sky: Orbit) -> Table:
    time_s, x, y = (np.concatenate([getattr(part, name) for part in parts]) for name in ('time_s', 'x', 'y'))
    pha = np.concatenate([part.pha for part in parts])
    flags = np.concatenate([np.full(len(part.x), part.flags) for part in parts])
    order = np.argsort(time_s, kind='stable')
    time_s, x, y, pha, flags = time_s[order], x[order], y[order], pha[order], flags[order]
    x, y = x.astype(np.float32).astype(np.float64), y.astype(np.float32).astype(np.float64)
    active = (x > ACTIVE_X[0]) & (x < ACTIVE_X[1]) & (y > ACTIVE_Y[0]) & (y < ACTIVE_Y[1])
    column = np.clip(segment.column(x), 0, FUV_NELEM - 1)
    doppler = np.interp(time_s, np.arange(len(sky.radial_velocity_km_s)), sky.radial_velocity_km_s) * 0.42
    x_doppler = np.where(active, x + SHIFT1[segment.letter], x)
    x_corrected = np.where(active, x_doppler - doppler, x)
    wavelength = np.interp(x, np.arange(FUV_NELEM), segment.wavelength_aa) + np.where(
        y > segment.centre + BOUNDARY, LAMP_SHIFT_AA, 0
    )
    return {
        'TIME': quantised(time_s),
        'RAWX': np.clip(np.round(x_corrected + rng.normal(0, 3, len(x))), 0, 16383).astype(np.int16),
        'RAWY': np.clip(np.round(y - 10), 0, 1023).astype(np.int16),
        'XCORR': x_corrected.astype(np.float32),
        'YCORR': (y + 0.13 * active).astype(np.float32),
        'XDOPP': x_doppler.astype(np.float32),
        'XFULL': x.astype(np.float32),
        'YFULL': y.astype(np.float32),
        'WAVELENGTH': np.where(active, wavelength, 0).astype(np.float32),
        'EPSILON': np.where(active, segment.efficiency[column], 1.0002).astype(np.float32),
        'DQ': np.where(active, flags | _event_dq(segment, column, y), flags).astype(np.int16),
        'PHA': pha.astype(np.uint8),
    }


def _event_dq(segment: Segment, column: NDArray[np.int64], y: Floats) -> NDArray[np.int64]:
    """Return the flags of a place: wires and edges everywhere in a column, the others only in the source's rows."""
    dq = segment.column_dq[column]
    near = np.abs(y - segment.centre) <= segment.height // 2
    return np.where(near, dq & (DQ_WIRE | DQ_EDGE | DQ_SAG | DQ_HOT), dq & (DQ_WIRE | DQ_EDGE))


def timeline_sky(exposure: Exposure, good: GoodTime) -> Orbit:
    """Return the orbit once per second of the exposure."""
    seconds = np.arange(max(int(np.ceil(good.intervals[-1][1])), 2), dtype=np.float64) + 2 * TICK_S
    return orbit(exposure.start_mjd + seconds / 86400.0, exposure.source.ra_deg, exposure.source.dec_deg)
