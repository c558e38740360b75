"""A light curve is a sum over a dynamic spectrum: any band, any bin that is a multiple of its grid."""

from dataclasses import replace

import numpy as np

from hstlc.model import (
    AsymmetricErrors,
    Bools,
    DynamicSpectrum,
    Floats,
    FluxSource,
    GroupKey,
    Ints,
    LightCurve,
    Provenance,
    Quality,
)
from hstlc.science.band import Band, dispersion_aa
from hstlc.science.lowcounts import LOW_COUNTS, few_counts
from hstlc.science.selection import AIRGLOW_MONITOR, airglow_windows
from hstlc.science.sharing import within_band
from hstlc.science.sums import band_sums

DAY_S = 86400.0
MJD_ZERO = 2400000.5
FULL = 0.999  # live part of a bin that counts as whole


def background_scale(spectrum: DynamicSpectrum, band: Bools) -> tuple[float, float, bool]:
    """Return what ties the background over a band to the x1d's own, for counts and for flux.

    Returns
    -------
    counts, flux : float
        Factors; 1 where the x1d does not say, or says something too far from the area-scaled background.
    refused : bool
        Whether the x1d's background was too far off.
    """
    live = float(spectrum.live_s.sum())
    used = band[spectrum.background.wave]
    measured, expected = float(spectrum.background.w[used].sum()), float(spectrum.x1d_background[band].sum()) * live
    if not np.isfinite(expected) or measured <= 0:
        return 1.0, 1.0, False
    low, high = spectrum.background_limits
    counts = expected / measured
    if not low <= counts <= high:
        return 1.0, 1.0, True
    flux_measured = float(spectrum.background.f[used].sum())
    flux = float(spectrum.x1d_background_flux[band].sum()) * live / flux_measured if flux_measured > 0 else counts
    return counts, flux if low <= flux <= high else counts, False


def light_curve(
    spectrum: DynamicSpectrum, band: Band, key: GroupKey, *, step_s: float, min_fracexp: float, dataset: int = 1
) -> LightCurve:
    """Return the light curve of one exposure.

    Parameters
    ----------
    spectrum : DynamicSpectrum
        Of the exposure.
    band : Band
        What to sum.
    key : GroupKey
        What the light curve is of; names the target.
    step_s : float
        Bin width, rounded to whole time bins of the grid, s.
    min_fracexp : float
        Bins with a smaller live part are flagged LOWEXP.
    dataset : int
        1-based number of the exposure in its composite.
    """
    factor = max(1, round(step_s / spectrum.step_s))
    n_bins = -(-spectrum.n_time // factor)
    width = factor * spectrum.step_s
    live = _rebin(spectrum.live_s, factor)
    source = band_sums(spectrum.source, band.cells, n_bins, factor)
    background = band_sums(within_band(spectrum.background, spectrum.shared, band.cells), band.cells, n_bins, factor)
    scale, flux_scale, refused = background_scale(spectrum, band.cells)
    keep = live > 0
    times: Floats = spectrum.start_s + width * (np.arange(n_bins, dtype=np.float64) + 0.5)
    mjd: Floats = spectrum.t0_mjd + times / DAY_S
    has_flux = spectrum.flux_source is not FluxSource.NONE and band.width_aa > 0
    flux = (source.f - flux_scale * background.f) / np.where(keep, live, 1.0)
    flux_variance = (source.f2 + flux_scale**2 * background.f2) / np.where(keep, live, 1.0) ** 2
    errors = few_counts(source, background, (scale, flux_scale))
    quality = _quality(spectrum, live, width, source.n, factor, has_flux, min_fracexp)
    exposure = spectrum.exposure
    warnings = (*spectrum.warnings, *(('W_BKG',) if refused else ()))
    return LightCurve(
        key=key,
        exposures=(exposure,),
        provenance=(provenance(spectrum, band, warnings, dataset),),
        step_s=width,
        mjdref=float(np.floor(mjd[keep][0])) if keep.any() else float(np.floor(spectrum.t0_mjd)),
        times_s=times[keep],
        mjd=mjd[keep],
        bjd_tdb=(mjd + MJD_ZERO + _at_centres(spectrum, spectrum.bjd_offset_s, times) / DAY_S)[keep],
        bins_s=np.full(int(keep.sum()), width),
        exptime_s=live[keep],
        gross=source.w[keep],
        background=scale * background.w[keep],
        n_src=source.n[keep],
        n_bkg=background.n[keep],
        variance=(source.w2 + scale**2 * background.w2)[keep],
        band_flux=flux[keep] if has_flux else np.full(int(keep.sum()), np.nan),
        band_flux_variance=flux_variance[keep] if has_flux else np.full(int(keep.sum()), np.nan),
        airglow=_airglow(spectrum, n_bins, factor, live)[keep],
        sun_alt_deg=_at_centres(spectrum, spectrum.sun_alt_deg, times)[keep],
        quality=quality[keep],
        dataset=np.full(int(keep.sum()), dataset, np.int64),
        gti_mjd=spectrum.t0_mjd + spectrum.gti_s / DAY_S,
        wmin_aa=band.wmin_aa,
        wmax_aa=band.wmax_aa,
        band_width_aa=band.width_aa,
        removed_aa=band.removed_aa,
        flux_sources=(spectrum.flux_source,),
        hstpos=spectrum.hstpos,
        time_error_s=spectrum.time_error_s,
        warnings=warnings,
        errors=_per_second(errors, live, keep, has_flux),
    )


def _per_second(errors: AsymmetricErrors, live: Floats, keep: Bools, has_flux: bool) -> AsymmetricErrors:
    """Return errors of the bins that are kept, of flux per second of live time; NaN where there is no flux."""
    seconds = live[keep] if has_flux else np.full(int(keep.sum()), np.nan)
    return AsymmetricErrors(
        counts_low=errors.counts_low[keep],
        counts_high=errors.counts_high[keep],
        band_flux_low=errors.band_flux_low[keep] / seconds,
        band_flux_high=errors.band_flux_high[keep] / seconds,
    )


def _rebin(values: Floats, factor: int) -> Floats:
    return np.asarray(np.add.reduceat(values, np.arange(0, len(values), factor)), np.float64)


def _at_centres(spectrum: DynamicSpectrum, values: Floats, times_s: Floats) -> Floats:
    centres = spectrum.start_s + spectrum.step_s * (np.arange(spectrum.n_time) + 0.5)
    return np.asarray(np.interp(times_s, centres, values), np.float64)


def _quality(
    spectrum: DynamicSpectrum, live: Floats, width: float, n: Ints, factor: int, has_flux: bool, min_fracexp: float
) -> Ints:
    quality = np.bitwise_or.reduceat(spectrum.quality, np.arange(0, spectrum.n_time, factor)).astype(np.int64)
    fraction = live / width
    flags = (
        (Quality.PARTIAL, fraction < FULL),
        (Quality.LOWEXP, fraction < min_fracexp),
        (Quality.LOWN, n < LOW_COUNTS),
        (Quality.NOFLUX, np.full(len(live), not has_flux)),
    )
    for flag, where in flags:
        quality[where] |= int(flag)
    return quality


def _airglow(spectrum: DynamicSpectrum, n_bins: int, factor: int, live: Floats) -> Floats:
    """Return the rate of source-region events in the bright geocoronal lines, count/s; NaN where none is covered."""
    if not spectrum.has_wavelength:
        return np.full(n_bins, np.nan)
    exposure = spectrum.exposure
    lines = airglow_windows('auto', exposure.instrume, exposure.opt_elem, exposure.aperture, dispersion_aa(exposure.opt_elem))
    edges = spectrum.wave0_aa + spectrum.wave_step_aa * np.arange(spectrum.n_wave, dtype=np.float64)
    cells = np.zeros(spectrum.n_wave, bool)
    for name, start, stop in lines:
        if name in AIRGLOW_MONITOR:
            cells |= (edges >= start) & (edges < stop)
    cells &= spectrum.good_width_aa > 0
    if not cells.any():
        return np.full(n_bins, np.nan)
    return band_sums(spectrum.source, cells, n_bins, factor).w / np.where(live > 0, live, 1.0)


def provenance(spectrum: DynamicSpectrum, band: Band, warnings: tuple[str, ...], dataset: int) -> Provenance:
    """Return the PROVENANCE row of an exposure."""
    exposure = spectrum.exposure
    gti = spectrum.t0_mjd + spectrum.gti_s / DAY_S
    events = [item for item in exposure.files if item.name != spectrum.x1d_file]
    return Provenance(
        dataset=dataset,
        filename=exposure.filename,
        rootname=exposure.rootname,
        proposid=exposure.proposid,
        instrument=exposure.instrume.value,
        detector=exposure.detector,
        opt_elem=exposure.opt_elem,
        cenwave=exposure.cenwave,
        aperture=exposure.aperture,
        fppos=exposure.fppos,
        life_adj=exposure.life_adj,
        cal_ver=exposure.cal_ver,
        mjd_beg=float(gti[0, 0]),
        mjd_mid=float((gti[0, 0] + gti[-1, 1]) / 2),
        mjd_end=float(gti[-1, 1]),
        xposure_s=float(spectrum.live_s.sum()),
        minwave_aa=band.wmin_aa,
        maxwave_aa=band.wmax_aa,
        reference_files=spectrum.reference_files,
        flux_source=spectrum.flux_source,
        x1d_file=spectrum.x1d_file,
        x1d_ratio=spectrum.x1d_ratio,
        input_bytes=sum(item.bytes for item in events),
        input_sha256=' '.join(item.sha256 for item in events),
        warnings=warnings,
    )


def renumber(curve: LightCurve, dataset: int) -> LightCurve:
    """Return the light curve of one exposure as number `dataset` of a composite."""
    row = replace(curve.provenance[0], dataset=dataset)
    return replace(curve, provenance=(row,), dataset=np.full(len(curve.mjd), dataset, np.int64))


def with_warning(curve: LightCurve, code: str) -> LightCurve:
    """Return the light curve of one exposure with one more W_ code, once."""
    if code in curve.warnings:
        return curve
    row = replace(curve.provenance[0], warnings=(*curve.provenance[0].warnings, code))
    return replace(curve, provenance=(row,), warnings=(*curve.warnings, code))
