"""What the reference files of the instruments say, in the terms of the calibration."""

from dataclasses import dataclass, field

from hstlc.model.arrays import Floats, Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """A quantity tabulated against wavelength; arrays are (n,), wavelengths increase."""

    wavelength_aa: Floats  # (n,)
    values: Floats  # (n,) in the unit of the quantity


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeDependence:
    """How a sensitivity changes with time: piecewise straight lines.

    With intercepts (COS, newer STIS tables) the factor of segment k is intercept + slope (t - reference); without (older STIS
    tables) it is 1 at the first time and follows the slopes from there.
    """

    wavelength_aa: Floats  # (n_wave,)
    time_mjd: Floats  # (n_time,) starts of the segments
    slope: Floats  # (n_time, n_wave) per cent per year
    intercept: Floats | None  # (n_time, n_wave)
    reference_mjd: float  # from which the lines are counted where there are intercepts
    reference_temperature_c: float | None = None  # degrees Celsius; None where the sensitivity does not depend on it
    temperature_slope: Floats | None = None  # (n_wave,) per degree


@dataclass(frozen=True, kw_only=True, slots=True)
class Blaze:
    """How the blaze function of an echelle order moves with the place of the spectrum on the detector, and with time."""

    order: int  # reference order
    wavelength_aa: float  # of its middle
    row: float  # of its trace
    mjd: float  # of the reference spectrum
    per_column: float  # pixel per pixel
    per_row: float  # pixel per row
    per_day: float  # pixel per day
    offset: float  # pixels


@dataclass(frozen=True, kw_only=True, slots=True)
class Throughput:
    """The factors of a STIS order's sensitivity; None: the factor is 1."""

    response: Curve  # of telescope and detector, counts per photon
    aperture: Curve  # part of a point source's light that the aperture passes
    blaze: Blaze | None  # of an echelle
    grating_aperture: Curve | None  # factor of grating and aperture together
    height: Curve | None  # correction from the extracted height to all the light
    full_height: Curve | None  # correction from the height that stands for all the light
    time: TimeDependence | None  # change with time


@dataclass(frozen=True, kw_only=True, slots=True)
class Linearity:
    """Count rates that a MAMA detector can bear: an observed rate y comes from a true rate x by y = x exp(-tau x)."""

    tau_s: float  # dead time of an event
    global_limit: float  # count/s over the detector


@dataclass(frozen=True, kw_only=True)
class PixelCorrections:
    """What is known of the pixels of a MAMA detector; images are indexed [row, column] from 0, rows and columns of equal size."""

    flat: Floats | None = None  # product of the flat fields, (1024, 1024) or (2048, 2048); not positive where it is not known
    flags: Ints | None = None  # (1024, 1024) data quality bits of the bad-pixel table


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """What is added to the detected positions so that the spectrum lies where its x1d has it, high-resolution pixels."""

    x: int = 0  # along the dispersion, columns
    y: int = 0  # across it, rows


@dataclass(frozen=True, kw_only=True)
class TagCorrections:
    """What is done to the events of a STIS tag."""

    pixels: PixelCorrections = field(default_factory=PixelCorrections)  # its flags hold the hot pixels too
    rejected: Floats | None = None  # (1024, 1024) part of each low-resolution pixel whose events are rejected
    flats_lacking: bool = False  # a flat field that the header names was not to be had
    n_hot: int = 0  # pixels found hot in the events themselves
    shift: Shift = field(default_factory=Shift)  # of the detected positions
    used: tuple[str, ...] = ()  # reference files
    missing: tuple[str, ...] = ()  # reference files that the header names and that were not to be had
