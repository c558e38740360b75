"""Figures: the pictures of a light curve and its interactive figure."""

import logging
from pathlib import Path
from typing import Any

from hstlc.figures.columns import band_payloads, details, payload, surroundings
from hstlc.figures.periodogram import periodogram_png
from hstlc.figures.spectra import dynamic_spectrum_png, picture
from hstlc.figures.static import light_curve_png, thumbnail_png
from hstlc.files import records
from hstlc.files.bandfile import read_bands
from hstlc.files.dynspec import read_dynamic_spectrum
from hstlc.files.output import write_bytes, write_text
from hstlc.files.products import read_lightcurve
from hstlc.model import Exposure, LightCurve, Outcome, Record, Statistics
from hstlc.paths import Paths
from hstlc.science.periodogram import original
from hstlc.science.statistics import series
from hstlc.settings import Settings
from hstlc.site.lightcurves import configuration, period
from hstlc.site.script import classic_script
from hstlc.site.text import exposures
from hstlc.steps.publishing import link_or_copy, publish_copies
from hstlc.steps.standalone import standalone

log = logging.getLogger(__name__)


def plot_targets(paths: Paths, outcome: Outcome) -> list[Path]:
    """Return the files that `make_plots` always writes for a light curve that has a product.

    The periodogram depends on the data (three bins at least, not constant), so it is not among them.
    """
    if outcome.product is None:
        return []
    stem, product = outcome.stem, outcome.product.path
    return [
        paths.static_figure(product),
        paths.interactive_figure(product),
        paths.plot_data(stem),
        paths.site_data(stem),
        paths.site_figure(stem),
        paths.site_figure(stem, '_thumb'),
        paths.site_product(stem),
        paths.site_product(stem, 'csv'),
        paths.site_product(stem, 'ecsv'),
    ]


def make_plots(settings: Settings, stem: str) -> None:
    """Draw a light curve and its periodogram, write its interactive figure, and put product and figures on the site.

    Needs `records/lightcurves/<stem>.json`, the light curve's FITS file and, where there is one, `records/stats/<stem>.json`.
    Writes what `plot_targets` names, and the periodogram where there can be one.

    Raises
    ------
    UnreadableError
        The light curve cannot be read.
    """
    paths = Paths(settings)
    outcome = records.load(paths.outcome(stem), Outcome)
    if outcome.product is None:
        return
    source = paths.absolute(outcome.product.path)
    lc = read_lightcurve(source)
    heading = _heading(outcome)
    _pictures(paths, outcome, lc, heading)
    _interactive(paths, outcome, lc, heading)
    _periodogram(paths, stem, lc, heading)
    _dynamic_spectrum(paths, outcome, heading)
    link_or_copy(source, paths.site_product(stem), link=not settings.group)
    publish_copies(paths, outcome, lc)
    log.info('%s: %d bins drawn', stem, len(lc.mjd))


def _heading(outcome: Outcome) -> str:
    what = exposures(len(outcome.rootnames)) if outcome.composite else ' '.join(outcome.rootnames)
    return f'{outcome.key.targname}  {configuration(outcome)}  {what}'


def _pictures(paths: Paths, outcome: Outcome, lc: LightCurve, heading: str) -> None:
    picture = light_curve_png(lc, heading)
    write_bytes(paths.static_figure(_path(outcome)), picture)
    write_bytes(paths.site_figure(outcome.stem), picture)
    write_bytes(paths.site_figure(outcome.stem, '_thumb'), thumbnail_png(lc))


def _path(outcome: Outcome) -> str:
    return outcome.product.path if outcome.product is not None else ''


def _interactive(paths: Paths, outcome: Outcome, lc: LightCurve, heading: str) -> None:
    _scripts(paths, outcome, lc)
    page = paths.interactive_figure(_path(outcome))
    context = {
        'heading': heading,
        'curve': True,
        'picture': paths.static_figure(_path(outcome)).name,
        'name': outcome.stem,
        'period': period(_statistics(paths, outcome.stem)),
    }
    write_text(page, standalone(paths, page, context))


def _scripts(paths: Paths, outcome: Outcome, lc: LightCurve) -> None:
    """Write the script that a page loads at first and those that it loads when a reader asks for more."""
    stem = outcome.stem
    bands = read_bands(paths.bands(_path(outcome))) if outcome.bands else {}
    first = {**payload(lc), 'bands': list(bands)}
    parts = {
        stem: classic_script('hstlc_curve', first),
        f'{stem}_more': _more('more', surroundings(lc)),
        **{f'{stem}_detail{k}': _more(f'detail{k}', part) for k, part in enumerate(details(lc))},
    }
    if bands:
        parts[f'{stem}_bands'] = _more('bands', band_payloads(bands, lc))
    for place in (paths.plot_data, paths.site_data):
        for name, script in parts.items():
            write_text(place(name), script)
        for old in place(stem).parent.glob(f'{stem}_*.js'):
            if old.stem not in parts:
                old.unlink()


def _more(name: str, value: Any) -> str:
    return classic_script(f'hstlc_{name}', value)


def _dynamic_spectrum(paths: Paths, outcome: Outcome, heading: str) -> None:
    """Draw the dynamic spectra of the members; where there is no wavelength there is no picture."""
    picture_path = paths.site_figure(outcome.stem, '_dynspec')
    members = [member for row in outcome.provenance if (member := _spectrum_of(paths, outcome, row)) is not None]
    found = None
    if members and outcome.key.cenwave and outcome.wmin_aa is not None and outcome.wmax_aa is not None:
        spectra = (read_dynamic_spectrum(path, exposure) for path, exposure in members)
        found = picture(spectra, len(members), (outcome.wmin_aa, outcome.wmax_aa))
    if found is None:
        picture_path.unlink(missing_ok=True)
    else:
        write_bytes(picture_path, dynamic_spectrum_png(found, f'Dynamic spectrum of {heading}', outcome.removed_aa))


def _spectrum_of(paths: Paths, outcome: Outcome, row: dict[str, Any]) -> tuple[Path, Exposure | None] | None:
    """Return the file of a member's dynamic spectrum and the member; None where there is no such file."""
    rootname = str(row['rootname'])
    record = paths.record(rootname)
    exposure = records.load(record, Record).exposure if record.is_file() else None
    path = paths.dynamic_spectrum(exposure.targname if exposure is not None else outcome.key.targname, rootname)
    return (path, exposure) if path.is_file() else None


def _periodogram(paths: Paths, stem: str, lc: LightCurve, heading: str) -> None:
    kept = (paths.periodogram(stem), paths.site_figure(stem, '_periodogram'))
    subset = paths.periodogram_subset / paths.periodogram(stem).name
    ranges = list(original(*series(lc)).values())
    for place in (*(() if ranges else kept), *(() if ranges and _periodic(paths, stem) else (subset,))):
        place.unlink(missing_ok=True)
    if not ranges:
        return
    picture = periodogram_png(ranges, f'Periodogram of {heading}')
    for place in kept:
        write_bytes(place, picture)
    if _periodic(paths, stem):
        write_bytes(subset, picture)


def _periodic(paths: Paths, stem: str) -> bool:
    stats = _statistics(paths, stem)
    return stats is not None and stats.periodogram


def _statistics(paths: Paths, stem: str) -> Statistics | None:
    return records.load(paths.stats(stem), Statistics) if paths.stats(stem).is_file() else None
