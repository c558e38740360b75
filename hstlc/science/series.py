"""What the added statistics read of a light curve: rates, and the noise that a constant source would give."""

from dataclasses import dataclass

import numpy as np

from hstlc.model import DAY_S, Bools, Floats, Ints, LightCurve, Quality

SMOOTH_EVENTS = 100  # background events over which its rate is averaged, at least
SMOOTH_BINS = 32  # bins on either side, at least


@dataclass(frozen=True, kw_only=True)
class Series:
    """The usable bins of a light curve; arrays are (n_bins,) in time order.

    The noise of a bin is that of a constant source on the background around it: errors from the observed counts would give low
    bins high weight.
    """

    time_s: Floats  # bin centre since the first one; barycentric where known
    mjd: Floats  # bin centre, UTC
    width_s: Floats  # of the bin
    live_s: Floats  # live time in the bin
    net: Floats  # count/s
    n_src: Ints  # events in the source region
    dataset: Ints  # exposure, from 0 without gaps
    number: Ints  # exposure as the light curve numbers it
    variance: Floats  # of the net counts of a constant source, count2
    source_part: Floats  # of `variance`, from source-region events
    source_weight: Floats  # count per source-region event
    background_weight: Floats  # count per background event
    background: Floats  # count/s
    smooth_background: Floats  # counts per bin
    airglow: Floats  # count/s, NaN where not measured
    lamp: Bools  # whether a calibration lamp was on
    flux: Floats  # erg s-1 cm-2, NaN where not calibrated
    flux_variance: Floats  # of `flux`, squared

    def __len__(self) -> int:
        """Return the number of bins."""
        return len(self.net)

    @property
    def n_datasets(self) -> int:
        """Number of exposures."""
        return int(self.dataset[-1]) + 1 if len(self) else 0

    @property
    def sd(self) -> Floats:
        """Standard deviation of `net` for a constant source, count/s, (n_bins,)."""
        return np.sqrt(self.variance) / self.live_s

    @property
    def mean(self) -> float:
        """Mean net rate, count/s."""
        return float(np.sum(self.net * self.live_s) / np.sum(self.live_s))


def series(lc: LightCurve) -> Series:
    """Return the usable bins of a light curve: with live time, finite counts, and not flagged LOWEXP."""
    rows = usable(lc)
    order = np.flatnonzero(rows)[np.argsort(lc.mjd[rows], kind='stable')]
    live, background = lc.exptime_s[order], lc.background[order]
    number = lc.dataset[order]
    dataset = _numbered(number)
    known = bool(np.isfinite(lc.bjd_tdb[order]).all())
    days = lc.bjd_tdb[order] - (lc.bjd_tdb[order[0]] if len(order) else 0.0) if known else lc.mjd[order] - lc.mjd[order[:1]]
    w, a = _weights(lc, order, dataset)
    smooth = _smooth(background, live, lc.n_bkg[order], dataset)
    expected = per_dataset(lc.counts[order], dataset) / per_dataset(live, dataset) * live + smooth
    source_part = w * np.maximum(expected, 0.0)
    floor = per_dataset(lc.variance[order], dataset) / per_dataset(live, dataset) * live
    variance = source_part + a * smooth
    return Series(
        time_s=days * DAY_S,
        mjd=lc.mjd[order],
        width_s=lc.bins_s[order],
        live_s=live,
        net=lc.counts[order] / live,
        n_src=lc.n_src[order],
        dataset=dataset,
        number=number,
        variance=np.where(variance > 0, variance, floor),
        source_part=source_part,
        source_weight=w,
        background_weight=a,
        background=background / live,
        smooth_background=smooth,
        airglow=lc.airglow[order],
        lamp=(lc.quality[order] & int(Quality.LAMP)) != 0,
        flux=lc.band_flux[order],
        flux_variance=lc.band_flux_variance[order],
    )


def is_constant(values: Floats) -> bool:
    """Whether values differ by no more than rounding."""
    return bool(np.ptp(values) <= 1e-12 * np.max(np.abs(values), initial=0.0))


def usable(lc: LightCurve) -> Bools:
    """Return which bins the added statistics take, (n_bins,) bool."""
    finite = np.isfinite(lc.mjd) & np.isfinite(lc.counts) & np.isfinite(lc.variance) & np.isfinite(lc.background)
    low = (lc.quality & int(Quality.LOWEXP)) != 0
    return np.asarray(finite & (lc.exptime_s > 0) & ~low, np.bool_)


def per_dataset(values: Floats | Ints, dataset: Ints) -> Floats:
    """Return each bin's sum of values over its exposure, (n_bins,) float64."""
    return np.asarray(np.bincount(dataset, values), np.float64)[dataset]


def dataset_mean(values: Floats, live_s: Floats, dataset: Ints) -> Floats:
    """Return each bin's mean of a rate over its exposure, weighted by live time, (n_bins,) float64."""
    return per_dataset(values * live_s, dataset) / per_dataset(live_s, dataset)


def visits(found: Series, gap_s: float) -> Ints:
    """Return the visit of each bin, (n_bins,) int64 from 0: exposures less than a gap apart."""
    return np.concatenate([[0], np.cumsum(np.diff(found.time_s) > gap_s)]).astype(np.int64)


def relative(found: Series, group: Ints, firm_mean: float) -> tuple[Floats, Floats, bool]:
    """Return rates with the mean of their group (exposure or visit) subtracted, and their noise.

    Returns
    -------
    values, sd : (n_bins,) float64
        In units of the group's mean where all are at least `firm_mean` times their error, else of the mean of all where that is
        positive, else count/s.
    scaled : bool
        Whether they are in units of a mean.
    """
    live = per_dataset(found.live_s, group)
    mean = per_dataset(found.net * found.live_s, group) / live
    error = np.sqrt(per_dataset(found.variance, group)) / live
    overall = found.mean
    firm = bool(np.all(mean > firm_mean * error))
    scale = mean if firm else np.full(len(mean), overall if overall > 0 else 1.0)
    return (found.net - mean) / scale, found.sd / scale, overall > 0


def _numbered(number: Ints) -> Ints:
    """Return exposures numbered from 0 in the order in which they begin."""
    _, first, inverse = np.unique(number, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return np.asarray(rank[inverse], np.int64)


def _weights(lc: LightCurve, order: Ints, dataset: Ints) -> tuple[Floats, Floats]:
    """Return the mean weight of source and background events; sums of squared weights give the source's."""
    gross, background, n_bkg = (per_dataset(x[order], dataset) for x in (lc.gross, lc.background, lc.n_bkg))
    a = np.where(n_bkg > 0, background / np.maximum(n_bkg, 1), 1.0)
    squares = per_dataset(lc.variance[order], dataset) - a * background
    w = np.where((gross > 0) & (squares > 0), squares / np.where(gross > 0, gross, 1.0), 1.0)
    return w, a


def _smooth(background: Floats, live_s: Floats, n_bkg: Ints, dataset: Ints) -> Floats:
    """Return background counts per bin, averaged over 65 bins or as many as hold 100 events."""
    smooth = np.empty_like(background)
    for one in range(int(dataset[-1]) + 1 if len(dataset) else 0):
        rows = dataset == one
        n, events = int(rows.sum()), float(n_bkg[rows].sum())
        half = n if events == 0 else min(n, max(SMOOTH_BINS, int(np.ceil(SMOOTH_EVENTS * n / events / 2))))
        smooth[rows] = live_s[rows] * _running(background[rows], half) / _running(live_s[rows], half)
    return smooth


def _running(values: Floats, half: int) -> Floats:
    """Return sums over the bins from `half` before to `half` after each one."""
    running = np.concatenate([[0.0], np.cumsum(values)])
    here = np.arange(len(values))
    return np.asarray(running[np.minimum(here + half + 1, len(values))] - running[np.maximum(here - half, 0)], np.float64)
