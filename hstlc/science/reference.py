"""The sensitivity from reference files, for spectra that the archive did not flux-calibrate."""

from dataclasses import replace

import numpy as np
from scipy.interpolate import CubicSpline

from hstlc.model import Blaze, Bools, Curve, ExtractedSpectrum, Floats, Region, Throughput, TimeDependence
from hstlc.science.flux import HC_ERG_AA

LIGHT_KM_S = 299792.458
YEAR_D = 365.25
HST_AREA_CM2 = 45238.93416  # calstis HST_AREA, obscured parts included


def time_factor(change: TimeDependence, mjd: float, temperature_c: float | None = None) -> Curve:
    """Return the sensitivity at a time over that of the tables.

    Sources: calcos extract.getTdsFactors; calstis tdscorrect.c, for both layouts of its table. Before the first and after the
    last time the nearest slope goes on.

    Parameters
    ----------
    change : TimeDependence
        From a TDSTAB.
    mjd : float
        When; COS takes the middle of the exposure, STIS its start.
    temperature_c : float or None
        Of the detector, where known.
    """
    if change.intercept is not None:
        segment = max(int(np.searchsorted(change.time_mjd, mjd, side='right')) - 1, 0)
        years = (mjd - change.reference_mjd) / YEAR_D
        factor = years * change.slope[segment] / 100 + change.intercept[segment]
    else:
        factor = 1 + _lengths(change.time_mjd, mjd) @ change.slope / YEAR_D / 100
    reference, slope = change.reference_temperature_c, change.temperature_slope
    if reference is not None and slope is not None and reference > 0 and temperature_c is not None:
        factor = factor * (1 + slope * (temperature_c - reference))
    return Curve(wavelength_aa=change.wavelength_aa, values=np.asarray(factor, np.float64))


def _lengths(time_mjd: Floats, mjd: float) -> Floats:
    """Return how many days of each segment have passed; the first may be negative, the last has no end."""
    stop = np.append(time_mjd[1:], np.inf)
    passed = np.minimum(mjd, stop) - time_mjd
    return np.where((passed > 0) | (np.arange(len(time_mjd)) == 0), passed, 0.0)


def observed_wavelength(wavelength_aa: Floats, velocity_km_s: float) -> Floats:
    """Return the wavelengths as detected, from heliocentric ones: both pipelines multiply by 1 - v/c."""
    return wavelength_aa / (1 - velocity_km_s / LIGHT_KM_S)


def cos_sensitivity(wavelength_aa: Floats, velocity_km_s: float, table: Curve, change: TimeDependence | None, mjd: float) -> Floats:
    """Return the sensitivity of COS columns.

    S = SENSITIVITY(lambda) D(lambda, t) at the detected wavelength, constant beyond the ends of the tables.

    Parameters
    ----------
    wavelength_aa : (n,) float64
        Of the columns, heliocentric; 0 where unknown.
    velocity_km_s : float
        V_HELIO that the wavelengths were corrected for.
    table : Curve
        From FLUXTAB.
    change : TimeDependence or None
        From TDSTAB; None: no change.
    mjd : float
        Middle of the exposure.

    Returns
    -------
    (n,) float64
        (count/s) / (erg s-1 cm-2 Angstrom-1); NaN where there is none.
    """
    detected = observed_wavelength(wavelength_aa, velocity_km_s)
    result = _at(table, detected)
    if change is not None:
        result = result * _at(time_factor(change, mjd), detected)
    return np.where((wavelength_aa > 0) & (result > 0), result, np.nan)


def stis_sensitivity(
    spectrum: ExtractedSpectrum,
    factors: Throughput,
    spectra: tuple[ExtractedSpectrum, ...],
    *,
    velocity_km_s: float,
    start_mjd: float,
    stop_mjd: float,
    temperature_c: float | None,
) -> Floats:
    """Return the sensitivity of the columns of a STIS order (calstis absflux6.c).

    S = A_HST R T lambda dlambda G D (P_box / P_all) / hc. PCTAB holds what multiplies a flux from a box of a height to get
    all of it, so the ratio of the two heights goes in.

    Parameters
    ----------
    spectrum : ExtractedSpectrum
        The order; its wavelengths are used.
    factors : Throughput
        From the reference files.
    spectra : tuple of ExtractedSpectrum
        All orders: where the echelle's blaze function lies depends on its reference order.
    velocity_km_s : float
        V_HELIO that the wavelengths were corrected for; 0 where they were not.
    start_mjd, stop_mjd : float
        Of the exposure.
    temperature_c : float or None
        Of the detector.

    Returns
    -------
    (n_columns,) float64
        (count/s) / (erg s-1 cm-2 Angstrom-1); NaN where there is none.
    """
    detected = observed_wavelength(spectrum.wavelength_aa, velocity_km_s)
    dispersion = np.gradient(detected)
    moved = detected - _blaze_shift(factors.blaze, int(spectrum.name), spectra, velocity_km_s, (start_mjd + stop_mjd) / 2)
    response = _at(factors.response, moved) * _at(factors.aperture, detected)
    if factors.height is not None and factors.full_height is not None:
        response = response * _smooth(factors.height, detected) / _smooth(factors.full_height, detected)
    if factors.grating_aperture is not None:
        response = response * _at(factors.grating_aperture, detected)
    if factors.time is not None:
        response = response * _at(time_factor(factors.time, start_mjd, temperature_c), detected)
    result = HST_AREA_CM2 * response * detected * dispersion / HC_ERG_AA
    return np.where(np.isfinite(result) & (result > 0), result, np.nan)


def _blaze_shift(
    blaze: Blaze | None, order: int, spectra: tuple[ExtractedSpectrum, ...], velocity_km_s: float, mjd: float
) -> float:
    """Return by how many Angstrom the blaze function of an order has moved (calstis blazecorr.c).

    Where the reference order lies is read off the x1d: the wavelength and the row of its middle column.
    """
    reference = None if blaze is None else next((item for item in spectra if item.name == str(blaze.order)), None)
    if blaze is None or reference is None or reference.centre is None:
        return 0.0
    detected = observed_wavelength(reference.wavelength_aa, velocity_km_s)
    middle = (len(detected) - 1) / 2
    columns = np.arange(len(detected))
    dispersion = float(np.interp(middle, columns, np.gradient(detected)))
    columns_off = (blaze.wavelength_aa - float(np.interp(middle, columns, detected))) / dispersion
    rows_off = float(np.interp(middle, columns, reference.centre)) - blaze.row
    pixels = columns_off * blaze.per_column + rows_off * blaze.per_row + (mjd - blaze.mjd) * blaze.per_day + blaze.offset
    return pixels * dispersion * blaze.order / order


def _at(curve: Curve, wavelength_aa: Floats) -> Floats:
    return np.asarray(np.interp(wavelength_aa, curve.wavelength_aa, curve.values), np.float64)


def _smooth(curve: Curve, wavelength_aa: Floats) -> Floats:
    """Return a coarse table by natural spline, as calstis does, constant beyond its ends."""
    if len(curve.wavelength_aa) < 3:
        return _at(curve, wavelength_aa)
    within = np.clip(wavelength_aa, curve.wavelength_aa[0], curve.wavelength_aa[-1])
    return np.asarray(CubicSpline(curve.wavelength_aa, curve.values, bc_type='natural')(within), np.float64)


def calibrated(region: Region, sensitivity: Floats, min_rel_sens: float) -> Region:
    """Return a region with a sensitivity; columns below a part of its largest one are no longer used."""
    return replace(region, sensitivity=sensitivity, good=region.good & sensitive(sensitivity, region.good, min_rel_sens))


def sensitive(sensitivity: Floats, good: Bools, min_rel_sens: float) -> Bools:
    """Whether a column's sensitivity is more than a part of the largest one of the good columns."""
    known = np.where(np.isfinite(sensitivity), sensitivity, 0.0)
    return np.asarray(known > min_rel_sens * np.max(known[good], initial=0.0), bool)
