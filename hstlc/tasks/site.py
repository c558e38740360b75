"""Tasks of figures and the web site."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import hstlc
from hstlc.files.records import to_plain
from hstlc.paths import Paths, shared
from hstlc.tasks import archive
from hstlc.tasks.building import Step, Task, after, build, cleaning, content_digest, fingerprint, listing
from hstlc.tasks.session import current

WORDS = ('title', 'contact', 'doi', 'interesting')
PLOTS = Step('hstlc.steps.plots:make_plots', version=3, settings=('group',), heavy=True)
SUMMARIES = Step('hstlc.steps.plots:make_summaries', settings=WORDS)
TARGET_PAGES = Step('hstlc.steps.pages:make_target_pages', version=3, settings=WORDS, heavy=True)
INDEX = Step('hstlc.steps.pages:make_index', version=3, settings=(*WORDS, 'site_url'))
MACHINE = Step('hstlc.steps.machine:make_machine_files', settings=('title', 'contact', 'doi', 'site_url'))
GUIDE = Step('hstlc.steps.guide:make_guide', settings=('title',))
PRUNE = Step('hstlc.steps.prune:put_files_aside')
CHECK = Step('hstlc.steps.check:check_site')

SUMMARY_NAMES = (
    'exptime_histogram', 'opt_elem', 'exposures_by_date', 'pie_config_cos_fuv', 'pie_config_cos_nuv', 'pie_config_stis_fuv',
    'pie_config_stis_nuv', 'interesting_hstlc', 'boring_hstlc', 'null_hstlc',
)  # fmt: skip
INDEX_NAMES = (
    'index.html', 'browse.html', 'summaries.html', '404.html', 'catalog.json', 'catalog.csv', 'catalog.ecsv', 'catalog.fits',
    'catalog.xml',
)  # fmt: skip

MACHINE_NAMES = ('feed.xml', 'manifest.json', 'CITATION.cff', 'hstlc.bib')


def _templates() -> str:
    return content_digest(str(shared('site_templates')))


def plot_targets(paths: Paths, stem: str, product: str) -> list[str]:
    """Return the files that are drawn of every light curve; the same as `steps.plots` says, without importing it."""
    places = (
        paths.static_figure(product), paths.interactive_figure(product), paths.plot_data(stem), paths.site_data(stem),
        paths.site_figure(stem), paths.site_thumbnail(stem), paths.site_product(stem),
        paths.site_table(stem, 'csv'), paths.site_table(stem, 'ecsv'),
    )  # fmt: skip
    return [str(place) for place in places]


@after('catalog')
def task_plots() -> Iterator[Task]:
    """Draw every light curve and its periodogram, and the summaries of the archive."""
    paths = current().paths
    for stem, outcome in listing(partial(archive.outcomes, paths)).items():
        if outcome.product is not None:
            product, stats = outcome.product.path, str(paths.stats(stem))
            yield build(
                stem,
                PLOTS,
                stem,
                file_dep=[str(paths.outcome(stem)), str(paths.absolute(product)), *([stats] if os.path.isfile(stats) else [])],
                targets=plot_targets(paths, stem, product),
            )
    yield build(
        'summaries',
        SUMMARIES,
        targets=[str(paths.summary_plot(name)) for name in SUMMARY_NAMES],
        config={'records': fingerprint(str(paths.records)), 'templates': _templates()},
        clean=cleaning('hstlc.steps.clean:remove_plots'),
    )


@after('plots')
def task_pages() -> Iterator[Task]:
    """Write the pages of targets and light curves, and the pages that list them."""
    paths, slugs = current().paths, []
    for about in listing(partial(archive.about_targets, paths)):
        slugs.append(about.target.slug)
        yield build(
            about.target.slug,
            TARGET_PAGES,
            about.target.slug,
            file_dep=[str(paths.site_figure(outcome.stem)) for outcome in about.curves if outcome.product is not None],
            targets=_target_pages(paths, about),
            config={'records': about.records, 'target': to_plain(about.target), 'templates': _templates()},
        )
    yield build(
        'index',
        INDEX,
        targets=[str(paths.site / name) for name in INDEX_NAMES],
        config={'records': fingerprint(str(paths.records)), 'templates': _templates()},
        clean=cleaning('hstlc.steps.clean:remove_site'),
    )
    yield _machine(paths, slugs)


def _target_pages(paths: Paths, about: archive.About) -> list[str]:
    slug = about.target.slug
    places = (paths.site_target(slug), paths.site_target_data(slug))
    return [*(str(place) for place in places), *(str(paths.site_lightcurve(outcome.stem)) for outcome in about.curves)]


def _machine(paths: Paths, slugs: Sequence[str]) -> Task:
    return build(
        'machine',
        MACHINE,
        file_dep=[*(str(paths.site_target_data(slug)) for slug in slugs), str(paths.site / 'catalog.json')],
        targets=[str(paths.site / name) for name in MACHINE_NAMES],
        config={'records': fingerprint(str(paths.records))},
    )


@after('pages')
def task_guide() -> Iterator[Task]:
    """Render the guide with mkdocs."""
    documented = str(Path(hstlc.__file__).parent)  # the reference is made from docstrings
    sources = content_digest(*(str(shared(name)) for name in ('content', 'site_templates', 'mkdocs.yml')), documented)
    target = str(current().paths.site / 'guide' / 'index.html')
    yield build('mkdocs', GUIDE, targets=[target], config={'sources': sources})


@after('guide')
def task_prune() -> Iterator[Task]:
    """Put products and pages aside that belong to no exposure any more."""
    from hstlc.steps.prune import files_without_owner

    session = current()
    names = listing(partial(files_without_owner, session.settings))
    yield build('files', PRUNE, names, uptodate=[not names])


@after('prune')
def task_check() -> Iterator[Task]:
    """Look for dead links and missing figures in the site."""
    paths = current().paths
    yield build('site', CHECK, config={'site': fingerprint(str(paths.site))})
