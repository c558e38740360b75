"""Pictures of light curves as PNG bytes; the same input gives the same bytes."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from hstlc.figures.canvas import canvas, png, title
from hstlc.figures.columns import Columns, closed_time, columns, rebinned, selected, usable
from hstlc.figures.style import BLUE, FLUX_UNIT, MUTED, RATE_UNIT, RULE, VERMILLION, colour_of
from hstlc.model import Floats, LightCurve

CLEAR_POINTS = 160  # more points than this are drawn faint, with wider bins over them
MAX_EDGES = 40  # more exposures than this are told apart by colour only
MAX_DATES = 8
LABELS_AT = -0.075  # of the panels' width: the same place in every picture
WIDE_POINTS = 70


def light_curve_png(lc: LightCurve, text: str) -> bytes:
    """Draw flux (net rate where there is no flux) and, below, gross and background rate against time."""
    cols = columns(lc)
    with canvas(_furnish) as figure:
        top, bottom = figure.axes
        shift, edges = closed_time(cols)
        _draw_curve(top, cols, shift)
        _draw_rates(bottom, cols, shift)
        _draw_edges((top, bottom), edges, cols)
        bottom.set_xlabel(_time_label(cols))
        title(figure, text, 0.095, 0.955)
        return png(figure)


def _furnish(figure: Figure, _panels: int) -> None:
    figure.set(dpi=120, size_inches=(8.0, 4.4))
    for axes in figure.subplots(2, 1, sharex=True, height_ratios=(2.6, 1), gridspec_kw={'hspace': 0.17}):
        axes.margins(x=0.015)
        axes.yaxis.set_label_coords(LABELS_AT, 0.5)
    axes.xaxis.set_label_coords(0.5, -0.27)
    figure.subplots_adjust(left=0.095, right=0.975, top=0.875, bottom=0.115)


def thumbnail_png(lc: LightCurve) -> bytes:
    """Draw a light curve as a picture of 320 x 120 pixels without axes, for light and dark pages."""
    cols = columns(lc)
    with canvas(_furnish_thumbnail) as figure:
        (axes,) = figure.axes
        few = rebinned(cols, -(-len(cols) // 200))
        shift, _ = closed_time(few)
        x = few.time_s + shift[few.dataset - 1]
        values, _, _ = _values(few, _power(few))
        good = usable(few) & np.isfinite(values)
        for dataset, part in _parts(few, good):
            axes.plot(x[part], values[part], '-', color=colour_of(dataset), lw=0.5, alpha=0.45)
            axes.plot(x[part], values[part], 'o', color=colour_of(dataset), ms=2.1, mew=0)
        _limits(axes, values[good], None)
        return png(figure)


def _furnish_thumbnail(figure: Figure, _panels: int) -> None:
    figure.set(dpi=100, size_inches=(3.2, 1.2))
    figure.patch.set_alpha(0.0)
    axes = figure.add_axes((0.01, 0.03, 0.98, 0.94))
    axes.margins(x=0.015)
    axes.set_axis_off()


def _draw_curve(axes: Axes, cols: Columns, shift: Floats) -> None:
    values, errors, label = _values(cols, _power(cols))
    x = cols.time_s + shift[cols.dataset - 1]
    good = usable(cols) & np.isfinite(values)
    crowded = int(good.sum()) > CLEAR_POINTS
    for dataset, part in _parts(cols, good):
        colour = colour_of(dataset)
        bars = np.stack(
            [np.stack([x[part], values[part] - errors[part]], 1), np.stack([x[part], values[part] + errors[part]], 1)], 1
        )
        axes.add_collection(LineCollection(list(bars), colors=colour, linewidths=0.5, alpha=0.16 if crowded else 0.55))
        axes.plot(x[part], values[part], 'o', color=colour, ms=1.8 if crowded else 3.2, mew=0, alpha=0.45 if crowded else 1.0)
    if crowded:
        _draw_wider(axes, cols, shift)
    axes.set_ylabel(label)
    _limits(axes, values[good], errors[good])


def _draw_wider(axes: Axes, cols: Columns, shift: Floats) -> None:
    """Draw means over wider bins upon crowded points."""
    kept = selected(cols, usable(cols))
    wide = rebinned(kept, -(-len(kept) // WIDE_POINTS))
    values, errors, _ = _values(wide, _power(cols))
    x = wide.time_s + shift[wide.dataset - 1]
    for dataset, part in _parts(wide, np.isfinite(values)):
        axes.errorbar(
            x[part], values[part], errors[part], fmt='o', ms=4.0, mew=0.6, mec='white', color=colour_of(dataset),
            ecolor=colour_of(dataset), elinewidth=1.2, zorder=4,
        )  # fmt: skip


def _draw_rates(axes: Axes, cols: Columns, shift: Floats) -> None:
    good = usable(cols)
    x = cols.time_s + shift[cols.dataset - 1]
    size = 2.0 if int(good.sum()) > CLEAR_POINTS else 4.0
    for name, colour, label in (('gross', BLUE, 'gross'), ('background', VERMILLION, 'background')):
        rate = getattr(cols, name)[good] / cols.live_s[good]
        axes.plot(x[good], rate, '.', color=colour, ms=size, mew=0, alpha=0.6, label=label)
    axes.set_ylabel('counts s⁻¹')
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.legend(
        loc='lower right', bbox_to_anchor=(1.005, 0.92), borderpad=0, ncols=2, fontsize=7, markerscale=6.0 / size, handletextpad=0.1
    )


def _power(cols: Columns) -> int:
    """Return the power of ten that flux axes are scaled by."""
    typical = np.nanpercentile(np.abs(cols.flux), 90) if cols.calibrated else 0.0
    return int(np.floor(np.log10(typical))) if typical > 0 else 0


def _values(cols: Columns, power: int) -> tuple[Floats, Floats, str]:
    """Return what the upper panel shows, its error and its label: flux in units of a power of ten, else the net rate."""
    if not cols.calibrated:
        return cols.net, cols.net_err, f'Net rate ({RATE_UNIT})'
    digits = str(power).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))
    return cols.flux / 10.0**power, cols.flux_err / 10.0**power, f'Flux density (10{digits} {FLUX_UNIT})'


def _limits(axes: Axes, values: Floats, errors: Floats | None) -> None:
    if values.size == 0:
        axes.text(0.5, 0.5, 'no bins with enough live time', transform=axes.transAxes, ha='center', color=MUTED)
        return
    half = float(np.median(errors)) if errors is not None else 0.0
    low, high = float(values.min()) - half, float(values.max()) + half
    margin = 0.06 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)


def _draw_edges(all_axes: Sequence[Axes], edges: Floats, cols: Columns) -> None:
    """Draw where exposures meet, and the day of their start above."""
    if len(edges) <= MAX_EDGES:
        for axes in all_axes:
            for edge in edges:
                axes.axvline(edge, color=RULE, lw=0.9)
    left = [float(all_axes[0].get_xlim()[0]), *edges.tolist()]
    stride = -(-len(left) // MAX_DATES)
    for position, start in list(zip(left, cols.start_mjd, strict=False))[::stride]:
        all_axes[0].annotate(
            _day(float(start)), (position, 1.0), xycoords=('data', 'axes fraction'), xytext=(2, 3), textcoords='offset points',
            fontsize=7, color=MUTED, ha='left', va='bottom',
        )  # fmt: skip


def _day(mjd: float) -> str:
    return (date(1858, 11, 17) + timedelta(days=int(mjd))).isoformat() if mjd > 0 else ''


def _time_label(cols: Columns) -> str:
    count = len(set(cols.dataset.tolist()))
    return 'Time since the first bin (s)' if count <= 1 else f'Time (s), gaps between the {count} exposures closed'


def _parts(cols: Columns, good: Any) -> list[tuple[int, Any]]:
    return [(k, np.flatnonzero(good & (cols.dataset == k))) for k in sorted(set(cols.dataset.tolist()))]
