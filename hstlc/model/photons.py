"""Events, extracted spectra and the regions of a detector from which photons are taken."""

from dataclasses import dataclass

from hstlc.model.arrays import Bools, Floats, Ints, Reals


@dataclass(frozen=True, kw_only=True, slots=True)
class Events:
    """A block of detected events; arrays are (n,)."""

    time_s: Floats  # since t0 of the exposure's time grid
    x: Reals  # coordinate along the dispersion; column = floor(x + 0.5)
    y: Reals  # across
    epsilon: Reals  # weight: 1 / flat field, dead time included
    good: Bools  # event flags (pulse height, burst, bad time) are clear, and its numbers are numbers
    clean: Bools  # no flag of the columns' serious flags either; background events must be clean


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtractedSpectrum:
    """A row of an x1d file: one segment, stripe or order; arrays are (n_columns,). None where the file has no such column."""

    name: str  # FUVA, NUVB, or the order's number
    exptime_s: float  # exposure time of the row
    wavelength_aa: Floats  # at the centres of the columns
    net: Floats  # count/s
    flux: Floats  # erg s-1 cm-2 Angstrom-1
    gross: Floats  # count/s
    background: Floats  # count/s in the extraction height
    dq: Ints  # data quality bits
    dq_weight: Floats | None  # 0 or 1: COS's own verdict on the column
    error: Floats  # erg s-1 cm-2 Angstrom-1
    net_error: Floats | None  # count/s, STIS
    y_lower: Floats | None  # first row of the extraction, COS TWOZONE
    y_upper: Floats | None  # last row
    enclosed_energy: Floats | None  # part of the source inside these rows
    centre: Floats | None  # STIS: EXTRLOCY, 1-indexed
    height: float | None  # STIS: EXTRSIZE
    background_offsets: tuple[float, float] = (0.0, 0.0)  # rows from the spectrum to each background region, STIS
    background_heights: tuple[float, float] = (0.0, 0.0)  # rows of each


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """Where one segment, stripe or order lies on the detector, column by column; arrays are (n_columns,).

    A column's rows are counted from its `origin`: an event at `y` is in row floor(y - origin + 0.5), which spans half a row to both
    sides; the part of it inside lower..upper is the event's share.
    """

    name: str  # FUVA, NUVB, or the order
    first_x: int  # column 0 is at x = first_x
    origin: Floats  # y from which its rows are counted
    lower: Floats  # edges of the source region
    upper: Floats  # likewise
    backgrounds: tuple[tuple[Floats, Floats], ...]  # edges of the background regions
    area_ratio: Floats  # rows of the source region / rows of the background regions
    wavelength_aa: Floats  # at the centre of the column; 0 where there is none
    width_aa: Floats  # of the column
    good: Bools  # columns that may be used
    enclosed_energy: Floats  # part of the source inside
    sensitivity: Floats | None  # (count/s) / (erg s-1 cm-2 Angstrom-1), NaN where unknown; None: no flux calibration
    net: Floats | None  # count/s as the x1d has it
    background_rate: Floats | None  # count/s of background in the source region as the x1d has it, divided by enclosed energy


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentFacts:
    """What the quality checks ask of one event list."""

    name: str  # the file, and the extension where there are several
    expflag: str | None  # EXPFLAG; None where it is missing
    exptime_s: float  # exposure time
    gti_s: Floats  # (n, 2)
    n_events: int  # events in the list
    n_in_gti: int  # of them, in good time
    n_distinct_times: int  # counted up to 2
    n_backward: int  # steps back in time beyond rounding
    largest_backward_s: float  # the largest of these steps


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the quality checks ask of one exposure."""

    instrume: str  # COS or STIS
    targname: str  # TARGNAME of the header
    proposid: int | None  # observing programme
    exptype: str | None  # EXPTYPE
    asn_mtyp: str | None  # its part in an association
    aperture: str  # as in Exposure
    shutter: str | None  # SHUTTER
    obsmode: str | None  # OBSMODE
    plantime_s: float | None  # planned exposure time
    exptime_s: float  # exposure time
    fgslock: str | None  # FGSLOCK: how Hubble was guided
    extended: bool  # whether the source is called extended
    overflow: int  # lost events and errors that the header counts
    segments: tuple[SegmentFacts, ...]  # one for each event file


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """An extraction box as COS headers give it: one segment or stripe, rows counted from 0."""

    name: str  # FUVA, NUVB
    location: float  # centre of the spectrum at x_middle, pixels
    slope: float  # pixel per pixel
    height: int  # pixels
    background_locations: tuple[float, float]  # centres at x_middle
    background_heights: tuple[int, int]  # pixels
    x_middle: float  # where the locations hold


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """The 1 Hz table of a COS exposure; arrays are (n,)."""

    time_s: Floats  # since EXPSTART
    longitude_deg: Floats  # of the point below Hubble, east
    latitude_deg: Floats  # of the point below Hubble
    sun_alt_deg: Floats  # of the Sun above the Earth's limb
