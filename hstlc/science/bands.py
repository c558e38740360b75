"""Variability of emission lines against continuum."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from hstlc.model import Band, BandKind, BandVariability, DynamicSpectrum, Floats, GroupKey, Ints, Thresholds
from hstlc.science import band as choosing
from hstlc.science.dispersion import chi_square
from hstlc.science.lightcurve import light_curve
from hstlc.science.series import Series, series
from hstlc.science.variability import excess_variance

COMPLETE = 0.999  # part of a band's width that must have been observed
MOST_COARSE = 32
FEWEST_COARSE = 4


def band_curves(
    spectrum: DynamicSpectrum, bands: Sequence[Band], key: GroupKey, *, step_s: float, min_fracexp: float
) -> list[tuple[Band, Series]]:
    """Return the light curve of every band that an exposure covers in full."""
    found = []
    for one in bands if spectrum.has_wavelength else ():
        chosen = _cells(spectrum, one)
        if chosen is not None:
            found.append((one, series(light_curve(spectrum, chosen, key, step_s=step_s, min_fracexp=min_fracexp))))
    return found


def band_variability(curves: Sequence[tuple[Band, Series]], thresholds: Thresholds) -> tuple[BandVariability, ...]:
    """Return the variability of every band that has at least `min_events` source events and 2 bins."""
    return tuple(
        _variability(band, found, thresholds.firm_mean)
        for band, found in curves
        if len(found) > 1 and found.n_src.sum() >= thresholds.min_events
    )


def fractional(curves: Sequence[tuple[Band, Series]], kind: BandKind, firm_mean: float) -> float | None:
    """Return the fractional variability of all lines, or of all continuum, together."""
    joined = _joined(curves, kind)
    return excess_variance(joined, firm_mean)[1].value if joined is not None and len(joined) > 1 else None


def colour_constancy(curves: Sequence[tuple[Band, Series]], coarse_counts: float) -> float | None:
    """Return the probability that lines and continuum vary in the same proportion: chi-square of their difference.

    Over at most 32 bins with at least `coarse_counts` net counts of either; None where there are fewer than 4 such bins.
    """
    line, continuum = (_joined(curves, kind) for kind in (BandKind.LINE, BandKind.CONTINUUM))
    if line is None or continuum is None or len(line) != len(continuum):
        return None
    totals = [float(np.sum(one.net * one.live_s)) for one in (line, continuum)]
    n = min(MOST_COARSE, int(min(totals) // coarse_counts), len(line))
    if n < FEWEST_COARSE:
        return None
    starts = np.linspace(0, len(line), n + 1).astype(np.int64)[:-1]
    counts = [np.add.reduceat(one.net * one.live_s, starts) for one in (line, continuum)]
    ratio = totals[0] / totals[1]
    both = counts[0] + counts[1]
    noise = [_noise(one, total, both, starts) for one, total in zip((line, continuum), totals, strict=True)]
    chi2 = float(np.sum((counts[0] - ratio * counts[1]) ** 2 / (noise[0] + ratio**2 * noise[1])))
    return float(special.chdtrc(n - 1, chi2))


def _cells(spectrum: DynamicSpectrum, one: Band) -> choosing.Band | None:
    lower = spectrum.wave0_aa + spectrum.wave_step_aa * np.arange(spectrum.n_wave, dtype=np.float64)
    cells = np.zeros(spectrum.n_wave, bool)
    for start, stop in one.windows_aa:
        cells |= (lower >= start) & (lower + spectrum.wave_step_aa <= stop)
    whole = choosing.choose_band(spectrum, ())
    width = float(spectrum.good_width_aa[cells].sum())
    wanted = sum(stop - start for start, stop in one.windows_aa)
    complete = cells.any() and width >= COMPLETE * wanted
    return replace(whole, cells=cells, width_aa=width) if complete else None


def _variability(one: Band, found: Series, firm_mean: float) -> BandVariability:
    fvar = excess_variance(found, firm_mean)[1]
    return BandVariability(
        name=one.name,
        kind=one.kind,
        mean_net=found.mean,
        fvar=fvar.value,
        fvar_err=fvar.error,
        chi2_p=chi_square(found)[2],
    )


def _joined(curves: Sequence[tuple[Band, Series]], kind: BandKind) -> Series | None:
    """Return the sum of all bands of a kind; they share their bins, but where one has a bin that is of no use."""
    chosen = [found for band, found in curves if band.kind is kind and len(found)]
    if len({len(found) for found in chosen}) != 1:
        return None
    sums = {name: np.sum([getattr(one, name) for one in chosen], axis=0) for name in ('net', 'variance', 'source_part', 'n_src')}
    return replace(chosen[0], **sums)


def _noise(one: Series, total: float, both: Floats, starts: Ints) -> Floats:
    """Return the variance of coarse counts if this kind took its part of what both have together."""
    background = np.add.reduceat(one.variance - one.source_part, starts)
    source = np.add.reduceat(one.source_part, starts)
    level = np.maximum(both, 0.0) / np.sum(both)
    return np.maximum(background + float(source.sum()) * np.where(total > 0, level, 1 / len(starts)), 1e-12)
