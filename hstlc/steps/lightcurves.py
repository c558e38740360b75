"""Corrtags, dynamic spectra, individual and composite light curves, and the record of what became of each."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from hstlc.errors import UnreadableError
from hstlc.files import records
from hstlc.files.dynspec import read_dynamic_spectrum, write_dynamic_spectrum
from hstlc.files.eventlist import open_events
from hstlc.files.exposurenames import X1D_SUFFIX, is_tag
from hstlc.files.output import sha256
from hstlc.files.products import write_lightcurve
from hstlc.files.x1d import read_x1d
from hstlc.model import DynamicSpectrum, Exposure, FluxSource, GroupKey, LightCurve, Outcome, Product, Quality, Record
from hstlc.names import composite_stem, curve_stem
from hstlc.paths import Paths
from hstlc.science.band import choose_band, default_windows
from hstlc.science.composite import Plan, combine, coverage, member_curve, plan
from hstlc.science.lightcurve import light_curve, with_warning
from hstlc.science.namedbands import combine_bands
from hstlc.science.oddities import annotate, strong_airglow
from hstlc.settings import Settings
from hstlc.steps.bands import find_bands, save_bands
from hstlc.steps.calibration import correct_tag
from hstlc.steps.extraction import extract
from hstlc.steps.made import put_edited_aside, tell_edited
from hstlc.steps.regions import NotExtractable

log = logging.getLogger(__name__)


def derive_corrtag(settings: Settings, record: Record) -> None:
    """Write the corrtag of an accepted STIS tag; the raw file stays."""
    exposure = _exposure(record)
    paths = Paths(settings)
    folder = paths.absolute(record.path)
    tag = next(folder / item.name for item in exposure.files if is_tag(Path(item.name)))
    x1d = next((folder / item.name for item in exposure.files if item.name.lower().endswith(X1D_SUFFIX)), None)
    try:
        spectra = read_x1d(x1d, exposure.expstart_mjd).spectra if x1d else ()
    except UnreadableError as error:
        log.warning('%s; its corrtag carries the linear wavelengths of the header', error)
        spectra = ()
    corrections = correct_tag(paths.corrtag(exposure.targname, exposure.rootname), open_events(tag), spectra, paths.references)
    lacking = f', without {", ".join(corrections.missing)}' if corrections.missing else ''
    log.info('%s: corrtag%s', exposure.rootname, lacking)


def _exposure(record: Record) -> Exposure:
    if record.exposure is None:
        raise ValueError(f'{record.rootname} was rejected as unreadable')
    return record.exposure


def make_lightcurve(settings: Settings, record: Record) -> str | None:
    """Write the dynamic spectrum, the individual light curve and the outcome of an accepted exposure.

    An exposure that is good but cannot be extracted has an outcome that says why, and no files.

    Returns
    -------
    str or None
        What to say of a light curve that somebody had changed by hand.
    """
    exposure = _exposure(record)
    paths = Paths(settings)
    key = GroupKey.of(exposure)
    stem = curve_stem(exposure.rootname)
    found = extract(settings, paths.absolute(record.path), exposure)
    if isinstance(found, NotExtractable):
        _nothing(paths, Outcome(stem=stem, composite=False, key=key, rootnames=(exposure.rootname,), why_not=found.why))
        return None
    spectrum = annotate(replace(found, warnings=tuple(dict.fromkeys((*record.warnings, *found.warnings)))))
    windows = default_windows(spectrum, settings.airglow)
    band = choose_band(spectrum, windows, settings.wmin, settings.wmax)
    curve = light_curve(spectrum, band, key, step_s=settings.step, min_fracexp=settings.min_fracexp)
    write_dynamic_spectrum(paths.dynamic_spectrum(exposure.targname, exposure.rootname), spectrum)
    if not band.cells.any():
        why = 'no good wavelength is left between the limits and outside the airglow windows'
        _nothing(paths, Outcome(stem=stem, composite=False, key=key, rootnames=(exposure.rootname,), why_not=why))
        return None
    if strong_airglow(curve.airglow, curve.net):
        curve = with_warning(curve, 'W_AIRGLOW')
    bands = find_bands(settings, spectrum, curve, windows, (settings.wmin, settings.wmax))
    return _save(settings, paths.curve(exposure.targname, exposure.rootname), stem, curve, bands, composite=False)


def _nothing(paths: Paths, outcome: Outcome) -> None:
    log.info('%s: no light curve: %s', outcome.stem, outcome.why_not)
    records.save(paths.outcome(outcome.stem), outcome)


def _save(
    settings: Settings,
    path: Path,
    stem: str,
    curve: LightCurve,
    bands: dict[str, LightCurve],
    *,
    composite: bool,
    left_out: tuple[str, ...] = (),
) -> str | None:
    paths = Paths(settings)
    edited = put_edited_aside(paths, stem)
    write_lightcurve(path, curve, doi=settings.doi)
    product = Product(path=paths.relative(path), bytes=path.stat().st_size, sha256=sha256(path))
    outcome = _outcome(stem, curve, product, composite, left_out)
    held = replace(outcome, bands=tuple(bands), bands_product=save_bands(settings, path, bands))
    records.save(paths.outcome(stem), held)
    log.info('%s: %d bins, %.1f s', stem, len(curve.mjd), curve.exptime_s.sum())
    return tell_edited(edited)


def _outcome(stem: str, curve: LightCurve, product: Product, composite: bool, left_out: tuple[str, ...]) -> Outcome:
    live = float(curve.exptime_s.sum())
    good = (curve.quality & int(Quality.LOWEXP)) == 0
    weight = np.where(good, curve.exptime_s, 0.0)
    total = float(weight.sum()) or 1.0
    calibrated = FluxSource.NONE not in curve.flux_sources
    return Outcome(
        stem=stem,
        composite=composite,
        key=curve.key,
        rootnames=tuple(item.rootname for item in curve.exposures),
        product=product,
        n_bins=len(curve.mjd),
        step_s=curve.step_s,
        mjd_beg=float(curve.gti_mjd[0, 0]),
        mjd_end=float(curve.gti_mjd[-1, 1]),
        exptime_s=live,
        wmin_aa=curve.wmin_aa,
        wmax_aa=curve.wmax_aa,
        removed_aa=curve.removed_aa,
        mean_net=float((curve.net * weight).sum()) / total,
        mean_net_err=float(np.sqrt(((curve.net_err * weight) ** 2).sum())) / total,
        mean_flux=float((curve.flux * weight).sum()) / total if calibrated else None,
        mean_flux_err=float(np.sqrt(((curve.flux_err * weight) ** 2).sum())) / total if calibrated else None,
        flux_sources=tuple(item.value for item in curve.flux_sources),
        warnings=curve.warnings,
        left_out=left_out,
        provenance=tuple(records.to_plain(row) for row in curve.provenance),
    )


def make_composite(settings: Settings, key: GroupKey, rootnames: tuple[str, ...]) -> str | None:
    """Write the composite of a configuration from its members' dynamic spectra, one at a time, and its outcome.

    Parameters
    ----------
    settings : Settings
        The settings.
    key : GroupKey
        The configuration.
    rootnames : tuple of str
        Accepted exposures of it; those without a dynamic spectrum are passed over.

    Returns
    -------
    str or None
        What to say of a composite that somebody had changed by hand.
    """
    paths = Paths(settings)
    stem = composite_stem(key)
    members = [exposure for name in rootnames if (exposure := _with_spectrum(paths, name)) is not None]
    if not members:
        why = 'none of its exposures has a light curve'
        _nothing(paths, Outcome(stem=stem, composite=True, key=key, rootnames=rootnames, why_not=why))
        return None
    chosen, curves, bands = _member_curves(settings, paths, key, members)
    if not curves:
        why = 'its exposures share no wavelengths'
        _nothing(paths, Outcome(stem=stem, composite=True, key=key, rootnames=rootnames, why_not=why))
        return None
    whole, lines = combine(curves), combine_bands(bands)
    return _save(settings, paths.composite(key), stem, whole, lines, composite=True, left_out=chosen.left_out)


def _with_spectrum(paths: Paths, rootname: str) -> Exposure | None:
    exposure = _exposure(records.load(paths.record(rootname), Record))
    outcome = records.load(paths.outcome(curve_stem(rootname)), Outcome)
    return exposure if outcome.product is not None else None


def _member_curves(
    settings: Settings, paths: Paths, key: GroupKey, members: list[Exposure]
) -> tuple[Plan, list[LightCurve], list[dict[str, LightCurve]]]:
    """Return what is combined, the members' light curves, and those of their bands."""
    windows = default_windows(_read(paths, members[0]), settings.airglow)
    chosen = plan(tuple(coverage(_read(paths, exposure)) for exposure in members), windows)
    by_name = {exposure.rootname: exposure for exposure in members}
    limits = replace(
        chosen,
        wmin_aa=_narrowest(True, chosen.wmin_aa, settings.wmin),
        wmax_aa=_narrowest(False, chosen.wmax_aa, settings.wmax),
    )
    curves, bands = [], []
    for rootname in chosen.rootnames:
        spectrum = _read(paths, by_name[rootname])
        curve, band = member_curve(spectrum, limits, key, step_s=settings.step, min_fracexp=settings.min_fracexp)
        if band.cells.any() and len(curve.mjd):
            curves.append(curve)
            bands.append(find_bands(settings, spectrum, curve, windows, (limits.wmin_aa, limits.wmax_aa)))
    return chosen, curves, bands


def _narrowest(lower: bool, *limits: float | None) -> float | None:
    known = [limit for limit in limits if limit is not None]
    return (max(known) if lower else min(known)) if known else None


def _read(paths: Paths, exposure: Exposure) -> DynamicSpectrum:
    return read_dynamic_spectrum(paths.dynamic_spectrum(exposure.targname, exposure.rootname), exposure)
