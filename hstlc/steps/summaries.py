"""The summary plots of the archive, and the exploratory tables in plots/."""

import logging
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from hstlc.figures import summaries
from hstlc.files.output import write_text
from hstlc.paths import Paths, shared
from hstlc.settings import Settings
from hstlc.site.index import TABLES, selection, summary_counts
from hstlc.site.render import render
from hstlc.site.script import classic_script
from hstlc.site.summaries import HEADINGS
from hstlc.steps.listing import load_listing
from hstlc.steps.standalone import standalone

log = logging.getLogger(__name__)
EXPLORATORY = ('interesting', 'boring', 'null')


def make_summaries(settings: Settings, slugs: Sequence[str], strays: Sequence[str]) -> None:
    """Write `plots/<name>.html` for each name in `summary_names`, and the plots' data also for the site.

    Parameters as of `hstlc.steps.listing.load_listing`.
    """
    paths, listing = Paths(settings), load_listing(settings, slugs, strays)
    for name, item in _items(summary_counts(listing)).items():
        script = classic_script(f'hstlc_{name}', item)
        write_text(paths.plot_data(name), script)
        write_text(paths.site_data(name), script)
        page = paths.summary_plot(name)
        write_text(page, standalone(paths, page, {'heading': HEADINGS[name][1], 'curve': False, 'name': name}))
    for name in EXPLORATORY:
        heading, lead = TABLES[name]
        rows = [{**one, 'place': _from_plots(paths, listing.curves[one['stem']]['path'])} for one in selection(listing, name)]
        context = {'heading': heading, 'lead': lead, 'rows': rows}
        write_text(paths.summary_plot(f'{name}_hstlc'), render(shared('site_templates'), 'exploratory.html', context))
    log.info('summaries of %d light curves', len(listing.rows))


def summary_names() -> tuple[str, ...]:
    """Return the names, without '.html', of the files that `make_summaries` writes into plots/."""
    return (*HEADINGS, *(f'{name}_hstlc' for name in EXPLORATORY))


def _items(counts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rings = {f'pie_config_{name}': summaries.configurations(ring) for name, ring in counts['rings'].items()}
    return {
        'exptime_histogram': summaries.exposure_times(counts['hours']),
        'opt_elem': summaries.optical_elements(counts['elements']),
        'exposures_by_date': summaries.exposure_dates(counts['years']),
        **rings,
    }


def _from_plots(paths: Paths, product: str) -> str:
    """Return where a light curve and its figures lie, as pages in plots/ refer to them, without the ending."""
    folder, _, name = str(paths.absolute(product)).rpartition('/')
    return f'{_folder_from(paths.plots, folder)}/{name.removesuffix(".fits")}'


@lru_cache
def _folder_from(start: Path, folder: str) -> str:
    return os.path.relpath(folder, start)
