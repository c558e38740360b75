"""Writing an archive of known content as the pipeline leaves it, and its site."""

import dataclasses

import numpy as np
from archive_builders import archive, light_curve, record, statistics, target

from hstlc.files import records
from hstlc.files.bandfile import write_bands
from hstlc.files.dynspec import write_dynamic_spectrum
from hstlc.files.output import sha256
from hstlc.files.products import write_lightcurve
from hstlc.model import Cells, DynamicSpectrum, FluxSource, Product
from hstlc.paths import Paths
from hstlc.steps.assets import make_assets, publish_assets
from hstlc.steps.guide import make_guide
from hstlc.steps.index import make_catalogs, make_forms, make_lists, make_tables
from hstlc.steps.listing import load_listing
from hstlc.steps.machine import make_machine_files
from hstlc.steps.pages import load_archive, make_target_pages
from hstlc.steps.plots import make_plots
from hstlc.steps.records import load_targets
from hstlc.steps.summaries import make_summaries

FULL = 'GJ-436'  # the target whose composite has all that a light curve can have


def write_records(settings):
    """Write products and records as the pipeline leaves them."""
    paths = Paths(settings)
    found, targets, curves, missing = archive()
    for one in found:
        records.save(paths.record(one.rootname), one)
    for made in curves:
        place = paths.absolute(made.outcome.product.path)
        write_lightcurve(place, made.lc)
        outcome = write_more(paths, made) if made.outcome.composite and made.outcome.key.targname == FULL else made.outcome
        product = dataclasses.replace(made.outcome.product, bytes=place.stat().st_size, sha256=sha256(place))
        records.save(paths.outcome(made.outcome.stem), dataclasses.replace(outcome, product=product))
        records.save(paths.stats(made.outcome.stem), statistics(made.lc))
    records.save(paths.outcome(missing.stem), missing)
    write_targets(paths, targets)
    assert [target.name for target in load_targets(settings)] == [target.name for target in targets]
    return curves


BANDS = ('C II 1335', 'FUV continuum 1380')


def with_all(made):
    """Return a light curve with airglow, altitude of the Sun and barycentric times, and those of two bands."""
    lc = made.lc
    days = lc.mjd - lc.mjd[0]
    sun = 80 * np.cos(2 * np.pi * days / (95.6 / 1440))
    whole = dataclasses.replace(
        lc,
        sun_alt_deg=sun,
        airglow=1 + np.maximum(sun, 0) / 80,
        bjd_tdb=lc.mjd + 2400000.5 + (69.2 + 300 * np.cos(days / 58)) / 86400,
    )
    bands = {name: light_curve(lc.exposures, rate=rate, seed=7) for name, rate in zip(BANDS, (4.0, 9.0), strict=True)}
    return whole, bands


def dynamic_spectrum(one):
    """Return a dynamic spectrum of an exposure: a line at 1335 Angstrom, and a background of a tenth of it everywhere."""
    n_time, n_wave = int(one.exptime_s), 260
    time, wave = np.divmod(np.arange(n_time * n_wave), n_wave)
    counts = np.where(wave == 165, 20.0, 1.0)

    def cells(w):
        n = np.ones(len(w), np.int32)
        return Cells(time=time.astype(np.int32), wave=wave.astype(np.int16), n=n, w=w, w2=w, f=w * 1e-15, f2=w * 1e-30)

    return DynamicSpectrum(
        exposure=one, t0_mjd=one.expstart_mjd, start_s=0.0, step_s=1.0, live_s=np.ones(n_time), bjd_offset_s=np.zeros(n_time),
        sun_alt_deg=np.zeros(n_time), quality=np.zeros(n_time, np.int64), wave0_aa=1170.0, wave_step_aa=1.0,
        good_width_aa=np.where(np.arange(n_wave) == 45, 0.0, 1.0), x1d_background=np.full(n_wave, np.nan),
        x1d_background_flux=np.full(n_wave, np.nan), source=cells(counts), background=cells(np.full(len(time), 0.1)),
        gti_s=np.array([[0.0, one.exptime_s]]), flux_source=FluxSource.X1D, hstpos='TIMELINE', time_error_s=0.03, wmin_aa=1170.0,
        wmax_aa=1430.0,
    )  # fmt: skip


def write_more(paths, made):
    """Write bands and dynamic spectra of a light curve, and return its outcome."""
    lc, bands = with_all(made)
    product = paths.absolute(made.outcome.product.path)
    write_lightcurve(product, lc)
    place = paths.bands(made.outcome.product.path)
    write_bands(place, bands)
    for one in lc.exposures:
        write_dynamic_spectrum(paths.dynamic_spectrum(one.targname, one.rootname), dynamic_spectrum(one))
    file = Product(path=paths.relative(place), bytes=place.stat().st_size, sha256=sha256(place))
    return dataclasses.replace(made.outcome, bands=tuple(bands), bands_product=file)


def write_one(settings, made):
    """Write an archive of one light curve, and its site without the guide."""
    paths = Paths(settings)
    for one in made.lc.exposures:
        records.save(paths.record(one.rootname), record(one))
    place = paths.absolute(made.outcome.product.path)
    write_lightcurve(place, made.lc)
    records.save(paths.outcome(made.outcome.stem), made.outcome)
    records.save(paths.stats(made.outcome.stem), made.statistics)
    write_targets(paths, (target(made.outcome.key.targname, *made.lc.exposures),))
    make_plots(settings, made.outcome.stem)
    make_pages_of_targets(settings)
    publish_assets(paths.site_assets)


def write_targets(paths, targets):
    text = records.to_json({'version': 1, 'targets': records.to_plain(targets)})
    paths.targets.write_text(text, encoding='utf-8')


def make_site(settings):
    """Run every step that makes the site."""
    make_pages(settings)
    make_guide(settings)


def make_pages(settings):
    """Run every step that makes the site but the guide."""
    paths = Paths(settings)
    for file in sorted(paths.outcome_records.glob('*.json')):
        make_plots(settings, file.stem)
    make_pages_of_targets(settings)
    make_index(settings)


def make_pages_of_targets(settings):
    """Write the pages of every target."""
    found = load_archive(settings)
    for one in found.targets:
        make_target_pages(settings, one, *found.about(one))


def make_index(settings):
    """Run every step that lists the archive."""
    make_assets(settings)
    for make in (make_forms, make_catalogs, make_tables, make_summaries, make_lists, make_machine_files):
        make(settings, *listed(settings))


def listed(settings):
    """Return the targets of an archive, and the rejected exposures that belong to none."""
    found = load_archive(settings)
    return [one.slug for one in found.targets], found.strays


def listing(settings):
    """Return what is listed of an archive."""
    return load_listing(settings, *listed(settings))
