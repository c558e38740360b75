"""Spectra of imaginary sources: a power law with emission lines."""

from dataclasses import dataclass

import numpy as np
from scipy.special import erf

from hstlc.model.arrays import Floats

PIVOT_AA = 1500.0  # where a power law has its amplitude
SIGMA_PER_FWHM = 0.42466090014400953
# Strong lines of cool stars' outer layers, vacuum wavelengths in Angstrom (Kelly and others, as in the NIST database)
C_III, SI_III, N_V, C_II, SI_IV, C_IV, HE_II, MG_II = (
    (1175.7,), (1206.50,), (1238.82, 1242.80), (1334.53, 1335.71), (1393.76, 1402.77), (1548.19, 1550.77), (1640.42,),
    (2796.35, 2803.53),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """An emission line of Gaussian profile."""

    centre_aa: float  # vacuum wavelength
    flux: float  # erg/s/cm2
    fwhm_aa: float = 0.3  # full width at half maximum


@dataclass(frozen=True)
class Spectrum:
    """A flux density: `continuum * (wavelength / 1500)**index` and lines; erg/s/cm2/Angstrom."""

    continuum: float = 0.0  # at 1500 Angstrom, erg/s/cm2/Angstrom
    index: float = 0.0  # of the power law
    lines: tuple[Line, ...] = ()  # added to the continuum

    def flux_density(self, wavelength_aa: Floats) -> Floats:
        """Return the flux density at each wavelength.

        Parameters
        ----------
        wavelength_aa : ndarray, any shape, float64
            Vacuum wavelengths in Angstrom.

        Returns
        -------
        ndarray, same shape, float64
            erg/s/cm2/Angstrom.
        """
        flux = self.continuum * (wavelength_aa / PIVOT_AA) ** self.index
        for line in self.lines:
            sigma = line.fwhm_aa * SIGMA_PER_FWHM
            near = np.abs(wavelength_aa - line.centre_aa) < 8 * sigma
            profile = np.exp(-0.5 * ((wavelength_aa[near] - line.centre_aa) / sigma) ** 2)
            flux[near] += line.flux / (sigma * np.sqrt(2 * np.pi)) * profile
        return flux

    def column_flux_density(self, wavelength_aa: Floats) -> Floats:
        """Return the mean flux density of each detector column: narrow lines keep their flux in coarse columns.

        Parameters
        ----------
        wavelength_aa : (n,) float64
            At the centres of the columns, ascending, in Angstrom.

        Returns
        -------
        (n,) float64
            erg/s/cm2/Angstrom.
        """
        width = np.gradient(wavelength_aa)
        flux = self.continuum * (wavelength_aa / PIVOT_AA) ** self.index
        for line in self.lines:
            scale = line.fwhm_aa * SIGMA_PER_FWHM * np.sqrt(2.0)
            below, above = (wavelength_aa + side * width / 2 - line.centre_aa for side in (-1, 1))
            flux += line.flux / width * (erf(above / scale) - erf(below / scale)) / 2
        return np.asarray(flux, np.float64)

    def mean_flux_density(self, wmin_aa: float, wmax_aa: float) -> float:
        """Return the mean flux density of a band, erg/s/cm2/Angstrom."""
        count = max(int((wmax_aa - wmin_aa) * 100), 10)
        step = (wmax_aa - wmin_aa) / count
        return float(np.mean(self.flux_density(wmin_aa + (np.arange(count, dtype=np.float64) + 0.5) * step)))


def emission_lines(flux: float, fwhm_aa: float = 0.3) -> tuple[Line, ...]:
    """Return the lines of an active cool star; `flux` is that of C IV 1548 in erg/s/cm2."""
    strengths = {C_III: 0.5, SI_III: 0.6, N_V: 0.45, C_II: 0.6, SI_IV: 0.4, C_IV: 1.0, HE_II: 0.9, MG_II: 6.0}
    return tuple(
        Line(centre, flux * strength / (1 + 0.8 * k), fwhm_aa)
        for group, strength in strengths.items()
        for k, centre in enumerate(group)
    )


def airglow_free(wmin_aa: float, wmax_aa: float, windows: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Return what remains of a band after windows are taken out of it; all in Angstrom."""
    parts = [(wmin_aa, wmax_aa)]
    for low, high in windows:
        cut = [piece for start, stop in parts for piece in ((start, min(stop, low)), (max(start, high), stop))]
        parts = [(start, stop) for start, stop in cut if stop > start]
    return tuple(parts)
