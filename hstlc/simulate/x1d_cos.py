"""Extracted spectra of COS, computed from the events as calcos does it (identities: COS Data Handbook, chapter 3)."""

import numpy as np
from numpy.typing import NDArray

from hstlc.model.arrays import Floats
from hstlc.simulate.cos_geometry import DQ_OUTSIDE, SDQFLAGS, Segment
from hstlc.simulate.exposure import Table
from hstlc.simulate.tables import Field

SERIOUS = 64 | 512 | 2048  # bursts, pulse heights, bad times: such events are never counted
SMOOTHING = 301  # columns over which the background is averaged
FLUX_UNIT = 'erg /s /cm**2 /angstrom'


def fields(nelem: int, *, two_zone: bool) -> tuple[Field, ...]:
    """Return the columns of an x1d table; those of the two-zone extraction are not in a boxcar one."""
    basic = (
        Field('SEGMENT', '4A'), Field('EXPTIME', '1D', 's', 'F8.3'), Field('NELEM', '1J', None, 'I6'),
        Field('WAVELENGTH', f'{nelem}D', 'angstrom'), Field('FLUX', f'{nelem}E', FLUX_UNIT), Field('ERROR', f'{nelem}E', FLUX_UNIT),
        Field('GROSS', f'{nelem}E', 'count /s'), Field('GCOUNTS', f'{nelem}E', 'count'), Field('NET', f'{nelem}E', 'count /s'),
        Field('BACKGROUND', f'{nelem}E', 'count /s'), Field('DQ', f'{nelem}I'), Field('DQ_WGT', f'{nelem}E'),
    )  # fmt: skip
    rows = tuple(Field(name, f'{nelem}D') for name in ('Y_LOWER_OUTER', 'Y_UPPER_OUTER', 'Y_LOWER_INNER', 'Y_UPPER_INNER'))
    more = (
        Field('DQ_OUTER', f'{nelem}I'), Field('BACKGROUND_PER_PIXEL', f'{nelem}E', 'count /s /pixel'),
        Field('NUM_EXTRACT_ROWS', f'{nelem}I'), Field('ACTUAL_EE', f'{nelem}D'), *rows,
    )  # fmt: skip
    return basic + more if two_zone else basic


def two_zone_row(events: Table, segment: Segment, exptime_s: float) -> dict[str, object]:
    """Return a segment's row, extracted between whole rows that follow the width of the spectrum.

    NET = (sum of EPSILON / EXPTIME - BACKGROUND_PER_PIXEL * NUM_EXTRACT_ROWS) / ACTUAL_EE in each column.
    """
    nelem = len(segment.wavelength_aa)
    column, usable, epsilon = _prepare(events, segment)
    row = np.floor(events['YFULL'].astype(np.float64) + 0.5)
    inside = usable & (row >= segment.lower_outer[column]) & (row <= segment.upper_outer[column])
    counts = np.bincount(column[inside], minlength=nelem).astype(np.float64)
    weighted = np.bincount(column[inside], epsilon[inside], nelem)
    half = segment.background_height // 2
    off = np.zeros(len(row), bool)
    for centre in segment.backgrounds:
        off |= np.abs(row - np.round(centre)) <= half
    per_pixel = np.float32(_smooth(events, segment, column, usable & off, epsilon) / (2 * (2 * half + 1)) / exptime_s)
    rows = segment.upper_outer - segment.lower_outer + 1
    background = per_pixel.astype(np.float64) * rows
    net = (weighted / exptime_s - background) / segment.enclosed
    inner = np.round(segment.sigma * 1.5)
    return {
        **_common(segment, exptime_s, counts, net, background, np.sqrt(counts + background * exptime_s) / segment.enclosed),
        'DQ_OUTER': segment.column_dq,
        'BACKGROUND_PER_PIXEL': per_pixel,
        'NUM_EXTRACT_ROWS': rows,
        'ACTUAL_EE': segment.enclosed,
        'Y_LOWER_OUTER': segment.lower_outer,
        'Y_UPPER_OUTER': segment.upper_outer,
        'Y_LOWER_INNER': np.round(segment.centre) - inner,
        'Y_UPPER_INNER': np.round(segment.centre) + inner,
    }


def boxcar_row(events: Table, segment: Segment, exptime_s: float) -> dict[str, object]:
    """Return a stripe's row, extracted in a box that follows the slope: NET = mean EPSILON * (GROSS - BACKGROUND)."""
    nelem = len(segment.wavelength_aa)
    column, usable, epsilon = _prepare(events, segment)
    inside = usable & _in_box(events, segment.centre, segment.slope, segment.x_middle, segment.height)
    counts = np.bincount(column[inside], minlength=nelem).astype(np.float64)
    mean = np.bincount(column[inside], epsilon[inside], nelem) / np.maximum(counts, 1)
    mean[counts == 0] = 1.0
    off = np.zeros(len(column), bool)
    for centre in segment.backgrounds:
        off |= _in_box(events, centre, segment.slope, segment.background_middle, segment.background_height)
    level = _smooth(events, segment, column, usable & off, np.ones(len(column)))
    background = level * segment.height / (2 * segment.background_height) / exptime_s
    net = mean * (counts / exptime_s - background)
    return _common(segment, exptime_s, counts, net, background, mean * np.sqrt(counts + background * exptime_s))


def _prepare(events: Table, segment: Segment) -> tuple[NDArray[np.int64], NDArray[np.bool_], Floats]:
    column = segment.column(events['XFULL'].astype(np.float64))
    usable = ((events['DQ'] & SERIOUS) == 0) & (column >= 0) & (column < len(segment.wavelength_aa))
    return np.clip(column, 0, len(segment.wavelength_aa) - 1), usable, events['EPSILON'].astype(np.float64)


def _in_box(events: Table, centre: float, slope: float, middle: float, height: int) -> NDArray[np.bool_]:
    trace = centre + slope * (events['XFULL'].astype(np.float64) - middle)
    row = np.floor(events['YFULL'].astype(np.float64) - (trace - height // 2) + 0.5)
    return np.asarray((row >= 0) & (row < height))


def _smooth(events: Table, segment: Segment, column: NDArray[np.int64], off: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return the weight of the background events in each column, averaged over columns of the active area."""
    nelem = len(segment.wavelength_aa)
    off = off & ((events['DQ'].astype(np.int64) & SDQFLAGS) == 0)
    weighed = np.bincount(column[off], weight[off], nelem)
    width = min(SMOOTHING, nelem // 4)
    inside = segment.sensitivity > 0
    edge = np.zeros(width // 2 + 1)
    total = np.cumsum(np.concatenate([edge, weighed * segment.good, edge]))
    number = np.cumsum(np.concatenate([edge, segment.good.astype(np.float64), edge]))
    high, low = np.arange(nelem) + 2 * (width // 2) + 1, np.arange(nelem)
    return np.where(inside, (total[high] - total[low]) / np.maximum(number[high] - number[low], 1), 0.0)


def _common(
    segment: Segment, exptime_s: float, counts: Floats, net: Floats, background: Floats, noise: Floats
) -> dict[str, object]:
    inverse = np.divide(1.0, segment.sensitivity, out=np.zeros_like(net), where=segment.sensitivity > 0)
    return {
        'SEGMENT': segment.name,
        'EXPTIME': exptime_s,
        'NELEM': len(net),
        'WAVELENGTH': segment.wavelength_aa,
        'FLUX': net * inverse,
        'ERROR': noise / exptime_s * inverse,
        'GROSS': counts / exptime_s,
        'GCOUNTS': counts,
        'NET': net,
        'BACKGROUND': background,
        'DQ': segment.column_dq | np.where(segment.sensitivity > 0, 0, DQ_OUTSIDE),
        'DQ_WGT': segment.good.astype(np.float64),
    }
