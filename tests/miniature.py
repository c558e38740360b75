"""A miniature of the pipeline: the real tasks, catalog, prune and reset, with steps that do next to nothing.

An exposure is a JSON file called `<rootname>_corrtag.fits`. Run as a dodo file by tests of how doit drives the steps.
"""

import json
import sys
import time
import types
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from hstlc.errors import InputError
from hstlc.files import records
from hstlc.files.output import move, sha256, write_text
from hstlc.model import (
    Exposure,
    GroupKey,
    InputFile,
    Instrument,
    Outcome,
    Product,
    Reason,
    Record,
    Rejection,
    Statistics,
    Status,
)
from hstlc.names import composite_stem, curve_stem
from hstlc.paths import Paths
from hstlc.tasks import archive, site


def _exposure(rootname, path, facts):
    return Exposure(
        rootname=rootname,
        filename=path.name,
        files=(InputFile(name=path.name, bytes=path.stat().st_size, sha256=sha256(path)),),
        instrume=Instrument.COS,
        detector='FUV',
        header_targname=facts['targname'],
        targname=facts['targname'],
        opt_elem='G130M',
        cenwave=1291,
        aperture='PSA',
        expstart_mjd=55000.0 + facts.get('day', 0),
        expend_mjd=55000.1 + facts.get('day', 0),
        exptime_s=100.0,
    )


def ingest_exposure(settings, rootname, names, today):
    paths = Paths(settings)
    source = Path(names[0])
    facts = json.loads(source.read_text())
    exposure = _exposure(rootname, source, facts)
    bad = facts.get('bad', False)
    folder = paths.bad_data if bad else paths.input_folder(exposure.targname)
    records.save(
        paths.record(rootname),
        Record(
            rootname=rootname,
            status=Status.REJECTED if bad else Status.ACCEPTED,
            ingest_date=today,
            path=paths.relative(folder),
            filename=source.name,
            exposure=exposure,
            rejections=(Rejection(reason=Reason.SHORT_EXPOSURE, detail='0.1 s'),) if bad else (),
        ),
    )
    move(source, folder / source.name)


def _key(exposure, targname):
    return replace(GroupKey.of(exposure), targname=targname)


def _outcome(paths, stem, key, rootnames, path):
    product = Product(path=paths.relative(path), bytes=path.stat().st_size, sha256=sha256(path))
    composite = stem.startswith('hlsp')
    records.save(paths.outcome(stem), Outcome(stem=stem, composite=composite, key=key, rootnames=rootnames, product=product))


def derive_corrtag(settings, record):
    raise AssertionError('the miniature has no STIS exposure')


def make_lightcurve(settings, record):
    paths, exposure = Paths(settings), record.exposure
    source = paths.absolute(record.path) / record.filename
    facts = json.loads(source.read_text())
    time.sleep(facts.get('sleep', 0))
    if facts.get('fail'):
        raise InputError(f'{source} cannot be used; replace it')
    if facts.get('crash'):
        raise ZeroDivisionError('a bug')
    curve = paths.curve(exposure.targname, record.rootname)
    write_text(curve, f'curve of {record.rootname}, step {settings.step}, {source.read_text()}')
    write_text(paths.dynamic_spectrum(exposure.targname, record.rootname), source.read_text())
    _outcome(paths, curve_stem(record.rootname), _key(exposure, exposure.targname), (record.rootname,), curve)


def make_composite(settings, key, rootnames):
    paths = Paths(settings)
    members = [records.load(paths.record(name), Record).exposure for name in rootnames]
    content = ''.join(paths.dynamic_spectrum(item.targname, item.rootname).read_text() for item in members)
    write_text(paths.composite(key), content)
    _outcome(paths, composite_stem(key), key, rootnames, paths.composite(key))


def make_stats(settings, stem):
    paths = Paths(settings)
    values = dict.fromkeys(('mean', 'mu', 'stdev', 'poisson_factor', 'pearson_r', 'pearson_p'), 1.0)
    records.save(paths.stats(stem), Statistics(total=1, periodogram=False, deliver=False, **values))


def make_guide(settings):
    write_text(Paths(settings).site / 'guide' / 'index.html', 'guide')


def make_plots(settings, stem):
    paths = Paths(settings)
    product = records.load(paths.outcome(stem), Outcome).product.path
    for path in (str(paths.periodogram(stem)), *site.plot_targets(paths, stem, product)):
        write_text(Path(path), f'figure of {stem}')


def make_summaries(settings):
    for name in site.SUMMARY_NAMES:
        write_text(Paths(settings).summary_plot(name), name)


def make_target_pages(settings, slug):
    paths = Paths(settings)
    write_text(paths.site_target(slug), f'page of {slug}')
    write_text(paths.site_target_data(slug), json.dumps(f'data of {slug}'))
    for stem in _curves(paths, paths.outcome_records.stat().st_mtime_ns, paths.targets.stat().st_mtime_ns)[slug]:
        write_text(paths.site_lightcurve(stem), f'page of {stem}')


@lru_cache(maxsize=1)
def _curves(paths, *_times):
    return {about.target.slug: [outcome.stem for outcome in about.curves] for about in archive.about_targets(paths)}


def make_index(settings):
    for name in site.INDEX_NAMES:
        write_text(Paths(settings).site / name, json.dumps(name))


def make_machine_files(settings):
    for name in site.MACHINE_NAMES:
        write_text(Paths(settings).site / name, json.dumps(name))


def check_site(settings):
    assert (Paths(settings).site / 'index.html').is_file()


def check_pages(settings, pages):
    assert all(Path(page).is_file() for page in pages)


MODULES = {
    'ingest': (ingest_exposure,),
    'lightcurves': (derive_corrtag, make_lightcurve, make_composite),
    'statistics': (make_stats,),
    'plots': (make_plots, make_summaries),
    'pages': (make_target_pages, make_index),
    'machine': (make_machine_files,),
    'guide': (make_guide,),
    'check': (check_site, check_pages),
}


def install():
    """Put the miniature's steps in the place of the real ones, in this process."""
    for name, functions in MODULES.items():
        module = types.ModuleType(f'hstlc.steps.{name}')
        for function in functions:
            setattr(module, function.__name__, function)
        sys.modules[module.__name__] = module
