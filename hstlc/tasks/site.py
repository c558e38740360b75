"""Tasks of figures and the web site."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import hstlc
from hstlc.files.records import to_plain
from hstlc.paths import Paths, shared
from hstlc.tasks import archive
from hstlc.tasks.building import Step, Task, after, build, cleaning, content_digest, digest, fingerprint, listing
from hstlc.tasks.commandline import says_yes
from hstlc.tasks.session import current

WORDS = ('title', 'contact', 'doi', 'interesting')
PLOTS = Step('hstlc.steps.plots:make_plots', version=4, settings=('group',), heavy=True)
SUMMARIES = Step('hstlc.steps.plots:make_summaries', version=2, settings=WORDS)
TARGET_PAGES = Step('hstlc.steps.pages:make_target_pages', version=5, settings=WORDS, heavy=True)
INDEX = Step('hstlc.steps.pages:make_index', version=6, settings=(*WORDS, 'site_url'))
MACHINE = Step('hstlc.steps.machine:make_machine_files', version=2, settings=('title', 'contact', 'doi', 'site_url'))
GUIDE = Step('hstlc.steps.guide:make_guide', settings=('title',))
PRUNE = Step('hstlc.steps.prune:prune')
CHECK = Step('hstlc.steps.check:check_site')
CHECK_PAGES = Step('hstlc.steps.check:check_pages')

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
    beside = os.path.join(str(paths.home), product).removesuffix('.fits')
    return [
        f'{beside}.png', f'{beside}.html', f'{paths.plot_assets}/data/{stem}.js', f'{paths.site}/data/{stem}.js',
        f'{paths.site}/figures/{stem}.png', f'{paths.site}/figures/{stem}_thumb.png',
        *(f'{paths.site}/products/{stem}.{kind}' for kind in ('fits', 'csv', 'ecsv')),
    ]  # fmt: skip


@after('catalog')
def task_plots() -> Iterator[Task]:
    """Draw every light curve and its periodogram, and the summaries of the archive."""
    paths = current().paths
    with_statistics = archive.names_of_statistics(paths)
    for stem, outcome in listing(partial(archive.outcomes, paths)).items():
        if outcome.product is not None:
            product, stats = outcome.product.path, f'{paths.stats_records}/{stem}.json'
            yield build(
                stem,
                PLOTS,
                stem,
                file_dep=[
                    f'{paths.outcome_records}/{stem}.json',
                    os.path.join(str(paths.home), product),
                    *([stats] if f'{stem}.json' in with_statistics else []),
                ],
                targets=plot_targets(paths, stem, product),
            )
    yield build(
        'summaries',
        SUMMARIES,
        targets=(made := [str(paths.summary_plot(name)) for name in SUMMARY_NAMES]),
        watched=made,
        config={'records': archive.fingerprint_of_records(paths), 'templates': _templates()},
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
            file_dep=[f'{paths.site}/figures/{outcome.stem}.png' for outcome in about.curves if outcome.product is not None],
            targets=(made := _target_pages(paths, about)),
            watched=made,
            config={'records': about.records, 'target': to_plain(about.target), 'templates': _templates()},
        )
    yield build(
        'index',
        INDEX,
        targets=(made := [str(paths.site / name) for name in INDEX_NAMES]),
        watched=made,
        config={'records': archive.fingerprint_of_records(paths), 'templates': _templates()},
        clean=cleaning('hstlc.steps.clean:remove_site'),
    )
    yield _machine(paths, slugs)


def _target_pages(paths: Paths, about: archive.About) -> list[str]:
    slug, site = about.target.slug, paths.site
    curves = [f'{site}/lightcurves/{outcome.stem}.html' for outcome in about.curves]
    return [f'{site}/targets/{slug}.html', f'{site}/targets/{slug}.json', *curves]


def _machine(paths: Paths, slugs: Sequence[str]) -> Task:
    return build(
        'machine',
        MACHINE,
        file_dep=[*(f'{paths.site}/targets/{slug}.json' for slug in slugs), str(paths.site / 'catalog.json')],
        targets=(made := [str(paths.site / name) for name in MACHINE_NAMES]),
        watched=made,
        config={'records': archive.fingerprint_of_records(paths)},
    )


@after('pages')
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
    targets = [target.slug for target in listing(partial(archive.targets, paths))]
    curves = sorted((stem, outcome.product is not None) for stem, outcome in archive.outcomes(paths).items())
    yield build('files', PRUNE, config={'owners': digest([sorted(archive.accepted(paths)), curves, targets])})


@after('prune')
def task_check() -> Iterator[Task]:
    """Look for dead links and missing figures in what changed of the site (all=yes: in all of it)."""
    paths = current().paths
    if says_yes('all'):
        yield build('everything', CHECK, uptodate=[False])
        return
    for about in listing(partial(archive.about_targets, paths)):
        pages = [name for name in _target_pages(paths, about) if name.endswith('.html')]
        yield build(about.target.slug, CHECK_PAGES, pages, file_dep=pages)
    listings = [*map(str, paths.site.glob('*.html')), *_pages_below(paths.site / 'tables')]
    for name, pages in (('site', sorted(listings)), ('guide', _pages_below(paths.site / 'guide'))):
        yield build(name, CHECK_PAGES, pages, config={'pages': fingerprint(*pages)})


def _pages_below(folder: Path) -> list[str]:
    return sorted(os.path.join(top, name) for top, _, names in os.walk(folder) for name in names if name.endswith('.html'))
