"""Pictures of dynamic spectra, the time-averaged spectrum beside them, as PNG bytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from hstlc.figures.canvas import canvas, png, title
from hstlc.figures.style import BLUE, MUTED
from hstlc.model import Cells, DynamicSpectrum, Floats, Ints

MAX_TIMES = 480  # columns of the picture
MAX_WAVES = 320  # rows of the picture
GAP = 0.01  # of the summed length: space between exposures
BRIGHT = 1.2  # of the brightest mean rate: where colours end
Windows = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Picture:
    """A dynamic spectrum as it is drawn."""

    times_s: tuple[Floats, ...]  # of each exposure: edges, (n + 1,), gaps between exposures closed
    rates: tuple[Floats, ...]  # of each exposure: net rate, (n, n_waves), counts s-1 Angstrom-1, NaN where nothing was measured
    waves_aa: Floats  # edges, (n_waves + 1,)
    spectrum: Floats  # mean over all times, (n_waves,)


def picture(members: Iterable[DynamicSpectrum], count: int, limits_aa: tuple[float, float]) -> Picture | None:
    """Return what is drawn of the dynamic spectra of some exposures; None where nothing was measured within the limits.

    Parameters
    ----------
    members : iterable of DynamicSpectrum
        In the order of time; one is looked at at a time.
    count : int
        How many there are.
    limits_aa : (float, float)
        First and last wavelength, Angstrom.
    """
    columns = max(1, MAX_TIMES // max(1, count))
    place, edges, rates, net, exposure, waves = 0.0, [], [], [], [], np.empty(0)
    for spectrum in members:
        if waves.size == 0:
            waves = _waves(limits_aa, spectrum.wave_step_aa)
        counts, live, width = _binned(spectrum, waves, columns)
        with np.errstate(invalid='ignore', divide='ignore'):
            rates.append(counts / (live[:, None] * width))
        net.append(counts.sum(axis=0))
        exposure.append(live.sum() * width)
        length = spectrum.n_time * spectrum.step_s
        edges.append(place + np.linspace(0.0, length, len(live) + 1))
        place += length * (1.0 + GAP * count)
    if not rates or not np.sum(exposure) > 0:
        return None
    with np.errstate(invalid='ignore', divide='ignore'):
        mean = np.sum(net, axis=0) / np.sum(exposure, axis=0)
    return Picture(tuple(edges), tuple(rates), waves, mean)


def _waves(limits_aa: tuple[float, float], step_aa: float) -> Floats:
    low, high = limits_aa
    return np.linspace(low, high, min(MAX_WAVES, max(1, round((high - low) / step_aa))) + 1)


def _binned(spectrum: DynamicSpectrum, waves: Floats, columns: int) -> tuple[Floats, Floats, Floats]:
    """Return net counts (n, n_waves), live time (n,) in s and good width (n_waves,) in Angstrom."""
    n = min(columns, spectrum.n_time)
    column = np.arange(spectrum.n_time) * n // max(1, spectrum.n_time)
    centres = spectrum.wave0_aa + (np.arange(spectrum.n_wave) + 0.5) * spectrum.wave_step_aa
    row = np.searchsorted(waves, centres, side='right') - 1
    row[(centres < waves[0]) | (centres >= waves[-1])] = -1
    size = len(waves) - 1
    live = _summed(column, spectrum.live_s, n)
    inside = row >= 0
    width = _summed(row[inside], spectrum.good_width_aa[inside], size)
    counts = _counts(spectrum.source, column, row, n, size) - _counts(spectrum.background, column, row, n, size)
    return counts, live, width


def _counts(cells: Cells, column: Ints, row: Ints, n: int, size: int) -> Floats:
    kept = row[cells.wave] >= 0
    flat = column[cells.time[kept]] * size + row[cells.wave[kept]]
    return _summed(flat, cells.w[kept], n * size).reshape(n, size)


def _summed(place: Ints, values: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(place, weights=values, minlength=size), np.float64)


def dynamic_spectrum_png(found: Picture, text: str, airglow_aa: Windows = ()) -> bytes:
    """Draw a dynamic spectrum, time to the right and wavelength upwards, and beside it the spectrum averaged over time.

    Colours end at the brightest wavelength of the source: airglow lines, which can outshine it, are passed over.
    """
    with canvas(_furnish) as figure:
        left, right = figure.axes
        _draw(left, found, airglow_aa)
        left.set_ylabel('Wavelength (Å)')
        left.set_xlabel('Time (s)' if len(found.rates) == 1 else 'Time (s), gaps between exposures closed')
        centres = 0.5 * (found.waves_aa[1:] + found.waves_aa[:-1])
        right.plot(found.spectrum, centres, color=BLUE, lw=0.7)
        right.set_xlabel('Mean (counts s⁻¹ Å⁻¹)')
        left.set_xlim(found.times_s[0][0], found.times_s[-1][-1])
        left.set_ylim(found.waves_aa[0], found.waves_aa[-1])
        title(figure, text, 0.085, 0.945)
        return png(figure)


def _furnish(figure: Figure, _panels: int) -> None:
    figure.set(dpi=120, size_inches=(8.0, 3.6))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3.2, 1), gridspec_kw={'wspace': 0.05})
    figure.subplots_adjust(left=0.085, right=0.975, top=0.86, bottom=0.14)
    left.set_facecolor('#eceff4')
    left.tick_params(color=MUTED)
    for axes in (left, right):
        axes.grid(visible=False)
        axes.xaxis.set_label_coords(0.5, -0.105)
    left.yaxis.set_label_coords(-0.1, 0.5)


def _draw(axes: Axes, found: Picture, airglow_aa: Windows) -> None:
    norm = PowerNorm(0.5, vmin=0.0, vmax=_top(found, airglow_aa), clip=True)
    for edges, rates in zip(found.times_s, found.rates, strict=True):
        extent = (edges[0], edges[-1], found.waves_aa[0], found.waves_aa[-1])
        shown = np.ma.masked_invalid(rates.T)
        axes.imshow(shown, cmap='viridis', norm=norm, origin='lower', aspect='auto', interpolation='nearest', extent=extent)


def _top(found: Picture, airglow_aa: Windows) -> float:
    centres = 0.5 * (found.waves_aa[1:] + found.waves_aa[:-1])
    own = np.isfinite(found.spectrum)
    for start, stop in airglow_aa:
        own &= (centres < start) | (centres > stop)
    brightest = float(found.spectrum[own].max(initial=0.0))
    return BRIGHT * brightest if brightest > 0 else 1.0
