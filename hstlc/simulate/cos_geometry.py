"""COS segments and stripes: dispersion, sensitivity, extraction and background rows, bad columns.

The G130M numbers follow a real exposure (CENWAVE 1291, fourth lifetime position); the others are plausible.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from hstlc.model.arrays import Floats
from hstlc.simulate.exposure import Exposure

FUV_NELEM = 16384
NUV_NELEM = 1274
NUV_OFFSET = 100
ACTIVE_X = (1104.0, 15280.0)  # active area of an FUV segment, XFULL and YFULL
ACTIVE_Y = (298.0, 733.0)
GOOD_X = (1295, 15147)  # columns that are not flagged as edges
SDQFLAGS = 8346
PIXELS_PER_FPPOS = 250
WCA_OFFSET = 101.0  # the lamp's spectrum lies this many rows above the target's
BOUNDARY = 53.0  # rows above the target's spectrum from which events carry the lamp's wavelengths
LAMP_SHIFT_AA = -0.53
DQ_HOT, DQ_WIRE, DQ_EDGE, DQ_OUTSIDE, DQ_PHA, DQ_SAG = 2, 4, 8, 128, 512, 8192

# (OPT_ELEM, CENWAVE): segment -> (wavelength of pixel 8192, Angstrom per pixel)
FUV_DISPERSION: dict[tuple[str, int], dict[str, tuple[float, float]]] = {
    ('G130M', 1291): {'FUVA': (1359.826, 0.00996618), 'FUVB': (1206.523, 0.00996333)},
    ('G130M', 1222): {'FUVA': (1292.3, 0.00996618), 'FUVB': (1138.9, 0.00996333)},
    ('G160M', 1600): {'FUVA': (1691.4, 0.01223), 'FUVB': (1500.5, 0.01223)},
    ('G160M', 1623): {'FUVA': (1714.6, 0.01223), 'FUVB': (1523.8, 0.01223)},
    ('G140L', 1105): {'FUVA': (1665.0, 0.0803)},
    ('G140L', 1280): {'FUVA': (1836.0, 0.0803), 'FUVB': (604.0, 0.0803)},
}
# knots: wavelength in Angstrom, sensitivity in (count/s/pixel) / (erg/s/cm2/Angstrom)
FUV_SENSITIVITY: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    'G130M': (
        (1060, 1100, 1135, 1155, 1176, 1196, 1217, 1237, 1257, 1270, 1299, 1319, 1340, 1360, 1390, 1421, 1450),
        (3e10, 2.2e11, 6.9e11, 9.2e11, 1.02e12, 1.2e12, 1.33e12, 1.43e12, 1.48e12, 1.47e12, 1.24e12, 1.17e12, 1.1e12, 1.06e12,
         9.7e11, 8.7e11, 7.6e11),
    ),
    'G160M': ((1380, 1420, 1480, 1540, 1600, 1660, 1720, 1800), (9.4e11, 9.8e11, 9.2e11, 7.9e11, 6.0e11, 4.4e11, 2.9e11, 1.5e11)),
    'G140L': (
        (1000, 1100, 1180, 1250, 1350, 1500, 1700, 1900, 2100, 2400),
        (4e10, 9e11, 5e12, 8e12, 8.5e12, 6e12, 3.4e12, 1.5e12, 5e11, 1e11),
    ),
}  # fmt: skip
# (OPT_ELEM, CENWAVE): stripe -> (wavelength of image pixel 637, Angstrom per pixel)
NUV_DISPERSION: dict[tuple[str, int], dict[str, tuple[float, float]]] = {
    ('G230L', 2950): {'NUVA': (1850.0, 0.39), 'NUVB': (2950.0, 0.39), 'NUVC': (1500.0, 0.195)},
    ('G185M', 1921): {'NUVA': (1820.6, 0.0342), 'NUVB': (1921.3, 0.0342), 'NUVC': (2021.7, 0.0342)},
}
NUV_SENSITIVITY: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    'G230L': ((1300, 1650, 1900, 2100, 2400, 2700, 2950, 3200), (1e11, 3e12, 1.1e13, 2.0e13, 3.0e13, 2.8e13, 1.9e13, 9e12)),
    'G185M': ((1780, 1820, 1870, 1920, 1980, 2050), (8e11, 1.1e12, 1.3e12, 1.4e12, 1.3e12, 1.1e12)),
}
LIFETIME_ROWS = {1: 62.0, 2: 80.0, 3: 31.0, 4: 0.0, 5: -24.0, 6: 66.0}  # rows from the fourth position's
NUV_ROWS = {'NUVA': 185.2, 'NUVB': 284.8, 'NUVC': 424.4}


@dataclass(frozen=True)
class Segment:
    """A detector segment (FUV) or stripe (NUV) as one exposure sees it; arrays of shape (NELEM,)."""

    name: str
    wavelength_aa: Floats
    sensitivity: Floats  # 0 outside the active area
    column_dq: NDArray[np.int64]  # flags of the columns inside the source rows
    efficiency: Floats  # EPSILON of each column
    centre: float  # SP_LOC at the middle column
    slope: float
    height: int
    sigma: Floats  # width of the spectrum across the dispersion, pixels
    lower_outer: Floats  # whole rows, inclusive
    upper_outer: Floats
    enclosed: Floats  # part of the spectrum inside these rows
    backgrounds: tuple[float, float]
    background_height: int
    x_offset: int
    x_middle: float  # XFULL where the trace is at `centre`; of the background boxes below
    background_middle: float

    @property
    def letter(self) -> str:
        """A, B or C, as header keywords end."""
        return self.name[-1]

    @property
    def good(self) -> NDArray[np.bool_]:
        """Columns that extraction weighs with 1."""
        return np.asarray(((self.column_dq & (SDQFLAGS | DQ_OUTSIDE)) == 0) & (self.sensitivity > 0))

    def column(self, x: Floats) -> NDArray[np.int64]:
        """Return the column, 0 to NELEM - 1 inside, of events at XFULL."""
        return np.floor(x + self.x_offset + 0.5).astype(np.int64)


def _sensitivity(knots: tuple[tuple[float, ...], tuple[float, ...]], wavelength_aa: Floats, exposure: Exposure) -> Floats:
    return np.interp(wavelength_aa, knots[0], knots[1]) * exposure.sensitivity_factor()


@cache
def _fixed_pattern(name: str, nelem: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return EPSILON by column, the same in every exposure, and where the ion-repeller grid throws shadows."""
    rng = np.random.default_rng([nelem, *name.encode('ascii')])
    noise = rng.normal(0, 1, nelem + 40)
    smooth = np.convolve(noise, np.ones(41) / 41, 'valid') * np.sqrt(41)
    columns = np.arange(nelem)
    wires = (columns + 300 * (name[-1] == 'B')) % 840 < 12 if name.startswith('FUV') else np.zeros(nelem, bool)
    return np.clip(1.0 + 0.025 * smooth + 0.3 * wires, 0.94, 1.6), wires


def fuv_segment(exposure: Exposure, name: str) -> Segment:
    """Return FUVA or FUVB."""
    reference, dispersion = FUV_DISPERSION[exposure.opt_elem, exposure.cenwave][name]
    columns = np.arange(FUV_NELEM)
    wavelength = reference + dispersion * (columns.astype(np.float64) - 8192 + PIXELS_PER_FPPOS * (exposure.fppos - 3))
    inside = (columns > ACTIVE_X[0]) & (columns < ACTIVE_X[1])
    efficiency, wires = _fixed_pattern(name, FUV_NELEM)
    life = life_adj(exposure.start_mjd)
    centre = (425.19 if name == 'FUVA' else 485.70) + LIFETIME_ROWS[life]
    across = (columns - 8192) / 8192
    sigma = 4.6 - 1.2 * across if name == 'FUVA' else 4.9 + 0.5 * across
    lower, upper = np.round(centre - 2.7 * sigma), np.round(centre + 2.7 * sigma)
    bottom = (367.0 if name == 'FUVA' else 426.0) + min(LIFETIME_ROWS[life], 30.0)
    return Segment(
        name=name,
        wavelength_aa=wavelength,
        sensitivity=np.where(inside, _sensitivity(FUV_SENSITIVITY[exposure.opt_elem], wavelength, exposure), 0.0),
        column_dq=_fuv_dq(columns, inside, wires, name, life),
        efficiency=efficiency,
        centre=centre,
        slope=0.0,
        height=39,
        sigma=sigma,
        lower_outer=lower,
        upper_outer=upper,
        enclosed=ndtr((upper + 0.5 - centre) / sigma) - ndtr((lower - 0.5 - centre) / sigma),
        backgrounds=(bottom, centre + 144.0),
        background_height=35,
        x_offset=0,
        x_middle=8192.0,
        background_middle=8192.0,
    )


def life_adj(mjd: float) -> int:
    """Return the lifetime position in use (G130M; 2009, 2012-07, 2015-02, 2017-10, 2021-10)."""
    return 1 + int(np.searchsorted([56131, 57062, 58028, 59488], mjd, 'right'))


def _fuv_dq(
    columns: NDArray[np.int64], inside: NDArray[np.bool_], wires: NDArray[np.bool_], name: str, life: int
) -> NDArray[np.int64]:
    dq = np.where(inside, 0, DQ_OUTSIDE)
    dq[inside & ((columns < GOOD_X[0]) | (columns > GOOD_X[1]))] |= DQ_EDGE
    dq[wires & inside] |= DQ_WIRE
    dq[9420 - 60 * life : 9432 - 60 * life] |= DQ_SAG  # gain sag where Lyman alpha falls
    hot = 6200 if name == 'FUVA' else 11350
    dq[hot : hot + 4] |= DQ_HOT
    return dq.astype(np.int64)


def nuv_stripe(exposure: Exposure, name: str) -> Segment:
    """Return NUVA, NUVB or NUVC."""
    reference, dispersion = NUV_DISPERSION[exposure.opt_elem, exposure.cenwave][name]
    columns = np.arange(NUV_NELEM)
    inside = (columns >= 140) & (columns < 1150)
    wavelength = reference + dispersion * (columns.astype(np.float64) - 637 + 10 * (exposure.fppos - 3))
    sensitivity = _sensitivity(NUV_SENSITIVITY[exposure.opt_elem], wavelength, exposure)
    dq = np.where(inside, 0, DQ_OUTSIDE)
    dq[140:152] |= DQ_EDGE
    ones = np.ones(NUV_NELEM)
    return Segment(
        name=name,
        wavelength_aa=wavelength,
        sensitivity=np.where(inside, sensitivity * (0.02 if (exposure.opt_elem, name) == ('G230L', 'NUVC') else 1.0), 0.0),
        column_dq=dq.astype(np.int64),
        efficiency=_fixed_pattern(name, NUV_NELEM)[0],
        centre=NUV_ROWS[name],
        slope=0.011,
        height=57,
        sigma=3.2 * ones,
        lower_outer=np.nan * ones,
        upper_outer=np.nan * ones,
        enclosed=ones,
        backgrounds=(110.0, 354.0),
        background_height=41,
        x_offset=NUV_OFFSET,
        x_middle=float(NUV_NELEM // 2 - NUV_OFFSET),
        background_middle=512.0,
    )
