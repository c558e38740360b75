"""Geometry of STIS MAMA spectra: wavelengths, traces, sensitivities and extraction boxes, as formulae.

First order: fits to the x1d files of odlm21050 (G140L), odlm21030 (G140M), odlm21020 (G230L). Echelle: a fit to the 40 orders of
oblh01040 (E230M/1978). `u = (x - 512.5) / 512` along the dispersion, x = 1 to 1024.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import polynomial

from hstlc.model.arrays import Floats
from hstlc.simulate.exposure import Exposure

NPIX = 1024
X = np.arange(1, NPIX + 1, dtype=np.float64)
U = (X - 512.5) / 512
KNOTS = np.append(np.arange(1.0, NPIX, 32), NPIX)  # where the sensitivities below hold
FIRST_ECHELLE_ORDER, LAST_ECHELLE_ORDER = 87, 126
CALIBDEFECT = 2564  # DQ of columns without a flux calibration

G140L = (
    0, 1.9e10, 4.86e12, 9.34e12, 1.425e13, 2.024e13, 2.622e13, 3.007e13, 3.294e13, 3.42e13, 3.396e13, 3.335e13,
    3.175e13, 3.01e13, 2.818e13, 2.634e13, 2.455e13, 2.247e13, 2.055e13, 1.882e13, 1.732e13, 1.569e13, 1.386e13,
    1.212e13, 1.062e13, 9.09e12, 7.7e12, 6.84e12, 6.27e12, 5.86e12, 5.4e12, 4.78e12, 4.2e12,
)  # fmt: skip
G140M = tuple(6.05e11 + 2.69e10 * k + 4e6 * k * k for k in range(33))
G230L = (
    0, 3.23e12, 1.074e13, 1.68e13, 2.275e13, 2.894e13, 3.507e13, 4.127e13, 4.729e13, 5.503e13, 6.318e13, 7.327e13,
    8.198e13, 9.063e13, 9.816e13, 1.038e14, 1.089e14, 1.147e14, 1.197e14, 1.222e14, 1.245e14, 1.255e14, 1.255e14,
    1.237e14, 1.205e14, 1.136e14, 1.073e14, 9.74e13, 8.53e13, 7.14e13, 5.64e13, 4.2e13, 3.1e13,
)  # fmt: skip
# (OPT_ELEM, CENWAVE): detector, polynomials of the wavelength and of the trace in u, sensitivity at KNOTS, Doppler magnitude
FIRST_ORDER: dict[tuple[str, int], tuple[str, tuple[float, ...], tuple[float, ...], tuple[float, ...], int]] = {
    ('G140L', 1425): ('FUV-MAMA', (1417.64391, 298.601127, -0.187015, 2.34e-4), (407.854, 1.96258, -0.198928, -0.166812), G140L, 0),
    ('G140M', 1222): (
        'FUV-MAMA',
        (1222.12841, 27.2962789, -0.0452995, 1.5e-4),
        (390.3187, 5.56420, -0.691723, -0.245741),
        G140M,
        1,
    ),
    ('G230L', 2376): ('NUV-MAMA', (2360.28877, 792.784574, 1.197974, 3.62e-3), (527.8017, -9.28784, 0.557305, 0.2285), G230L, 0),
}
# Echelle: peak sensitivity at some orders
PEAKS = (
    (87, 89, 92, 97, 100, 105, 110, 115, 120, 123, 126),
    (8.2e11, 9.2e11, 7.8e11, 5.3e11, 3.97e11, 2.6e11, 1.845e11, 1.17e11, 6.3e10, 3.5e10, 9.6e9),
)


@dataclass(frozen=True)
class Order:
    """A spectral order on the detector; arrays of shape (1024,), pixels of the low-resolution image, from 1."""

    number: int
    wavelength_aa: Floats
    trace: Floats  # EXTRLOCY
    sensitivity: Floats  # (count/s/pixel) / (erg/s/cm2/Angstrom); 0: not calibrated
    height: float  # EXTRSIZE
    background_height: float  # BK1SIZE, BK2SIZE
    background_offsets: tuple[float, float]
    sigma: float  # of the spectrum across the dispersion, pixels

    @property
    def dq(self) -> Floats:
        """Flags of the columns."""
        return np.where(self.sensitivity > 0, 0, CALIBDEFECT)


def first_order(exposure: Exposure) -> tuple[str, int, tuple[Order, ...]]:
    """Return detector, Doppler magnitude in high-resolution pixels, and the one order."""
    detector, wavelengths, trace, sensitivity, doppler = FIRST_ORDER[exposure.opt_elem, exposure.cenwave]
    curve = np.interp(X, KNOTS, sensitivity) * exposure.sensitivity_factor()
    order = Order(
        number=1,
        wavelength_aa=np.asarray(polynomial.polyval(U, wavelengths), np.float64),
        trace=_single(np.asarray(polynomial.polyval(U, trace))),
        sensitivity=np.where((X > 8) & (X < NPIX), curve, 0.0),
        height=11.0,
        background_height=5.0,
        background_offsets=(-300.0, 300.0),
        sigma=1.1,
    )
    return detector, doppler, (order,)


def _single(values: Floats) -> Floats:
    """Return values as an E column holds them."""
    return values.astype(np.float32).astype(np.float64)


def echelle(exposure: Exposure) -> tuple[str, int, tuple[Order, ...]]:
    """Return detector, Doppler magnitude in high-resolution pixels, and the orders 87 to 126 of E230M/1978."""
    numbers = range(FIRST_ECHELLE_ORDER, LAST_ECHELLE_ORDER + 1)
    return 'NUV-MAMA', 2, tuple(_echelle_order(exposure, number) for number in numbers)


def _echelle_order(exposure: Exposure, number: int) -> Order:
    n = number - FIRST_ECHELLE_ORDER
    scaled = (204210 - 0.70 * n - 0.0056 * n**2) + (1696.1 + 0.183 * n) * U - (2.99 - 0.0053 * n) * U**2
    width = 800 - 5.1 * n
    blaze = np.sinc((X - 465) / width) ** 2 * np.interp(number, *PEAKS)
    return Order(
        number=number,
        wavelength_aa=scaled / number,
        trace=_single(_echelle_row(n) + (2.3 + 0.166 * n) * U + 0.03 * n * U**2),
        sensitivity=np.where((X > 8) & (X < NPIX), blaze * exposure.sensitivity_factor(), 0.0),
        height=7.0,
        background_height=5.0,
        background_offsets=((_echelle_row(n + 1) - _echelle_row(n)) / 2, (_echelle_row(n - 1) - _echelle_row(n)) / 2),
        sigma=0.85,
    )


def _echelle_row(n: float) -> float:
    s = n / 13
    return 35.64 + 376.10 * s - 85.78 * s * (s - 1) / 2 + 26.06 * s * (s - 1) * (s - 2) / 6


def dark_image(detector: str) -> Floats:
    """Return where dark events fall: shape (1024, 1024) (row, column), of sum 1; the FUV glow is brightest at the upper left."""
    if detector == 'NUV-MAMA':
        return np.full((NPIX, NPIX), 1.0 / NPIX**2)
    glow = np.exp(-0.5 * ((X - 320) / 230) ** 2)[None, :] * np.exp(-0.5 * ((X - 730) / 230) ** 2)[:, None]
    return np.asarray(0.35 / NPIX**2 + 0.65 * glow / glow.sum())
