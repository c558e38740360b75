"""What is asked of a simulated exposure, and the truth that is stored beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstlc.simulate.arrival import GoodTime
from hstlc.simulate.source import Source

Table = dict[str, NDArray[Any]]  # the columns of an EVENTS table
TDS_EPOCH_MJD = 55197.0  # 2010-01-01: sensitivities are those of this date


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """The parameters of one exposure; what an instrument does not have is not used."""

    rootname: str  # nine characters, lower case
    source: Source  # what is observed
    exptime_s: float  # length of the exposure
    seed: int  # the same seed gives the same bytes
    start_mjd: float = 58108.51215764  # EXPSTART, UTC
    opt_elem: str = ''  # grating or mirror
    cenwave: int = 0  # central wavelength in Angstrom; 0: imaging
    aperture: str = ''  # name of the aperture
    fppos: int = 3  # 1 to 4 (COS)
    proposid: int = 99001  # observing programme
    gaps_s: tuple[tuple[float, float], ...] = ()  # between good time intervals, seconds since EXPSTART
    dark: float | None = None  # count/s/pixel (COS), count/s over the detector (STIS); None: typical
    dark_ramp: float = 2.0  # dark at the end over dark at the start
    drift_px: float = 0.0  # rows that the source moves from start to end, about where it belongs
    airglow: float = 1.0  # brightness of Lyman alpha and O I, 1: typical by day
    tds_per_year: float = 0.0  # part of the sensitivity lost per year
    x1d: bool = True  # also write the extracted spectrum
    timeline: bool = True  # also write the TIMELINE table (COS)
    empty_gti: bool = False  # a GTI table without rows and EXPTIME 0, as after a rollover of the clock (STIS)
    primary: Mapping[str, Any] = field(default_factory=dict)  # keywords to set differently in the primary header
    events: Mapping[str, Any] = field(default_factory=dict)  # the same of the EVENTS header
    arrange: Callable[[Table], Table] | None = None  # what goes wrong with the event list
    expected: str = 'accepted'  # or the reason of its rejection
    note: str = ''  # what is special about it; goes into the truth

    def rng(self, part: str = '') -> np.random.Generator:
        """Return a random generator of this exposure's own: the same for the same seed and rootname, whatever was made before."""
        return np.random.default_rng([self.seed, *(self.rootname + part).encode('ascii')])

    def sensitivity_factor(self) -> float:
        """Return what is left of the sensitivity at the start of the exposure."""
        return 1 - self.tds_per_year * (self.start_mjd - TDS_EPOCH_MJD) / 365.25

    def relative(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the source's brightness at seconds since EXPSTART."""
        return self.source.relative(self.start_mjd, time_s)

    def dark_shape(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the dark rate relative to that at the start: a straight ramp."""
        return 1 + (self.dark_ramp - 1) * np.clip(time_s / max(self.exptime_s, 1e-3), 0, 2)

    def drift(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how many rows the source is from where it belongs."""
        return self.drift_px * (time_s / max(self.exptime_s, 1e-3) - 0.5)


@dataclass(frozen=True)
class BandTruth:
    """The true mean flux density of a band over the good time of an exposure; erg/s/cm2/Angstrom."""

    wmin_aa: float  # the lower edge
    wmax_aa: float  # the upper one
    flux: float  # erg/s/cm2/Angstrom


@dataclass(frozen=True)
class Truth:
    """What is true of a simulated exposure."""

    rootname: str  # names the files
    targname: str  # name of the source
    instrume: str  # COS or STIS
    detector: str  # FUV, NUV, FUV-MAMA or NUV-MAMA
    opt_elem: str  # grating or mirror
    cenwave: int  # central wavelength in Angstrom; 0: imaging
    aperture: str  # name of the aperture
    start_mjd: float  # EXPSTART, UTC
    exptime_s: float  # sum of the good time intervals
    seed: int  # of the random numbers
    expected: str  # 'accepted', or the reason of its rejection
    note: str  # what is special about the exposure
    files: tuple[str, ...]  # names of what was written
    variation: str  # Constant | Sinusoid | Flares | Eclipses
    mean_relative: float  # mean of the brightness over the good time
    bands: tuple[BandTruth, ...]  # their true fluxes
    period_s: float | None = None  # of a sinusoid or of eclipses
    amplitude: float | None = None  # of a sinusoid, relative to the mean
    epoch_mjd: float | None = None  # where a sinusoid rises through its mean; the middle of an eclipse
    depth: float | None = None  # of eclipses, part of the light that is lost
    duration_s: float | None = None  # of eclipses, first to last contact
    flares_mjd: tuple[float, ...] = ()  # onsets
    flare_peaks: tuple[float, ...] = ()  # added brightness at each peak, in units of the quiet one
    dark: float = 0.0  # at the start; count/s/pixel (COS), count/s over the detector (STIS)
    dark_ramp: float = 1.0  # dark at the end over dark at the start
    drift_px: float = 0.0  # rows from start to end


def make_truth(
    exposure: Exposure,
    good: GoodTime,
    *,
    instrume: str,
    detector: str,
    dark: float,
    bands_aa: tuple[tuple[float, float], ...],
    files: tuple[str, ...],
) -> Truth:
    """Return what is true of an exposure; `bands_aa` are the bands whose flux is wanted."""
    source, variation = exposure.source, exposure.source.variation
    mean = good.mean(exposure.relative)
    return Truth(
        exposure.rootname, source.name, instrume, detector, exposure.opt_elem, exposure.cenwave, exposure.aperture,
        exposure.start_mjd, good.total_s, exposure.seed, exposure.expected, exposure.note, files,
        variation=type(variation).__name__,
        mean_relative=mean,
        bands=tuple(BandTruth(low, high, mean * source.spectrum.mean_flux_density(low, high)) for low, high in bands_aa),
        **{name: getattr(variation, name, None) for name in ('period_s', 'amplitude', 'epoch_mjd', 'depth', 'duration_s')},
        flares_mjd=getattr(variation, 'onsets_mjd', ()),
        flare_peaks=getattr(variation, 'peaks', ()),
        dark=dark,
        dark_ramp=exposure.dark_ramp,
        drift_px=exposure.drift_px,
    )  # fmt: skip
