"""Pictures of periodograms as PNG bytes."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hstlc.figures.canvas import canvas, png, title
from hstlc.figures.style import BLUE, INK, MUTED, VERMILLION
from hstlc.model import Floats

HST_ORBIT_S = 95.6 * 60.0  # HST's orbital period; it falls by about 0.1 min a year


class PeriodRange(Protocol):
    """One range of trial periods of a periodogram."""

    @property
    def periods_s(self) -> Floats:
        """Trial periods, (n,) seconds."""

    @property
    def power(self) -> Floats:
        """Their power, (n,)."""

    @property
    def mean(self) -> float:
        """Mean power."""

    @property
    def three_sigma(self) -> float:
        """Power three standard deviations above the mean."""

    @property
    def significant_s(self) -> Floats:
        """Periods of the peaks above that, (m,) seconds."""


def periodogram_png(ranges: Sequence[PeriodRange], text: str) -> bytes:
    """Draw the power of the trial periods (short, medium, long), its mean and three-sigma line and the significant peaks."""
    with canvas(_furnish, max(len(ranges), 1)) as figure:
        highest = max((float(np.max(one.power, initial=0.0)) for one in ranges), default=0.0) or 1.0
        for axes, one in zip(figure.axes, ranges, strict=False):
            _draw_range(axes, one)
            axes.set_ylim(0.0, 1.08 * highest)
        figure.axes[0].set_ylabel('Power (0 to 1)')
        title(figure, text, 0.085, 0.955)
        _legend(figure, figure.axes[-1])
        return png(figure)


def _furnish(figure: Figure, panels: int) -> None:
    figure.set(dpi=120, size_inches=(8.0, 3.4))
    for axes in figure.subplots(1, panels, sharey=True, gridspec_kw={'wspace': 0.09}, squeeze=False)[0]:
        axes.margins(x=0.01)
        axes.xaxis.set_major_locator(MaxNLocator(6, prune='upper'))
        axes.xaxis.set_label_coords(0.5, -0.12)
        axes.yaxis.set_label_coords(-0.075 * panels, 0.5)
    figure.subplots_adjust(left=0.085, right=0.975, top=0.77, bottom=0.145)


def _draw_range(axes: Axes, one: PeriodRange) -> None:
    scale, unit = _period_unit(float(np.max(one.periods_s, initial=1.0)))
    axes.plot(one.periods_s / scale, one.power, color=BLUE, lw=0.7)
    axes.axhline(one.mean, color=INK, lw=0.9, label='mean')
    axes.axhline(one.three_sigma, color=VERMILLION, lw=0.9, ls=(0, (5, 3)), label='mean + 3 std. dev.')
    inside = np.isin(one.periods_s, one.significant_s)
    axes.plot(one.periods_s[inside] / scale, one.power[inside], 'v', color=VERMILLION, ms=3.5, mew=0, label='significant')
    axes.set_xlabel(f'Period ({unit})')
    low, high = float(np.min(one.periods_s, initial=np.inf)), float(np.max(one.periods_s, initial=0.0))
    for harmonic in (1, 2, 3):
        if low <= HST_ORBIT_S / harmonic <= high:
            name = 'HST orbit' if harmonic == 1 else f'orbit / {harmonic}'
            axes.axvline(HST_ORBIT_S / harmonic / scale, color=MUTED, lw=0.8, ls=':')
            axes.annotate(
                name, (HST_ORBIT_S / harmonic / scale, 1.0), xycoords=('data', 'axes fraction'), xytext=(0, 2),
                textcoords='offset points', fontsize=7, color=MUTED, ha='center', va='bottom',
            )  # fmt: skip


def _legend(figure: Figure, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc='upper right', ncols=3, fontsize=7.5, bbox_to_anchor=(0.985, 0.93), handlelength=1.8)


def _period_unit(longest_s: float) -> tuple[float, str]:
    if longest_s <= 900.0:
        return 1.0, 's'
    return (60.0, 'min') if longest_s <= 3 * 3600.0 else (3600.0, 'h')
