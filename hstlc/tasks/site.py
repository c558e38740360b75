"""Tasks of figures and pages, per light curve and per target."""

import os
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version

from hstlc.files.records import to_plain
from hstlc.paths import Paths, shared
from hstlc.tasks import archive
from hstlc.tasks.building import Step, Task, after, build, content_digest, listing
from hstlc.tasks.session import current

WORDS = ('title', 'contact', 'doi', 'interesting')
PLOTS = Step('hstlc.steps.plots:make_plots', version=4, settings=('group',), heavy=True)
ASSETS = Step('hstlc.steps.assets:make_assets')
TARGET_PAGES = Step('hstlc.steps.pages:make_target_pages', version=8, settings=WORDS, heavy=True)


def templates() -> str:
    """Return a hash of all templates."""
    return content_digest(str(shared('site_templates')))


def plot_targets(paths: Paths, stem: str, product: str) -> list[str]:
    """Return the files that are drawn of every light curve; the same as `steps.plots` says, without importing it."""
    beside = os.path.join(str(paths.home), product).removesuffix('.fits')
    return [
        f'{beside}.png', f'{beside}.html', f'{paths.plot_assets}/data/{stem}.js', f'{paths.site}/data/{stem}.js',
        f'{paths.site}/figures/{stem}.png', f'{paths.site}/figures/{stem}_thumb.png',
        *(f'{paths.site}/products/{stem}.{kind}' for kind in ('fits', 'csv', 'ecsv')),
    ]  # fmt: skip


@after('stats')  # beside the catalog, which no figure needs
def task_plots() -> Iterator[Task]:
    """Draw every light curve and its periodogram; put style, scripts and fonts where pages look for them."""
    paths = current().paths
    yield _assets(paths)
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


def _assets(paths: Paths) -> Task:
    """Return the task of style, scripts and fonts, which change with the program only."""
    made, config = asset_files(paths), {'templates': templates(), 'bokeh': version('bokeh')}
    return build('assets', ASSETS, targets=made, watched=made, config=config)


def asset_files(paths: Paths) -> list[str]:
    """Return what all pages load, of the site and in plots/."""
    source = shared('site_templates') / 'assets'
    names = [str(file.relative_to(source)) for file in sorted(source.rglob('*')) if file.is_file()]
    names += ['bokeh.min.js', 'dashboard.js', 'charts.js']
    return [f'{folder}/{name}' for folder in (paths.site_assets, paths.plot_assets) for name in names]


@after('plots')
def task_pages() -> Iterator[Task]:
    """Write the pages of targets and their light curves."""
    paths = current().paths
    for about in listing(partial(archive.about_targets, paths)):
        yield build(
            about.target.slug,
            TARGET_PAGES,
            about.target,
            tuple(outcome.stem for outcome in about.curves),
            about.rejected,
            file_dep=[f'{paths.site}/figures/{outcome.stem}.png' for outcome in about.curves if outcome.product is not None],
            targets=(made := [*target_pages(paths, about), *_target_data(paths, about)]),
            watched=made,
            config={'records': about.records, 'target': to_plain(about.target), 'templates': templates()},
        )


def target_pages(paths: Paths, about: archive.About) -> list[str]:
    """Return the pages of a target and its light curves."""
    curves = [f'{paths.site}/lightcurves/{outcome.stem}.html' for outcome in about.curves]
    return [f'{paths.site}/targets/{about.target.slug}.html', *curves]


def _target_data(paths: Paths, about: archive.About) -> list[str]:
    return [f'{paths.site}/targets/{about.target.slug}.json', f'{paths.listings}/{about.target.slug}.json']
