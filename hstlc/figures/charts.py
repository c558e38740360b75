"""The summary plots of an archive: built once for the whole site, as `hstlc.figures.dashboard`, and fed in the browser."""

from typing import Any

from bokeh.models import BasicTicker, ColumnDataSource, FactorRange, HoverTool, Range1d
from bokeh.plotting import figure
from bokeh.transform import factor_cmap

from hstlc.figures.dashboard import as_item, legend_above, style_plot
from hstlc.figures.style import BLUE, EXPOSURE_COLOURS, GREY, MUTED, VERMILLION
from hstlc.figures.summaries import COLUMNS, SLICES

INSTRUMENT_COLOURS = {'COS': BLUE, 'STIS': VERMILLION}
TOOLS = 'pan,wheel_zoom,reset,save'


def charts() -> dict[str, Any]:
    """Return each kind of plot as JSON, by the name that its numbers (`hstlc.figures.summaries`) have for it.

    The source of each is called `numbers`, its range of categories `factors`; both are empty.
    """
    return {'times': _times(), 'elements': _elements(), 'ring': _ring(), 'years': _years()}


def _source(name: str) -> ColumnDataSource:
    return ColumnDataSource(data={column: [] for column in COLUMNS[name]}, name='numbers')


def _bars(**more: Any) -> Any:
    """Return an empty plot of bars; a finger on it scrolls the page."""
    return figure(name='chart', sizing_mode='stretch_width', tools=TOOLS, active_drag=None, **more)


def _times() -> dict[str, Any]:
    plot = _bars(y_range=FactorRange(name='factors'), x_axis_label='Exposure time (h)')
    plot.hbar(y='name', right='hours', height=0.72, source=_source('times'), color=BLUE)
    plot.add_tools(HoverTool(tooltips=[('target', '@name'), ('exposure time', '@hours{0.00} h')]))
    style_plot(plot)
    plot.xgrid[0].grid_line_color, plot.ygrid[0].grid_line_color = MUTED, None
    plot.xgrid[0].grid_line_alpha = 0.3
    plot.x_range.start = 0
    return _finished(plot)


def _elements() -> dict[str, Any]:
    plot = _bars(x_range=FactorRange(name='factors', group_padding=0.5), height=320, y_axis_label='Light curves')
    colours = factor_cmap('x', list(INSTRUMENT_COLOURS.values()), list(INSTRUMENT_COLOURS), end=1)
    plot.vbar(x='x', top='count', width=0.8, source=_source('elements'), color=colours)
    plot.add_tools(HoverTool(tooltips=[('configuration', '@x'), ('light curves', '@count')]))
    return _counted(plot)


def _years() -> dict[str, Any]:
    plot = _bars(x_range=FactorRange(name='factors'), height=300, y_axis_label='Exposures')
    names, colours = list(INSTRUMENT_COLOURS), list(INSTRUMENT_COLOURS.values())
    plot.vbar_stack(names, x='year', width=0.85, source=_source('years'), color=colours, legend_label=names, line_color=None)
    legend_above(plot)
    plot.add_tools(HoverTool(tooltips=[('year', '@year'), *((name, f'@{name}') for name in names)]))
    return _counted(plot)


def _counted(plot: Any) -> dict[str, Any]:
    """Style a plot of counts over categories."""
    style_plot(plot)
    plot.xaxis[0].major_label_orientation = 0.9
    plot.y_range.start = 0
    plot.yaxis[0].ticker = BasicTicker(min_interval=1)
    return _finished(plot)


def _ring() -> dict[str, Any]:
    """Draw a ring beside its legend. Its size follows the width, so that a wider plot than that would cut it off."""
    plot = figure(
        name='chart', height=260, max_width=520, sizing_mode='stretch_width', tools='save', match_aspect=True,
        x_range=Range1d(start=-1.1, end=3.2), y_range=Range1d(start=-1.1, end=1.1),
    )  # fmt: skip
    ring = plot.annular_wedge(
        x=0, y=0, inner_radius=0.55, outer_radius=1.0, start_angle='start', end_angle='end', line_color='white', line_width=2,
        fill_color=factor_cmap('slice', [*EXPOSURE_COLOURS, GREY], SLICES), legend_field='name', source=_source('ring'),
    )  # fmt: skip
    plot.add_tools(HoverTool(renderers=[ring], tooltips=[('configuration', '@name')]))
    plot.axis.visible = False
    plot.grid.visible = False
    style_plot(plot)
    return _finished(plot)


def _finished(plot: Any) -> dict[str, Any]:
    plot.toolbar.logo = None
    plot.toolbar.autohide = True
    return as_item(plot)
