"""Blocks of events in the coordinates of the extraction, for COS corrtags and the corrtags derived from STIS tags."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from hstlc.files.eventlist import EventFile
from hstlc.files.exposures import block_times, seconds_after
from hstlc.model import Bools, Box, Events, ExtractedSpectrum, Floats

REJECTED_COS = 64 | 512 | 2048  # burst, pulse height, bad time: never columns' faults (calcos SERIOUS_DQ_FLAGS)
REJECTED_STIS = 16 | 512  # hot pixel; no flat field there
ALL_FLAGS = 0x7FFF  # of a 16-bit column
NOT_SET = -999.0
MIDDLE_FUV, MIDDLE_NUV = 8192.0, 537.0  # x where SP_LOC holds
FIT_EVENTS = 200_000  # are enough for a wavelength solution
FIT_ORDER = 3
COLUMNS_FUV, COLUMNS_NUV, ROWS = 16384, 1274, 1024


def event_blocks(file: EventFile, t0_mjd: float, *, by_event: bool = False) -> Iterator[Events]:
    """Yield the events of a file, block by block, in the file's own precision.

    Parameters
    ----------
    file : EventFile
        A COS corrtag or a corrtag derived from a STIS tag.
    t0_mjd : float
        Zero of the times that are returned, MJD UTC.
    by_event : bool
        Reject events by the columns' serious flags too: where no x1d says which columns are bad.
    """
    rejected = REJECTED_COS if file.is_cos else REJECTED_STIS
    for table in file.events:
        serious = int(table.header.get('SDQFLAGS', 0) or 0) & ALL_FLAGS if file.is_cos else 0
        shift = seconds_after(file, table, t0_mjd)
        for block in table.blocks(('TIME', 'XFULL', 'YFULL', 'EPSILON', 'DQ')):
            x, y, epsilon, dq = (block[name] for name in ('XFULL', 'YFULL', 'EPSILON', 'DQ'))
            good = ((dq & rejected) == 0) & np.isfinite(x) & np.isfinite(y) & np.isfinite(epsilon)
            clean = good & ((dq & serious) == 0)
            time = block_times(file, block['TIME'])
            yield Events(
                time_s=time + shift if shift else time, x=x, y=y, epsilon=epsilon, good=clean if by_event else good, clean=clean
            )


def boxes(file: EventFile) -> tuple[Box, ...]:
    """Return the extraction boxes that a COS header gives, one per segment or stripe; those that are not set are left out."""
    detector = str(file.keyword('DETECTOR')).upper()
    if detector == 'FUV':
        letters, middle = str(file.keyword('SEGMENT', 'FUVA')).upper()[-1:], MIDDLE_FUV
    else:
        letters, middle = 'ABC', MIDDLE_NUV
    if str(file.keyword('OPT_ELEM')).upper() == 'G230L':
        letters = 'AB'  # stripe C holds the second order
    found = (_box(file, f'{detector}{letter}', letter, middle) for letter in letters)
    return tuple(box for box in found if box is not None)


def _box(file: EventFile, name: str, letter: str, middle: float) -> Box | None:
    def value(keyword: str) -> float:
        return float(file.keyword(f'{keyword}_{letter}', NOT_SET))

    location, height = value('SP_LOC'), int(value('SP_HGT'))
    if location == NOT_SET or height <= 0:
        return None
    slope = value('SP_SLP')
    return Box(
        name=name,
        location=location,
        slope=0.0 if slope == NOT_SET else slope,
        height=height,
        background_locations=(value('B_BKG1'), value('B_BKG2')),
        background_heights=(int(value('B_HGT1')), int(value('B_HGT2'))),
        x_middle=middle,
    )


def first_x(file: EventFile) -> int:
    """Return the pixel of column 0: minus the offset of the detector in a calibrated image."""
    return -int(float(file.keyword('X_OFFSET', 0)))


def spectrum_from_events(file: EventFile, box: Box) -> ExtractedSpectrum | None:
    """Return a stand-in for a missing x1d: the columns' wavelengths, from the events' own, and no calibration.

    None where too few events carry a wavelength.
    """
    x, wavelength = _event_wavelengths(file, box)
    n = COLUMNS_FUV if box.name.startswith('FUV') else COLUMNS_NUV
    if len(x) < 50 or np.ptp(x) < 100:
        return None
    columns = np.arange(n) + float(first_x(file))
    middle, scale = float(np.mean(x)), float(np.std(x))
    solution = np.polynomial.Polynomial.fit((x - middle) / scale, wavelength, FIT_ORDER)
    seen = (columns >= x.min()) & (columns <= x.max())
    zeros, unknown = np.zeros(n), np.full(n, np.nan)
    return ExtractedSpectrum(
        name=box.name,
        exptime_s=0.0,
        wavelength_aa=solution((columns - middle) / scale),
        net=unknown,
        flux=zeros,
        gross=zeros,
        background=unknown,
        dq=(~seen | _flagged_columns(file, box, n)).astype(np.int64),
        dq_weight=None,
        error=zeros,
        net_error=None,
        y_lower=None,
        y_upper=None,
        enclosed_energy=None,
        centre=None,
        height=None,
    )


def _flagged_columns(file: EventFile, box: Box, n: int) -> Bools:
    """Return the columns where most events in the box carry a serious flag of the columns, (n,) bool.

    Such events do not count where there is no x1d, so the columns must not count as measured either. A column without events is
    taken to be as its nearest neighbour with events.
    """
    clean, flagged = np.zeros(n), np.zeros(n)
    for table in file.events:
        serious = int(table.header.get('SDQFLAGS', 0) or 0)
        for block in table.blocks(('XFULL', 'YFULL', 'DQ')):
            x, dq = np.asarray(block['XFULL'], np.float64), block['DQ'].astype(np.int64)
            column = np.floor(x + 0.5).astype(np.int64) - first_x(file)
            used = _inside(box, x, block['YFULL']) & ((dq & REJECTED_COS) == 0) & (column >= 0) & (column < n)
            bad = (dq & serious) != 0
            clean += np.bincount(column[used & ~bad], minlength=n)
            flagged += np.bincount(column[used & bad], minlength=n)
    known = np.flatnonzero(clean + flagged)
    if len(known) == 0:
        return np.zeros(n, bool)
    nearest = known[np.rint(np.interp(np.arange(n), known, np.arange(len(known)))).astype(np.int64)]
    return np.asarray(flagged[nearest] > clean[nearest], bool)


def _inside(box: Box, x: Floats, y: Any) -> Bools:
    distance = np.asarray(y, np.float64) - box.location - box.slope * (x - box.x_middle)
    return np.asarray(np.abs(distance) < box.height / 2, np.bool_)


def _event_wavelengths(file: EventFile, box: Box) -> tuple[Floats, Floats]:
    xs, wavelengths, total = [np.zeros(0)], [np.zeros(0)], 0
    for table in file.events:
        for block in table.blocks(('XFULL', 'YFULL', 'WAVELENGTH')):
            x, wavelength = np.asarray(block['XFULL'], np.float64), np.asarray(block['WAVELENGTH'], np.float64)
            used = _inside(box, x, block['YFULL']) & (wavelength > 0)
            xs.append(x[used])
            wavelengths.append(wavelength[used])
            total += int(used.sum())
            if total > FIT_EVENTS:
                break
    return np.concatenate(xs), np.concatenate(wavelengths)


def profiles(file: EventFile, t0_mjd: float, n_columns: int, n_rows: int) -> tuple[Floats, Floats]:
    """Return counts per column and per row of the whole detector, (n_columns,) and (n_rows,) float64."""
    columns, rows, start = np.zeros(n_columns), np.zeros(n_rows), first_x(file)
    for events in event_blocks(file, t0_mjd, by_event=True):
        x = np.floor(events.x[events.good] + 0.5).astype(np.int64) - start
        y = np.floor(events.y[events.good] + 0.5).astype(np.int64)
        columns += np.bincount(x[(x >= 0) & (x < n_columns)], minlength=n_columns)
        rows += np.bincount(y[(y >= 0) & (y < n_rows)], minlength=n_rows)
    return columns, rows
