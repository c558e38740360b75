"""Writing an archive of known content as the pipeline leaves it, and its site."""

import dataclasses

from archive_builders import archive, statistics

from hstlc.files import records
from hstlc.files.output import sha256
from hstlc.files.products import write_lightcurve
from hstlc.paths import Paths
from hstlc.steps.guide import make_guide
from hstlc.steps.pages import make_index, make_target_pages, target_contexts
from hstlc.steps.plots import make_plots, make_summaries
from hstlc.steps.targets import load_targets


def write_records(settings):
    """Write products and records as the pipeline leaves them."""
    paths = Paths(settings)
    found, targets, curves, missing = archive()
    for one in found:
        records.save(paths.record(one.rootname), one)
    for made in curves:
        place = paths.absolute(made.outcome.product.path)
        write_lightcurve(place, made.lc)
        product = dataclasses.replace(made.outcome.product, bytes=place.stat().st_size, sha256=sha256(place))
        records.save(paths.outcome(made.outcome.stem), dataclasses.replace(made.outcome, product=product))
        records.save(paths.stats(made.outcome.stem), statistics(made.lc))
    records.save(paths.outcome(missing.stem), missing)
    write_targets(paths, targets)
    assert [target.name for target in load_targets(settings)] == [target.name for target in targets]
    return curves


def write_targets(paths, targets):
    text = records.to_json({'version': 1, 'targets': records.to_plain(targets)})
    paths.targets.write_text(text, encoding='utf-8')


def make_site(settings):
    """Run every step that makes the site."""
    paths = Paths(settings)
    for file in sorted(paths.outcome_records.glob('*.json')):
        make_plots(settings, file.stem)
    make_summaries(settings)
    for slug, context in target_contexts(settings).items():
        make_target_pages(settings, slug, context)
    make_index(settings)
    make_guide(settings)
