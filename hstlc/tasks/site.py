"""Tasks of figures and the web site."""

import os
from collections.abc import Iterator
from functools import partial

from hstlc.files.records import to_plain
from hstlc.paths import shared
from hstlc.tasks import archive
from hstlc.tasks.building import Step, Task, after, build, cleaning, fingerprint, listing
from hstlc.tasks.session import current

PLOTS = Step('hstlc.steps.plots:make_plots', settings=('title', 'periodogram_power'))
SUMMARIES = Step('hstlc.steps.plots:make_summaries', settings=('title', 'interesting'))
TARGET_PAGES = Step('hstlc.steps.pages:make_target_pages', settings=('title', 'site_url', 'contact', 'doi'))
INDEX = Step('hstlc.steps.pages:make_index', settings=('title', 'site_url', 'contact', 'doi'))
GUIDE = Step('hstlc.steps.guide:make_guide', settings=('title', 'site_url'))
PRUNE = Step('hstlc.steps.prune:put_files_aside')
CHECK = Step('hstlc.steps.check:check_site')


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
                targets=[str(paths.static_figure(product)), str(paths.interactive_figure(product)), str(paths.site_figure(stem))],
            )
    records = fingerprint(str(paths.records))
    yield build('summaries', SUMMARIES, config={'records': records}, clean=cleaning('hstlc.steps.clean:remove_plots'))


@after('plots')
def task_pages() -> Iterator[Task]:
    """Write the pages of targets and light curves, and the pages that list them."""
    paths = current().paths
    templates = fingerprint(str(shared('site_templates')))
    for target in listing(partial(archive.targets, paths)):
        yield build(
            target.slug,
            TARGET_PAGES,
            target.slug,
            targets=[str(paths.site_target(target.slug))],
            config={'about': archive.about(paths, target), 'target': to_plain(target), 'templates': templates},
        )
    yield build(
        'index',
        INDEX,
        targets=[str(paths.site / 'index.html')],
        config={'records': fingerprint(str(paths.records)), 'templates': templates},
        clean=cleaning('hstlc.steps.clean:remove_site'),
    )


@after('pages')
def task_guide() -> Iterator[Task]:
    """Render the guide with mkdocs."""
    sources = [str(shared(name)) for name in ('content', 'site_templates', 'mkdocs.yml')]
    target = str(current().paths.site / 'guide' / 'index.html')
    yield build('mkdocs', GUIDE, targets=[target], config={'sources': fingerprint(*sources)})


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
