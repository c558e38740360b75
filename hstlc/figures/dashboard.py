"""The interactive figure of a light curve: built once for the whole site and fed in the browser, and Bokeh's own script."""

import re
from pathlib import Path
from typing import Any

import bokeh.util.paths
from bokeh.core.validation import silence
from bokeh.core.validation.warnings import MISSING_RENDERERS
from bokeh.embed import json_item
from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource, HoverTool, Plot, Range1d
from bokeh.plotting import figure

from hstlc.figures.style import BLUE, FLUX_UNIT, GREEN, MUTED, ORANGE, RATE_UNIT, RULE, VERMILLION

FONT = '"Source Sans 3", system-ui, sans-serif'
COLUMNS = (
    'x',
    'flux',
    'flux_low',
    'flux_high',
    'flux_text',
    'net',
    'net_low',
    'net_high',
    'net_text',
    'gross',
    'background',
    'limit',
    'airglow',
    'sun_alt',
    'colour',
    'exposure',
    'mjd',
    'live',
    'flags',
)
WHAT = [('exposure', '@exposure'), ('MJD (UTC)', '@mjd{0.000000}'), ('live time', '@live{0.00} s'), ('flags', '@flags')]


def bokeh_script() -> Path:
    """Return the one script of the installed Bokeh that its figures need."""
    return Path(bokeh.util.paths.bokehjs_path()) / 'js' / 'bokeh.min.js'


def dashboard() -> dict[str, Any]:
    """Return the figure as JSON: flux, net rate, gross and background on one time axis; its sources are empty."""
    source = ColumnDataSource(data={name: [] for name in COLUMNS}, name='curve')
    edges = ColumnDataSource(data={'x': []}, name='edges')
    flux = _panel('flux', f'Flux ({FLUX_UNIT})', 270)
    net = _panel('net', f'Net ({RATE_UNIT})', 230, flux)
    rates = _panel('rates', f'Rates ({RATE_UNIT})', 215, flux)
    for panel in (flux, net, rates):
        panel.vspan(x='x', source=edges, line_color=RULE, line_width=1.2)
    _errors(flux, source, 'flux')
    _errors(net, source, 'net')
    for name, colour in (('gross', BLUE), ('background', VERMILLION)):
        rates.scatter('x', name, source=source, size=3.5, color=colour, alpha=0.65, legend_label=name)
    legend_above(rates)
    limits = net.scatter('x', 'limit', source=source, marker='inverted_triangle', size=6, color='colour', fill_alpha=0.0, alpha=0.7)
    _hover(net, limits, ('net', '< @limit{0.000} counts s⁻¹ (3σ)'))
    airglow, sun = _beneath(source, flux)
    panels = (flux, net, rates, airglow, sun)
    for panel in panels:
        panel.xaxis[0].axis_label = ''
        panel.xaxis[0].name = f'{panel.name}_time'
    rates.xaxis[0].axis_label = 'Time (s)'
    flux.yaxis[0].name = 'flux_axis'
    flux.y_range.name = 'flux_range'
    grid = gridplot(
        [[panel] for panel in panels],
        merge_tools=True,
        toolbar_location='above',
        sizing_mode='stretch_width',
        toolbar_options={'logo': None},
    )
    return as_item(grid)


def _beneath(source: ColumnDataSource, above: Any) -> tuple[Any, Any]:
    """Return the panels of airglow and of the Sun's altitude; hidden until their numbers are loaded."""
    airglow = _panel('airglow', 'Airglow (s⁻¹)', 150, above)
    sun = _panel('sun', 'Sun altitude (°)', 150, above)
    airglow.scatter('x', 'airglow', source=source, size=3.5, color=GREEN, alpha=0.7)
    sun.scatter('x', 'sun_alt', source=source, size=3.5, color=ORANGE, alpha=0.7)
    sun.hspan(y=[0.0], line_color=RULE, line_width=1.2)
    # what is hidden has no range of its own data, and Bokeh would complain of it
    airglow.y_range = Range1d(start=0, end=1, name='airglow_range')
    sun.y_range = Range1d(start=-90, end=90)
    sun.yaxis[0].ticker = [-90, -45, 0, 45, 90]
    for panel in (airglow, sun):
        panel.visible = False
    return airglow, sun


def _panel(name: str, label: str, height: int, beside: Any = None) -> Any:
    shared = {} if beside is None else {'x_range': beside.x_range}
    panel = figure(
        name=name,
        height=height,
        sizing_mode='stretch_width',
        tools='pan,box_zoom,wheel_zoom,reset,save',
        active_drag='box_zoom',
        output_backend='canvas',
        y_axis_label=label,
        **shared,
    )
    if beside is None:
        panel.x_range = Range1d(start=0, end=1, name='time')
    style_plot(panel)
    return panel


def style_plot(panel: Plot) -> None:
    """Give a plot the style of the house; colours that depend on light and dark are set in the browser."""
    panel.background_fill_color = None
    panel.border_fill_color = None
    panel.outline_line_color = None
    panel.min_border_left = 68
    panel.min_border_right = 12
    for axis in (*panel.xaxis, *panel.yaxis):
        axis.axis_label_text_font = axis.major_label_text_font = FONT
        axis.axis_label_text_font_style = 'normal'
        axis.axis_label_text_font_size = axis.major_label_text_font_size = '13px'
        axis.axis_line_color = axis.major_tick_line_color = MUTED
        axis.minor_tick_line_color = None
    for grid in panel.ygrid:
        grid.grid_line_color = RULE
    for grid in panel.xgrid:
        grid.grid_line_color = None
    for legend in panel.legend:
        _style_legend(legend)


def _style_legend(legend: Any) -> None:
    legend.background_fill_alpha = 0.0
    legend.border_line_color = None
    legend.label_text_font = FONT
    legend.label_text_font_size = '13px'


def legend_above(panel: Any) -> None:
    """Move the legend of a plot out of its data."""
    legend = panel.legend[0]
    _style_legend(legend)
    legend.orientation = 'horizontal'
    legend.padding = 0
    legend.location = 'right'
    panel.add_layout(legend, 'above')


def _errors(panel: Any, source: ColumnDataSource, name: str) -> None:
    panel.segment(x0='x', y0=f'{name}_low', x1='x', y1=f'{name}_high', source=source, color='colour', alpha=0.3, line_width=1)
    points = panel.scatter('x', name, source=source, size=4.5, color='colour', alpha=0.85, line_color=None)
    _hover(panel, points, (name, f'@{name}_text'))


def _hover(panel: Any, points: Any, first: tuple[str, str]) -> None:
    tooltips = [first, *WHAT]
    panel.add_tools(HoverTool(renderers=[points], tooltips=tooltips, mode='vline', limit=1, point_policy='snap_to_data'))


def as_item(model: Any) -> dict[str, Any]:
    """Return what `Bokeh.embed.embed_item` takes, with identifiers that do not depend on what was built before."""
    silence(MISSING_RENDERERS)
    item = dict(json_item(model))
    names: dict[str, str] = {}
    renamed: dict[str, Any] = _renamed(item, names)
    return renamed


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if isinstance(value, str) and re.fullmatch(r'p\d{4,}', value):
        return names.setdefault(value, f'p{1001 + len(names)}')
    return value
