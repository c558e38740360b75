"""Good time intervals, live time, and the wavelengths that are left out."""

import re

import numpy as np

from hstlc.model import Bools, Floats, Instrument, Timeline

ROUNDING_S = 1e-6  # times closer than this are the same
TICK_S = 0.032  # COS time stamps are multiples of it
OPEN_APERTURE = 25.0  # arcsec
STIS_SLIT_SCALE = 0.0246  # arcsec per low-resolution pixel

# Geocoronal lines, Angstrom: Ly beta, N I, N I, Ly alpha, O I, O I]
LINES: dict[str, tuple[float, float]] = {
    'Ly delta': (949.74, 949.74),
    'Ly gamma': (972.54, 972.54),
    'O I 989': (988.77, 988.77),
    'Ly beta': (1025.72, 1025.72),
    'N I 1134': (1134.165, 1134.98),
    'He I 584': (1168.67, 1168.67),
    'N I 1200': (1199.55, 1200.71),
    'Ly alpha': (1215.67, 1215.67),
    'O I 1304': (1302.168, 1306.029),
    'O I] 1356': (1355.598, 1358.512),
}
AIRGLOW_MONITOR = ('Ly alpha', 'O I 1304')  # bright enough to follow

COS_M: dict[str, tuple[float, float]] = {
    'N I 1200': (1198, 1202),
    'Ly alpha': (1209, 1222),
    'O I 1304': (1300, 1308),
    'O I] 1356': (1354, 1360),
}
COS_L: dict[str, tuple[float, float]] = {'Ly alpha': (1195, 1236), 'O I 1304': (1294, 1314)}
HSTLC: dict[str, tuple[float, float]] = {'Ly alpha': (1208, 1225), 'O I 1304': (1298, 1312)}


def merge_intervals(intervals: Floats) -> Floats:
    """Return intervals sorted, overlapping ones merged, empty ones dropped.

    Parameters
    ----------
    intervals : (n, 2) float64
        Starts and stops.
    """
    kept = [row for row in np.asarray(intervals, float).reshape(-1, 2).tolist() if row[1] > row[0]]
    merged: list[list[float]] = []
    for start, stop in sorted(kept):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], stop)
        else:
            merged.append([start, stop])
    return np.array(merged, float).reshape(-1, 2)


def intersect_intervals(one: Floats, other: Floats) -> Floats:
    """Return the common part of two sets of merged intervals, (n, 2) float64."""
    starts = np.maximum(one[:, None, 0], other[None, :, 0]).ravel()
    stops = np.minimum(one[:, None, 1], other[None, :, 1]).ravel()
    return merge_intervals(np.column_stack([starts, stops]))


def total_length(intervals: Floats) -> float:
    """Return the summed length of merged intervals."""
    return float(np.sum(intervals[:, 1] - intervals[:, 0]))


def live_time(intervals: Floats, edges: Floats) -> Floats:
    """Return the live time of each bin: the length of its overlap with the good time intervals.

    Parameters
    ----------
    intervals : (n, 2) float64
        Merged good time intervals, s.
    edges : (n_bins + 1,) float64
        Bin edges, s.

    Returns
    -------
    (n_bins,) float64
        Seconds. Differences of the running live time at the edges, so that their sum is that of the intervals.
    """
    knots = intervals.ravel()
    lived = np.concatenate([[0.0], np.cumsum(intervals[:, 1] - intervals[:, 0])])
    at_knots = np.column_stack([lived[:-1], lived[1:]]).ravel()
    return np.diff(np.interp(edges, knots, at_knots))


def inside(time_s: Floats, intervals: Floats) -> tuple[Bools, Floats]:
    """Tell which times lie in an interval, and put those at its very end just before it, where its live time is.

    Returns
    -------
    inside : (n,) bool
        Ends included, to a microsecond.
    clipped_s : (n,) float64
        The times, none of them outside its interval by rounding.
    """
    if len(intervals) == 0:
        return np.zeros(len(time_s), bool), time_s
    index = np.maximum(np.searchsorted(intervals[:, 0] - ROUNDING_S, time_s, side='right') - 1, 0)
    start, stop = intervals[index, 0], intervals[index, 1]
    within = (time_s >= start - ROUNDING_S) & (time_s <= stop + ROUNDING_S)
    return within, np.clip(time_s, start, stop - ROUNDING_S)


def night_intervals(timeline: Timeline) -> Floats:
    """Return when the Sun was below the Earth's limb, to a second, on whole clock ticks, (n, 2) float64."""
    step = float(np.median(np.diff(timeline.time_s)))
    dark = timeline.sun_alt_deg < 0
    starts = np.round((timeline.time_s[dark] - step / 2) / TICK_S) * TICK_S
    return merge_intervals(np.column_stack([starts, starts + np.ceil(step / TICK_S) * TICK_S]))


def airglow_windows(
    preset: str, instrument: Instrument, opt_elem: str, aperture: str, dispersion_aa: float
) -> tuple[tuple[str, float, float], ...]:
    """Return the windows of geocoronal light as (line, from, to), whole Angstrom.

    Parameters
    ----------
    preset : str
        Setting `airglow`: auto, cos_m, cos_l, stis, hstlc or none.
    instrument, opt_elem, aperture
        Of the exposure; they decide what `auto` is and how wide STIS windows are.
    dispersion_aa : float
        Angstrom per low-resolution pixel (STIS).
    """
    if preset == 'auto':
        preset = 'stis' if instrument is Instrument.STIS else 'cos_l' if opt_elem in ('G140L', 'G230L') else 'cos_m'
    if preset == 'none':
        return ()
    if preset == 'hstlc':
        return tuple((name, *HSTLC[name]) for name in HSTLC)
    if preset == 'cos_m':
        return tuple((name, *COS_M.get(name, _around(line, 1, 2))) for name, line in LINES.items())
    if preset == 'cos_l':
        return tuple((name, *COS_L.get(name, _around(line, 8, 8))) for name, line in LINES.items())
    half = (slit_width(aperture) / STIS_SLIT_SCALE / 2 + 4) * dispersion_aa
    return tuple((name, *_around(line, half, half)) for name, line in LINES.items())


def _around(line: tuple[float, float], below: float, above: float) -> tuple[float, float]:
    return float(np.floor(line[0] - below)), float(np.ceil(line[1] + above))


def slit_width(aperture: str) -> float:
    """Return the width of a STIS slit along the dispersion from its name, arcsec; 2 where the name gives none.

    Slits are named height x width (52X0.1, 0.2X0.06ND); the open apertures are 25 arcsec wide.
    """
    if aperture.upper().startswith(('25MAMA', 'F25')):
        return OPEN_APERTURE
    width = re.search(r'X(\d*\.?\d+)', aperture.upper())
    return float(width.group(1)) if width else 2.0


def wavelength_limits(instrument: Instrument, detector: str, opt_elem: str) -> tuple[float, float]:
    """Return the widest wavelengths that are used, Angstrom; sensitivity narrows them further."""
    if instrument is Instrument.COS:
        longest = 2150.0 if opt_elem == 'G140L' else 1800.0
        return (912.0, longest) if detector == 'FUV' else (1650.0, 3200.0)
    return (1140.0, 1740.0) if detector == 'FUV-MAMA' else (1570.0, 3200.0)
