"""Extracted spectra of STIS, computed from the events as calstis does it."""

from typing import Any

import numpy as np
from numpy.polynomial import polynomial

from hstlc.model.arrays import Floats
from hstlc.simulate.exposure import Table
from hstlc.simulate.stis_geometry import NPIX, Order, X
from hstlc.simulate.tables import Field

RATE, FLUX = 'Counts/s', 'erg/s/cm**2/Angstrom'
NULL = -32767
FIELDS = (
    Field('SPORDER', '1I', None, 'I11', NULL),
    Field('NELEM', '1I', None, 'I11', NULL),
    Field('WAVELENGTH', '1024D', 'Angstroms', 'G25.16'),
    Field('GROSS', '1024E', RATE, 'G15.7'),
    Field('BACKGROUND', '1024E', RATE, 'G15.7'),
    Field('NET', '1024E', RATE, 'G15.7'),
    Field('FLUX', '1024E', FLUX, 'G15.7'),
    Field('ERROR', '1024E', FLUX, 'G15.7'),
    Field('NET_ERROR', '1024E', RATE, 'G15.7'),
    Field('DQ', '1024I', None, 'I11', NULL),
    Field('A2CENTER', '1E', 'pixel', 'G15.7'),
    Field('EXTRSIZE', '1E', 'pixel', 'G15.7'),
    Field('MAXSRCH', '1I', 'pixel', 'I11', NULL),
    Field('BK1SIZE', '1E', 'pixel', 'G15.7'),
    Field('BK2SIZE', '1E', 'pixel', 'G15.7'),
    Field('BK1OFFST', '1E', 'pixel', 'G15.7'),
    Field('BK2OFFST', '1E', 'pixel', 'G15.7'),
    Field('EXTRLOCY', '1024E', 'pixel', 'G15.7'),
    Field('OFFSET', '1E', 'pixel', 'G15.7'),
)
LYMAN_ALPHA_AA = 1215.67
LYMAN_ALPHA_PIXELS = 16
DARK_ERROR = 0.97  # the reference dark is not quite the exposure's


def row(image: Floats, dark: Floats, order: Order, exptime_s: float) -> dict[str, Any]:
    """Return the row of an order: NET = GROSS - BACKGROUND, FLUX = NET / sensitivity.

    Parameters
    ----------
    image : ndarray, shape (1024, 1024), float64
        Counts by row and column.
    dark : ndarray, shape (1024, 1024), float64
        Dark rate in count/s, which is subtracted from the image before the extraction.
    """
    rate = image / exptime_s - DARK_ERROR * dark
    gross = box_sum(rate, order.trace, order.height)
    counts = box_sum(image, order.trace, order.height)
    background = _background(rate, order)
    net = gross - background
    net_error = np.sqrt(counts + 1e-9) / exptime_s
    inverse = np.divide(1.0, order.sensitivity, out=np.zeros(NPIX), where=order.sensitivity > 0)
    return {
        'SPORDER': order.number,
        'NELEM': NPIX,
        'WAVELENGTH': order.wavelength_aa,
        'GROSS': gross,
        'BACKGROUND': background,
        'NET': net,
        'FLUX': net * inverse,
        'ERROR': net_error * inverse,
        'NET_ERROR': net_error,
        'DQ': order.dq,
        'A2CENTER': order.trace[NPIX // 2],
        'EXTRSIZE': order.height,
        'MAXSRCH': 1024 if order.number == 1 else 10,
        'BK1SIZE': order.background_height,
        'BK2SIZE': order.background_height,
        'BK1OFFST': order.background_offsets[0],
        'BK2OFFST': order.background_offsets[1],
        'EXTRLOCY': order.trace,
        'OFFSET': 0.12,
    }


def count_image(events: Table) -> Floats:
    """Return counts by low-resolution row and column: pixel pairs 1 and 2 are 1, 3 and 4 are 2, ..."""
    column, line = (events['AXIS1'].astype(np.int64) + 1) // 2 - 1, (events['AXIS2'].astype(np.int64) + 1) // 2 - 1
    return np.bincount(line * NPIX + column, minlength=NPIX**2).reshape(NPIX, NPIX).astype(np.float64)


def box_sum(image: Floats, centre: Floats, height: float) -> Floats:
    """Return the sum over a box along the trace, with the parts of rows at its ends; shape (1024,)."""
    total = np.zeros(NPIX)
    columns = np.arange(NPIX)
    first = np.floor(centre - height / 2 + 0.5).astype(int)
    for k in range(int(height) + 2):
        line = first + k
        part = np.clip(np.minimum(line + 0.5, centre + height / 2) - np.maximum(line - 0.5, centre - height / 2), 0, 1)
        inside = (line >= 1) & (line <= NPIX)
        total += np.where(inside, part * image[np.clip(line - 1, 0, NPIX - 1), columns], 0.0)
    return total


def _background(rate: Floats, order: Order) -> Floats:
    """Return the rate under the spectrum: boxes on both sides, made smooth, but as it is where Lyman alpha fills the slit."""
    boxes = [box_sum(rate, order.trace + offset, order.background_height) for offset in order.background_offsets]
    level = (boxes[0] + boxes[1]) * order.height / (2 * order.background_height)
    line = np.argmin(np.abs(order.wavelength_aa - LYMAN_ALPHA_AA))
    airglow = (np.abs(X - 1 - line) <= LYMAN_ALPHA_PIXELS) & (order.wavelength_aa[0] < LYMAN_ALPHA_AA)
    u = (X - 512.5) / 512
    smooth = polynomial.polyval(u, polynomial.polyfit(u[~airglow], level[~airglow], 4))
    return np.asarray(np.where(airglow, level, smooth))
