"""The sensitivity that an exposure's own x1d implies."""

import numpy as np
from scipy.ndimage import median_filter

from hstlc.model import Bools, ExtractedSpectrum, Floats

HC_ERG_AA = 1.98644586e-8  # energy of a photon times its wavelength, erg Angstrom
SMOOTH_COLUMNS = 51
OUTLIER = 0.05  # relative distance from the running median
LONGEST_GAP = 200  # columns that may be interpolated
SMALLEST = 1e-3  # of the median: calcos writes a sensitivity of 1 where it has none
STIS_CALIBRATION_DEFECT = 512


def sensitivity(spectrum: ExtractedSpectrum) -> Floats | None:
    """Return NET / FLUX per column, cleaned and with short gaps filled.

    Both pipelines divide the net rate by their sensitivity column by column, so the ratio is that sensitivity to the
    rounding of float32, whatever the noise.

    Returns
    -------
    (n_columns,) float64 or None
        (count/s) / (erg s-1 cm-2 Angstrom-1); NaN where unknown; None where the spectrum was not flux-calibrated.
    """
    ratio, valid = _ratio(spectrum.net, spectrum.flux)
    if not np.any(spectrum.flux):
        return None  # not calibrated: its ERROR, where not zero, is that of NET
    if spectrum.net_error is not None:
        valid &= (spectrum.dq & STIS_CALIBRATION_DEFECT) == 0
        second, second_valid = _ratio(spectrum.net_error, spectrum.error)
        second_valid &= (spectrum.dq & STIS_CALIBRATION_DEFECT) == 0
        ratio = np.where(valid, ratio, second)
        valid |= second_valid
    if not valid.any():
        return None
    valid &= ratio > SMALLEST * np.median(ratio[valid])
    valid = _without_outliers(ratio, valid)
    return _fill(ratio, valid)


def _ratio(rate: Floats, flux: Floats) -> tuple[Floats, Bools]:
    valid = np.isfinite(rate) & np.isfinite(flux) & (rate != 0) & (flux != 0)
    ratio = np.divide(rate, flux, out=np.zeros(len(rate)), where=valid)
    return ratio, valid & (ratio > 0)


def _without_outliers(ratio: Floats, valid: Bools) -> Bools:
    if valid.sum() < SMOOTH_COLUMNS:
        return valid
    kept = ratio[valid]
    smooth = median_filter(kept, SMOOTH_COLUMNS, mode='nearest')
    result = valid.copy()
    result[valid] = np.abs(kept / smooth - 1) <= OUTLIER
    return result


def _fill(ratio: Floats, valid: Bools) -> Floats | None:
    index = np.flatnonzero(valid)
    if len(index) < 2:
        return None
    columns = np.arange(len(ratio))
    filled = np.interp(columns, index, ratio[index])
    after = np.searchsorted(index, columns)
    inner = (after > 0) & (after < len(index))
    gap = np.full(len(ratio), len(ratio))
    gap[inner] = index[after[inner]] - index[after[inner] - 1] - 1
    usable = valid | (inner & (gap <= LONGEST_GAP))
    return np.where(usable, filled, np.nan)
