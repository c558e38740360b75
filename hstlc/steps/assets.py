"""Style, scripts and fonts, Bokeh's script and the shared figures: once for the site, once for plots/."""

import functools
from pathlib import Path

from hstlc.figures.charts import charts
from hstlc.figures.dashboard import bokeh_script, dashboard
from hstlc.figures.style import EXPOSURE_COLOURS
from hstlc.files.output import write_bytes, write_text
from hstlc.model import Quality
from hstlc.paths import Paths, shared
from hstlc.settings import Settings
from hstlc.site.script import classic_script


def make_assets(settings: Settings) -> None:
    """Write everything that pages load, for the site and for plots/."""
    paths = Paths(settings)
    for folder in (paths.site_assets, paths.plot_assets):
        publish_assets(folder)


def publish_assets(folder: Path) -> None:
    """Write everything that pages load into a folder; what is there already and the same is left alone."""
    source = shared('site_templates') / 'assets'
    for file in sorted(source.rglob('*')):
        if file.is_file():
            write_bytes(folder / file.relative_to(source), file.read_bytes())
    write_bytes(folder / 'bokeh.min.js', bokeh_script().read_bytes())
    write_text(folder / 'dashboard.js', _shared_figure())
    write_text(folder / 'charts.js', _shared_charts())


@functools.cache
def _shared_figure() -> str:
    return classic_script(
        'hstlc_dashboard',
        {
            'figure': dashboard(),
            'colours': list(EXPOSURE_COLOURS),
            'quality': {str(int(bit)): str(bit.name).lower() for bit in Quality},
        },
    )


@functools.cache
def _shared_charts() -> str:
    return classic_script('hstlc_charts', charts())
