"""A miniature of the pipeline: the real tasks, catalog, prune and reset, with steps that do next to nothing.

An exposure is a JSON file called `<rootname>_corrtag.fits`. Run as a dodo file by tests of how doit drives the steps.
"""

import json
import sys
import time
import types
from dataclasses import replace
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
from hstlc.tasks import index, site


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


def make_target_pages(settings, target, stems, rejected):
    paths = Paths(settings)
    write_text(paths.site_target(target.slug), f'page of {target.slug}')
    for path in (paths.site_target_data(target.slug), paths.listing(target.slug)):
        write_text(path, json.dumps([stems, rejected]))
    for stem in stems:
        write_text(paths.site_lightcurve(stem), f'page of {stem}')


def _write(folder, names, *content):
    for name in names:
        write_text(folder / name, json.dumps([name, *content]))


def make_assets(settings):
    for name in site.asset_files(Paths(settings)):
        write_text(Path(name), Path(name).name)


def make_lists(settings, slugs, strays):
    summaries = [place.read_text() for slug in slugs if (place := Paths(settings).listing(slug)).is_file()]
    _write(Paths(settings).site, index.LIST_NAMES, summaries, strays)


def make_tables(settings, *listed):
    _write(Paths(settings).site, index.TABLE_NAMES, *listed)


def make_catalogs(settings, *listed):
    _write(Paths(settings).site, index.CATALOG_NAMES, *listed)


def make_forms(settings, *listed):
    _write(Paths(settings).site, index.FORM_NAMES, *listed)


def make_summaries(settings, *listed):
    _write(Paths(settings).plots, [f'{name}.html' for name in index.SUMMARY_NAMES], *listed)


def make_machine_files(settings, *listed):
    _write(Paths(settings).site, index.MACHINE_NAMES, *listed)


def check_site(settings):
    assert (Paths(settings).site / 'index.html').is_file()


def check_pages(settings, pages):
    assert all(Path(page).is_file() for page in pages)


MODULES = {
    'ingest': (ingest_exposure,),
    'lightcurves': (derive_corrtag, make_lightcurve, make_composite),
    'statistics': (make_stats,),
    'plots': (make_plots,),
    'pages': (make_target_pages,),
    'assets': (make_assets,),
    'index': (make_lists, make_tables, make_catalogs, make_forms),
    'summaries': (make_summaries,),
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
