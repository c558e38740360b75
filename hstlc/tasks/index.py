"""Tasks of what lists the whole archive, and what belongs to the site as a whole."""

import os
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import hstlc
from hstlc.paths import Paths, shared
from hstlc.tasks import archive
from hstlc.tasks.building import Step, Task, after, build, cleaning, content_digest, digest, fingerprint, listing
from hstlc.tasks.commandline import says_yes
from hstlc.tasks.session import current
from hstlc.tasks.site import WORDS, target_pages, templates

LISTS = Step('hstlc.steps.index:make_lists', settings=WORDS)
TABLES = Step('hstlc.steps.index:make_tables', settings=WORDS)
FORMS = Step('hstlc.steps.index:make_forms', settings=('site_url',))
CATALOGS = Step('hstlc.steps.index:make_catalogs', settings=('interesting', 'site_url'))
SUMMARIES = Step('hstlc.steps.summaries:make_summaries', version=4, settings=WORDS)
MACHINE = Step('hstlc.steps.machine:make_machine_files', version=3, settings=('title', 'contact', 'doi', 'site_url'))
GUIDE = Step('hstlc.steps.guide:make_guide', settings=('title',))
PRUNE = Step('hstlc.steps.prune:prune')
CHECK = Step('hstlc.steps.check:check_site')
CHECK_PAGES = Step('hstlc.steps.check:check_pages')

LIST_NAMES = ('index.html', 'browse.html', 'summaries.html', '404.html', 'tables/rejected.html')
TABLE_NAMES = tuple(f'tables/{name}.html' for name in ('composites', 'individual', 'interesting', 'boring', 'null'))
FORM_NAMES = ('catalog.csv', 'catalog.ecsv', 'catalog.fits', 'catalog.xml')
CATALOG_NAMES = ('catalog.json', 'data/catalog.js')
MACHINE_NAMES = ('feed.xml', 'manifest.json', 'CITATION.cff', 'hstlc.bib')
SUMMARY_NAMES = (
    'exptime_histogram', 'opt_elem', 'exposures_by_date', 'pie_config_cos_fuv', 'pie_config_cos_nuv', 'pie_config_stis_fuv',
    'pie_config_stis_nuv', 'interesting_hstlc', 'boring_hstlc', 'null_hstlc',
)  # fmt: skip


@after('pages')
def task_index() -> Iterator[Task]:
    """Write what lists the archive: home, tables, catalogs, summaries, feed and manifest."""
    paths = current().paths
    slugs, strays, states = listing(partial(archive.listed, paths))
    config = {'listed': digest([slugs, strays, states]), 'templates': templates()}
    summaries = [f'{name}.html' for name in SUMMARY_NAMES]
    for name, step, made, more in (
        ('forms', FORMS, _in(paths.site, FORM_NAMES), {}),  # the longest first
        ('catalogs', CATALOGS, _in(paths.site, CATALOG_NAMES), {}),
        ('tables', TABLES, _in(paths.site, TABLE_NAMES), {}),
        ('summaries', SUMMARIES, _in(paths.plots, summaries), {'clean': cleaning('hstlc.steps.clean:remove_plots')}),
        ('lists', LISTS, _in(paths.site, LIST_NAMES), {'clean': cleaning('hstlc.steps.clean:remove_site')}),
        ('machine', MACHINE, _in(paths.site, MACHINE_NAMES), {'file_dep': _in(paths.site, ('catalog.json', *FORM_NAMES))}),
    ):
        yield build(name, step, slugs, strays, targets=made, watched=made, config=config, **more)


def _in(folder: Path, names: Sequence[str]) -> list[str]:
    return [f'{folder}/{name}' for name in names]


@after('index')
def task_guide() -> Iterator[Task]:
    """Render the guide with mkdocs."""
    documented = str(Path(hstlc.__file__).parent)  # the reference is made from docstrings
    sources = content_digest(*(str(shared(name)) for name in ('content', 'site_templates', 'mkdocs.yml')), documented)
    target = str(current().paths.site / 'guide' / 'index.html')
    yield build('mkdocs', GUIDE, targets=[target], watched=[target], config={'sources': sources})


@after('guide')
def task_prune() -> Iterator[Task]:
    """Put products and pages aside that belong to no exposure any more."""
    paths = current().paths
    slugs = [target.slug for target in listing(partial(archive.targets, paths))]
    exposures = {name: record.exposure.targname for name, record in archive.accepted(paths).items() if record.exposure is not None}
    curves = {stem: outcome.product is not None for stem, outcome in archive.outcomes(paths).items()}
    yield build('files', PRUNE, exposures, curves, slugs, config={'owners': digest([exposures, curves, slugs])})


@after('prune')
def task_check() -> Iterator[Task]:
    """Look for dead links and missing figures in what changed of the site (all=yes: in all of it)."""
    paths = current().paths
    if says_yes('all'):
        yield build('everything', CHECK, uptodate=[False])
        return
    for about in listing(partial(archive.about_targets, paths)):
        pages = target_pages(paths, about)
        yield build(about.target.slug, CHECK_PAGES, pages, file_dep=pages)
    for name, pages in sorted(_lists(paths).items(), key=lambda item: -len(item[1])):
        yield build(f'site/{name}', CHECK_PAGES, pages, config={'pages': fingerprint(*pages)})
    guide = _pages_below(paths.site / 'guide')
    yield build('guide', CHECK_PAGES, guide, config={'pages': fingerprint(*guide)})


def _lists(paths: Paths) -> dict[str, list[str]]:
    """Return the pages that list light curves, those of one table together; names without the number of the page."""
    found: dict[str, list[str]] = {}
    for page in sorted([*map(str, paths.site.glob('*.html')), *_pages_below(paths.site / 'tables')]):
        found.setdefault(re.sub(r'-\d+(?=\.html$)', '', os.path.relpath(page, paths.site)), []).append(page)
    return found


def _pages_below(folder: Path) -> list[str]:
    return sorted(os.path.join(top, name) for top, _, names in os.walk(folder) for name in names if name.endswith('.html'))
