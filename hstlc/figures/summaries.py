"""Interactive summaries of the archive: exposure time, optical elements, configurations, dates."""

from collections.abc import Mapping, Sequence
from math import pi
from typing import Any

from bokeh.models import BasicTicker, ColumnDataSource, FactorRange, HoverTool, Range1d
from bokeh.plotting import figure

from hstlc.figures.dashboard import as_item, legend_above, style_plot
from hstlc.figures.style import BLUE, EXPOSURE_COLOURS, GREY, MUTED, VERMILLION

MOST = 30  # targets in the exposure-time chart
SLICES = len(EXPOSURE_COLOURS)
INSTRUMENT_COLOURS = {'COS': BLUE, 'STIS': VERMILLION}
TOOLS = 'pan,wheel_zoom,reset,save'


def exposure_times(hours: Mapping[str, float]) -> dict[str, Any]:
    """Draw the summed exposure time of the longest observed targets, hours."""
    longest = sorted(hours.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    # a factor may stand on an axis only once; header text can be long
    names = [_distinct(name, k) for k, (name, _) in enumerate(longest)][::-1]
    source = ColumnDataSource(data={'name': names, 'hours': [value for _, value in longest][::-1]})
    plot = figure(
        y_range=FactorRange(factors=names or ['none']),
        height=90 + 22 * max(len(names), 2),
        sizing_mode='stretch_width',
        tools=TOOLS,
        active_drag=None,
        x_axis_label='Exposure time (h)',
    )
    plot.hbar(y='name', right='hours', height=0.72, source=source, color=BLUE)
    plot.add_tools(HoverTool(tooltips=[('target', '@name'), ('exposure time', '@hours{0.00} h')]))
    return _finished(plot, horizontal=True)


def optical_elements(counts: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """Draw the number of light curves by instrument and optical element."""
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    factors = [key for key, _ in ordered]
    source = ColumnDataSource(
        data={'x': factors, 'count': [n for _, n in ordered], 'colour': [INSTRUMENT_COLOURS.get(key[0], GREY) for key in factors]}
    )
    plot = figure(
        x_range=FactorRange(factors=factors or [('', 'none')], group_padding=0.5),
        height=320,
        sizing_mode='stretch_width',
        tools=TOOLS,
        active_drag=None,
        y_axis_label='Light curves',
    )
    plot.vbar(x='x', top='count', width=0.8, source=source, color='colour')
    plot.xaxis[0].major_label_orientation = 0.9
    plot.add_tools(HoverTool(tooltips=[('configuration', '@x'), ('light curves', '@count')]))
    return _finished(plot)


def configurations(counts: Mapping[str, int]) -> dict[str, Any]:
    """Draw one detector's light curves by grating and central wavelength as a ring."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = ordered[:SLICES]
    rest = sum(n for _, n in ordered[SLICES:])
    parts = [*kept, ('other', rest)] if rest else kept
    total = sum(n for _, n in parts) or 1
    ends = [2 * pi * sum(n for _, n in parts[: k + 1]) / total for k in range(len(parts))]
    source = ColumnDataSource(
        data={
            'name': [f'{name} ({n})' for name, n in parts],
            'count': [n for _, n in parts],
            'start': [pi / 2 - end for end in ends],
            'end': [pi / 2 - start for start in [0.0, *ends][: len(ends)]],
            'colour': [*EXPOSURE_COLOURS, GREY][: len(kept)] + ([GREY] if rest else []),
        }
    )
    plot = figure(
        height=260,
        sizing_mode='stretch_width',
        tools='save',
        x_range=Range1d(start=-1.1, end=3.2),
        y_range=Range1d(start=-1.1, end=1.1),
        match_aspect=True,
    )
    ring = (
        plot.annular_wedge(
            x=0,
            y=0,
            inner_radius=0.55,
            outer_radius=1.0,
            start_angle='start',
            end_angle='end',
            fill_color='colour',
            line_color='white',
            line_width=2,
            legend_field='name',
            source=source,
        )
        if parts
        else None
    )
    if ring is not None:
        plot.add_tools(HoverTool(renderers=[ring], tooltips=[('configuration', '@name')]))
    plot.axis.visible = False
    plot.grid.visible = False
    return _finished(plot)


def exposure_dates(by_year: Mapping[str, Mapping[int, int]]) -> dict[str, Any]:
    """Draw the number of exposures in each year, the instruments upon each other."""
    years = sorted({year for counts in by_year.values() for year in counts})
    every = [str(year) for year in range(years[0], years[-1] + 1)] if years else ['none']
    instruments = sorted(by_year)
    data: dict[str, Sequence[Any]] = {'year': every}
    for name in instruments:
        data[name] = [by_year[name].get(int(year), 0) if year.isdigit() else 0 for year in every]
    plot = figure(
        x_range=FactorRange(factors=every),
        height=300,
        sizing_mode='stretch_width',
        tools=TOOLS,
        active_drag=None,
        y_axis_label='Exposures',
    )
    if instruments:
        plot.vbar_stack(
            instruments,
            x='year',
            width=0.85,
            source=ColumnDataSource(data=data),
            color=[INSTRUMENT_COLOURS.get(name, GREY) for name in instruments],
            legend_label=instruments,
            line_color=None,
        )
        legend_above(plot)
    plot.xaxis[0].major_label_orientation = 0.9
    plot.add_tools(HoverTool(tooltips=[('year', '@year'), *((name, f'@{{{name}}}') for name in instruments)]))
    return _finished(plot)


def _distinct(name: str, place: int) -> str:
    name = ''.join(one for one in name if one.isprintable())
    short = name if len(name) <= 24 else f'{name[:22]}…{place}'
    return short or f'(no name) {place}'


def _finished(plot: Any, *, horizontal: bool = False) -> dict[str, Any]:
    style_plot(plot)
    plot.toolbar.logo = None
    plot.toolbar.autohide = True
    if horizontal:
        plot.xgrid[0].grid_line_color, plot.ygrid[0].grid_line_color = MUTED, None
        plot.xgrid[0].grid_line_alpha = 0.3
        plot.x_range.start = 0
    elif plot.axis[0].visible:
        plot.y_range.start = 0
        plot.yaxis[0].ticker = BasicTicker(min_interval=1)  # counts
    return as_item(plot)
