"""Flares and eclipses: blocks of an exposure that stand out of its undisturbed rate."""

from dataclasses import dataclass

import numpy as np

from hstlc.model import DAY_S, Episode, EpisodeKind, Floats, Ints, Thresholds
from hstlc.science.blocks import change_points
from hstlc.science.series import Series


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The blocks of one exposure; arrays are (n_blocks,)."""

    rows: slice  # bins of the exposure
    first: Ints  # first bin of each block, from the exposure's first
    stop: Ints  # bin after the last of each block
    live_s: Floats  # live time of each
    net: Floats  # count/s
    variance: Floats  # of the net counts of a constant source
    background: Floats  # count/s
    airglow: Floats  # count/s

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self.first)

    @property
    def undisturbed(self) -> float:
        """Median of the blocks' rates, weighted with their live time, count/s."""
        order = np.argsort(self.net, kind='stable')
        reached = np.cumsum(self.live_s[order])
        return float(self.net[order][np.searchsorted(reached, 0.5 * reached[-1])])


def blocks(found: Series, p0: float) -> list[Blocks]:
    """Return the blocks of source-region events of every exposure, their live time taken into account."""
    starts = np.flatnonzero(np.diff(found.dataset, prepend=-1))
    return [_blocks(found, slice(a, b), p0) for a, b in zip(starts, [*starts[1:], len(found)], strict=True)]


def _blocks(found: Series, rows: slice, p0: float) -> Blocks:
    live = found.live_s[rows]
    first = change_points(found.n_src[rows], live, p0)
    lived = np.add.reduceat(live, first)

    def rate(values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values[rows] * live, first) / lived, np.float64)

    return Blocks(
        rows=rows,
        first=first,
        stop=np.append(first[1:], len(live)),
        live_s=lived,
        net=rate(found.net),
        variance=np.add.reduceat(found.variance[rows], first),
        background=rate(found.background),
        airglow=rate(found.airglow),
    )


def episodes(found: Series, cut: list[Blocks], thresholds: Thresholds) -> tuple[Episode, ...]:
    """Return the flares and eclipses of all exposures in time order.

    A flare is a run of blocks whose net rate is more than `flare_ratio` times the undisturbed one, with a brightest block between
    fainter ones, more than `flare_sigma` times the noise above it in all, and not in the background or the airglow. An eclipse is
    the same below 2 - `flare_ratio`.
    """
    return tuple(
        episode
        for one in cut
        if len(one) >= 3
        for kind in EpisodeKind
        for run in _runs(one, kind, thresholds.flare_ratio)
        if (episode := _episode(found, one, kind, run, thresholds)) is not None
    )


def _sign(kind: EpisodeKind) -> int:
    return 1 if kind is EpisodeKind.FLARE else -1


def _runs(one: Blocks, kind: EpisodeKind, ratio: float) -> list[slice]:
    level = one.undisturbed
    beyond = _sign(kind) * (one.net - level) > (ratio - 1) * max(level, 0.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], beyond, [False]]).astype(int)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _episode(found: Series, one: Blocks, kind: EpisodeKind, run: slice, thresholds: Thresholds) -> Episode | None:
    sign, level = _sign(kind), one.undisturbed
    peak = run.start + int(np.argmax(sign * one.net[run]))
    excess = float(np.sum((one.net[run] - level) * one.live_s[run]))
    sigma = sign * excess / _noise(found, one, run)
    if not 0 < peak < len(one) - 1 or sigma <= thresholds.flare_sigma:
        return None
    if _from_elsewhere(found, one, run, excess, thresholds):
        return None
    bins = slice(one.rows.start + int(one.first[run.start]), one.rows.start + int(one.stop[run.stop - 1]))
    top = slice(one.rows.start + int(one.first[peak]), one.rows.start + int(one.stop[peak]))
    half = 0.5 * found.width_s / DAY_S
    return Episode(
        kind=kind,
        dataset=int(found.number[one.rows.start]),
        start_mjd=float(found.mjd[bins.start] - half[bins.start]),
        peak_mjd=float(0.5 * (found.mjd[top.start] + found.mjd[top.stop - 1])),
        end_mjd=float(found.mjd[bins.stop - 1] + half[bins.stop - 1]),
        ratio=float(one.net[peak]) / level if level > 0 else None,
        sigma=float(sigma),
        equivalent_s=excess / level if level > 0 else None,
        fluence=_fluence(found, one, run, bins),
        complete=run.start > 0 and run.stop < len(one),
    )


def _noise(found: Series, one: Blocks, run: slice) -> float:
    """Return the noise of the run's counts at the undisturbed rate, count; the uncertainty of that rate included."""
    inside, live = float(one.variance[run].sum()), float(one.live_s[run].sum())
    expected = found.mean if found.n_datasets == 1 else float(np.average(one.net, weights=one.live_s))
    weight = float(found.source_weight[one.rows.start])
    here = max(inside + weight * (one.undisturbed - expected) * live, weight**2)
    rest = float(one.live_s.sum()) - live
    return float(np.sqrt(here * (1 + live / rest))) if rest > 0 else float(np.sqrt(here))


def _from_elsewhere(found: Series, one: Blocks, run: slice, excess: float, thresholds: Thresholds) -> bool:
    """Whether background or airglow do the same at the same time, strongly enough to explain it."""
    inside = np.zeros(len(one), bool)
    inside[run] = True
    live = one.live_s
    background = _mean(one.background, live, inside) - _mean(one.background, live, ~inside)
    change = background * float(live[inside].sum())
    weight = float(found.background_weight[one.rows.start])
    noise = np.sqrt(weight * max(_mean(one.background, live, ~inside) * float(live[inside].sum()), weight))
    if change * np.sign(excess) > max(thresholds.flare_background * abs(excess), thresholds.background_sigma * noise):
        return True
    quiet, level = _mean(one.airglow, live, ~inside), one.undisturbed
    if not (np.isfinite(one.airglow).all() and quiet > 0 and level > 0):
        return False
    glow = (_mean(one.airglow, live, inside) - quiet) / quiet
    source = excess / float(live[inside].sum()) / level
    return bool(glow * np.sign(excess) > abs(source))


def _mean(values: Floats, live_s: Floats, rows: Floats) -> float:
    return float(np.average(values[rows], weights=live_s[rows])) if np.any(rows) else 0.0


def _fluence(found: Series, one: Blocks, run: slice, bins: slice) -> float | None:
    """Return flux times live time above the undisturbed one, erg cm-2; None where the light curve is not calibrated."""
    flux, live = found.flux[one.rows], found.live_s[one.rows]
    if not np.isfinite(flux).all():
        return None
    outside = np.ones(len(flux), bool)
    outside[bins.start - one.rows.start : bins.stop - one.rows.start] = False
    quiet = float(np.average(flux[outside], weights=live[outside])) if outside.any() else 0.0
    return float(np.sum((found.flux[bins] - quiet) * found.live_s[bins]))
