"""What figures need of a light curve: columns that can be binned coarser, a time axis with the gaps closed, base64."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstlc.model import Floats, Ints, LightCurve, Quality

MAX_POINTS = 20_000  # more than this is slow on a canvas (0.9 s); longer curves are binned for the figure
PAD = 0.02  # of the summed length: space between exposures where the gaps are closed
FIRST_POINTS = 4_000  # bins in the script that a page loads at first (90 kB for 2 000)
PART_POINTS = 4_000  # bins in each script of details that a page loads when a reader looks closer
DECIMALS = 6  # of an exposure's start in MJD: 0.1 s


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns of a figure, (n,) each; sums of counts, so that they can be added up to wider bins."""

    dataset: Ints  # 1-based
    time_s: Floats  # bin centre since the start of its exposure
    live_s: Floats
    gross: Floats  # counts
    background: Floats  # counts
    variance: Floats  # counts2, of gross - background
    flux: Floats  # erg s-1 cm-2 Angstrom-1, NaN where not calibrated
    flux_err: Floats
    quality: Ints
    start_mjd: Floats  # (n_exposures,) start of each exposure

    @property
    def net(self) -> Floats:
        """Background-subtracted rate, counts/s, (n,) float64."""
        return (self.gross - self.background) / self.live_s

    @property
    def net_err(self) -> Floats:
        """Its error, counts/s, (n,) float64."""
        return np.sqrt(self.variance) / self.live_s

    @property
    def calibrated(self) -> bool:
        """Whether there is any flux."""
        return bool(np.isfinite(self.flux).any())

    def __len__(self) -> int:
        """Return the number of bins."""
        return len(self.time_s)


def columns(lc: LightCurve, max_points: int = MAX_POINTS) -> Columns:
    """Return the columns of a light curve, binned by a whole factor where it has more than `max_points` bins."""
    starts = np.zeros(int(lc.dataset.max(initial=0)))
    last = len(starts) + 1
    for dataset in range(1, last):
        first = np.flatnonzero(lc.dataset == dataset)[:1]
        if first.size:
            starts[dataset - 1] = (lc.mjd[first] - lc.times_s[first] / 86400.0)[0]
    with_all = Columns(
        dataset=lc.dataset, time_s=lc.times_s, live_s=lc.exptime_s, gross=lc.gross, background=lc.background,
        variance=lc.variance, flux=lc.flux, flux_err=lc.flux_err, quality=lc.quality, start_mjd=starts,
    )  # fmt: skip
    return rebinned(with_all, -(-len(with_all) // max(1, max_points)))


def rebinned(cols: Columns, factor: int) -> Columns:
    """Return columns with `factor` neighbouring bins of one exposure added up; fluxes are means over live time."""
    if factor <= 1:
        return cols
    group = _groups(cols.dataset, factor)
    size = int(group.max()) + 1

    def add(values: NDArray[Any]) -> Floats:
        return np.asarray(np.bincount(group, weights=values, minlength=size), np.float64)

    live = add(cols.live_s)
    count = np.bincount(group, minlength=size)
    flux, flux_err = _mean_flux(cols, group, size)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    return Columns(
        dataset=cols.dataset[first], time_s=add(cols.time_s) / count, live_s=live, gross=add(cols.gross),
        background=add(cols.background), variance=add(cols.variance), flux=flux, flux_err=flux_err,
        quality=np.bitwise_or.reduceat(cols.quality, first), start_mjd=cols.start_mjd,
    )  # fmt: skip


def _mean_flux(cols: Columns, group: Ints, size: int) -> tuple[Floats, Floats]:
    good = np.isfinite(cols.flux) & (cols.live_s > 0)
    weight = np.where(good, cols.live_s, 0.0)
    total = np.bincount(group, weights=weight, minlength=size)
    with np.errstate(invalid='ignore', divide='ignore'):
        mean = np.bincount(group, weights=np.where(good, cols.flux, 0.0) * weight, minlength=size) / total
        error = np.sqrt(np.bincount(group, weights=np.where(good, cols.flux_err * weight, 0.0) ** 2, minlength=size)) / total
    return mean, error


def _groups(dataset: Ints, factor: int) -> Ints:
    """Return which wider bin each bin belongs to: runs of one dataset are cut into pieces of `factor`."""
    run_start = np.flatnonzero(np.diff(dataset, prepend=-1))
    run = np.cumsum(np.diff(dataset, prepend=-1) != 0) - 1
    piece = (np.arange(len(dataset)) - run_start[run]) // factor
    new = (np.diff(run, prepend=-1) != 0) | (np.diff(piece, prepend=-1) != 0)
    return np.asarray(np.cumsum(new) - 1, np.int64)


def usable(cols: Columns) -> NDArray[np.bool_]:
    """Whether each bin has enough live time to be drawn, (n,) bool."""
    return np.asarray((cols.live_s > 0) & ((cols.quality & Quality.LOWEXP) == 0))


def closed_time(cols: Columns) -> tuple[Floats, Floats]:
    """Return how to close the gaps between exposures.

    Returns
    -------
    shift_s : (n_exposures,) float64
        To be added to `time_s` of each exposure: the first then starts at 0, every other one behind the one before.
    edges_s : (m,) float64
        Where one exposure ends and the next begins.
    """
    shift = np.zeros(len(cols.start_mjd))
    times = [(k, cols.time_s[cols.dataset == k]) for k in sorted(set(cols.dataset.tolist()))]
    pad = PAD * sum(float(np.ptp(time)) for _, time in times)
    position, edges = 0.0, []
    for dataset, time in times:
        edges.append(position - pad / 2)
        shift[dataset - 1] = position - float(time.min())
        position += float(np.ptp(time)) + pad
    return shift, np.array(edges[1:])


def payload(lc: LightCurve) -> dict[str, Any]:
    """Return what the interactive figure loads at first: numbers as base64 of little-endian float32, uint16 (JSON-safe).

    A light curve of more than `FIRST_POINTS` bins is binned; `details` are then the parts of its full resolution, by the number
    of the first of the binned bins after each.
    """
    cols = columns(lc, FIRST_POINTS)
    factor = _factor(lc, FIRST_POINTS)
    return {
        'step': round(lc.step_s, 6),
        'factor': factor,
        'exposures': [
            {'rootname': row.rootname, 'start_mjd': round(float(start), DECIMALS + 2)}
            for row, start in zip(lc.provenance, cols.start_mjd, strict=False)
        ],
        'details': [stop for _, stop in _parts(lc)],
        **_packed_columns(cols),
    }


def _factor(lc: LightCurve, max_points: int) -> int:
    return max(1, -(-len(lc.mjd) // max_points))


def _packed_columns(cols: Columns) -> dict[str, Any]:
    return {
        'calibrated': cols.calibrated,
        'floats': {name: packed(getattr(cols, name), '<f4') for name in FLOATS},
        'ints': {name: packed(getattr(cols, name), '<u2') for name in INTS},
    }


def _parts(lc: LightCurve) -> list[tuple[int, int]]:
    """Return the binned bins of each part of the full resolution, from and to; none where all bins are in the first script."""
    factor = _factor(lc, FIRST_POINTS)
    if factor == 1:
        return []
    size = int(_groups(lc.dataset, factor).max()) + 1
    stride = max(1, PART_POINTS // factor)
    return [(start, min(start + stride, size)) for start in range(0, size, stride)]


def details(lc: LightCurve) -> list[dict[str, Any]]:
    """Return the parts of a long light curve in full resolution; `group` is the binned bin of each bin, from the part's first."""
    parts = _parts(lc)
    if not parts:
        return []
    group = _groups(lc.dataset, _factor(lc, FIRST_POINTS))
    whole = columns(lc, len(lc.mjd))
    found = []
    for start, stop in parts:
        kept = slice(*np.searchsorted(group, (start, stop)))
        one = _packed_columns(selected(whole, kept))
        one['ints']['group'] = packed(group[kept] - start, '<u2')
        found.append(one)
    return found


def selected(cols: Columns, kept: Any) -> Columns:
    """Return some of the bins."""
    return Columns(**{name: getattr(cols, name)[kept] for name in (*FLOATS, *INTS)}, start_mjd=cols.start_mjd)


def surroundings(lc: LightCurve) -> dict[str, Any]:
    """Return what lies beneath the light curve, for the bins of `payload`: airglow, altitude of the Sun, time at the barycentre.

    `bjd_s` are the seconds from MJD (UTC) to BJD (TDB) - 2400000.5. A column that is not known anywhere is left out.
    """
    factor = _factor(lc, FIRST_POINTS)
    group = _groups(lc.dataset, factor)
    count = np.bincount(group)
    kinds = {'airglow': lc.airglow, 'sun_alt': lc.sun_alt_deg, 'bjd_s': (lc.bjd_tdb - 2400000.5 - lc.mjd) * 86400.0}
    means = {name: np.bincount(group, weights=values) / count for name, values in kinds.items() if np.isfinite(values).any()}
    return {'floats': {name: packed(values, '<f4') for name, values in means.items()}}


def band_payloads(bands: Mapping[str, LightCurve], lc: LightCurve) -> dict[str, Any]:
    """Return the columns of light curves of bands, by name; times are left out where they are those of the whole light curve."""
    own = columns(lc, FIRST_POINTS)
    found = {}
    for name, band in bands.items():
        cols = columns(band, FIRST_POINTS)
        one = _packed_columns(cols)
        for column in SHARED:
            if np.array_equal(getattr(cols, column), getattr(own, column)):
                del one['ints' if column in INTS else 'floats'][column]
        found[name] = one
    return found


FLOATS = ('time_s', 'live_s', 'gross', 'background', 'variance', 'flux', 'flux_err')
INTS = ('dataset', 'quality')
SHARED = ('time_s', 'live_s', 'dataset', 'quality')  # what a band may have in common with the whole


def packed(values: NDArray[Any], dtype: str) -> str:
    """Return base64 of an array's bytes.

    Fluxes of 1e-15 lie well inside float32; what falls below its smallest number becomes zero.
    """
    return base64.b64encode(np.ascontiguousarray(values, dtype=np.dtype(dtype)).tobytes()).decode('ascii')
