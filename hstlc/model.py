"""The frozen types that every part of hstlc speaks in.

Plain floats and arrays carry their unit in the name: `_s` seconds, `_mjd` days (UTC unless the name says otherwise),
`_aa` Angstrom, `_deg` degrees. Missing is None, never a sentinel.
"""

from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Instrument(StrEnum):
    """Instruments that hstlc knows (header keyword INSTRUME)."""

    COS = 'COS'
    STIS = 'STIS'


class Status(StrEnum):
    """What became of an exposure at ingest."""

    ACCEPTED = 'accepted'
    REJECTED = 'rejected'


class Reason(StrEnum):
    """Why an exposure was rejected; the first six are the original system's."""

    BAD_EXPFLAG = 'Bad EXPFLAG'
    NON_LINEAR_TIME = 'Non-linear time'
    NO_EVENTS = 'No events'
    SINGULAR_EVENT = 'Singular event'
    BAD_PROPOSAL = 'Bad Proposal'
    SHORT_EXPOSURE = 'Short Exposure'
    NOT_SCIENCE = 'Not science'
    UNREADABLE = 'Unreadable'
    EXCLUDED = 'Excluded by operator'


class Quality(IntFlag):
    """Bits of the QUALITY column of a light curve."""

    PARTIAL = 1
    LOWEXP = 2
    LAMP = 4
    DAY = 8
    BURST = 16
    LOWN = 32
    SAA = 64
    BKGFILL = 128
    NOFLUX = 256
    TIMEJIT = 512
    SEGMISS = 1024


QUALITY_MEANINGS: dict[Quality, str] = {
    Quality.PARTIAL: 'the bin is only partly inside good time (an edge of a good time interval or of the exposure)',
    Quality.LOWEXP: 'live time below the setting min_fracexp of the bin width; left out of the statistics',
    Quality.LAMP: 'a wavelength calibration lamp was on during the bin',
    Quality.DAY: "the Sun was above the Earth's limb: airglow is strong",
    Quality.BURST: 'the whole-detector rate jumped: a burst of detector noise',
    Quality.LOWN: 'fewer than 10 source events: errors are asymmetric',
    Quality.SAA: 'near the South Atlantic Anomaly',
    Quality.BKGFILL: 'the background of the bin was interpolated',
    Quality.NOFLUX: 'no flux calibration was possible; FLUX is NaN',
    Quality.TIMEJIT: 'event times stepped backward within the bin and were sorted',
    Quality.SEGMISS: 'a detector segment that belongs to the exposure is missing',
}


class FluxSource(StrEnum):
    """Where the sensitivity of a light curve comes from (keyword FLUXSRC)."""

    X1D = 'X1D'
    X1DSIB = 'X1DSIB'
    REFFILE = 'REFFILE'
    NONE = 'NONE'


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFile:
    """A file that belongs to an exposure."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """What the headers of one exposure say; values of the header, blanks stripped, None where the keyword is missing."""

    rootname: str
    filename: str  # corrtag_a, else corrtag_b, else corrtag (for a STIS tag: the corrtag that is derived from it)
    files: tuple[InputFile, ...] = ()  # event files first, then the x1d when there is one
    telescop: str = 'HST'
    instrume: Instrument
    detector: str
    header_targname: str
    targname: str  # as rules and table of target names give it; names the directories
    obstype: str = 'SPECTROSCOPIC'
    obsmode: str = 'TIME-TAG'
    opt_elem: str
    cenwave: int  # 0 for imaging
    aperture: str
    fppos: int = 0  # 0 for STIS
    life_adj: str | None = None
    proposid: int | None = None
    pi_name: str | None = None
    ra_targ_deg: float | None = None
    dec_targ_deg: float | None = None
    moving_target: bool = False
    expstart_mjd: float
    expend_mjd: float
    exptime_s: float
    cal_ver: str | None = None
    crds_ctx: str | None = None
    asn_id: str | None = None
    release_date: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """One finding of the quality checks that rejects an exposure."""

    reason: Reason
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What ingest found out about one exposure: `records/<rootname>.json`.

    `exposure` is None only for a file that cannot be read at all.
    """

    rootname: str
    status: Status
    ingest_date: str  # ISO 8601 day
    path: str  # directory of the files, relative to the home where it lies inside
    filename: str  # the file that names the row in the catalog
    exposure: Exposure | None
    rejections: tuple[Rejection, ...] = ()  # all findings, the first is the reason
    warnings: tuple[str, ...] = ()  # W_ codes, see content/flags.md
    message: str | None = None  # an operator's reason, or why the file could not be read


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupKey:
    """What the members of a composite have in common."""

    instrume: Instrument
    detector: str
    targname: str
    opt_elem: str
    cenwave: int
    aperture: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One object on the sky, under all the names that headers give it."""

    name: str
    slug: str
    aliases: tuple[str, ...]
    rootnames: tuple[str, ...]
    ra_deg: float | None
    dec_deg: float | None
    moving: bool
    joins: tuple[str, ...] = ()  # a sentence per join: 'GJ-436 = GJ436: same name by rule'


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """One row of the PROVENANCE table: a member exposure of a light curve."""

    dataset: int
    filename: str
    rootname: str
    proposid: int | None
    instrument: str
    detector: str
    opt_elem: str
    cenwave: int
    aperture: str
    fppos: int
    life_adj: str | None
    cal_ver: str | None
    mjd_beg: float
    mjd_mid: float
    mjd_end: float
    xposure_s: float
    minwave_aa: float | None
    maxwave_aa: float | None
    reference_files: str
    flux_source: FluxSource
    x1d_file: str | None
    x1d_ratio: float | None
    input_bytes: int
    input_sha256: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DynamicSpectrum:
    """Counts of one exposure on a grid of time and wavelength, sparse; everything later is a sum over it.

    The cell arrays of `source` and `background` are sorted by (time, wave). Background sums are already scaled by area to the
    source region. Sums of weights: `w` counts, `w2` counts squared, `f` erg cm-2 (NaN-free; zero where no flux), `f2` its square.
    """

    exposure: Exposure
    t0_mjd: float  # zero of the time grid's seconds (EXPSTART), UTC
    start_s: float  # left edge of the first time bin, seconds since t0
    step_s: float  # width of the time bins
    live_s: Floats  # (n_time,) live time of each bin
    bjd_offset_s: Floats  # (n_time,) (BJD_TDB - MJD_UTC - 2400000.5) * 86400 at the bin centre, NaN where unknown
    sun_alt_deg: Floats  # (n_time,) altitude of the Sun above the limb, NaN where unknown
    airglow: Floats  # (n_time,) counts/s in the geocoronal lines, NaN where not measured
    quality: Ints  # (n_time,) Quality bits that belong to a time bin
    wave0_aa: float  # left edge of the first wavelength cell; 0 where there is no wavelength
    wave_step_aa: float
    good_width_aa: Floats  # (n_wave,) width of good columns in each cell; 0 = nothing was measured there
    x1d_background: Floats  # (n_wave,) background count/s that the x1d holds, NaN where it does not say
    x1d_background_flux: Floats  # (n_wave,) the same, erg s-1 cm-2
    source: 'Cells'
    background: 'Cells'
    gti_s: Floats  # (n, 2) good time intervals, seconds since t0
    flux_source: FluxSource
    hstpos: str  # TIMELINE, GEOCENTER or NONE
    time_error_s: float  # systematic uncertainty of a time stamp
    wmin_aa: float | None
    wmax_aa: float | None
    reference_files: str = ''
    x1d_file: str | None = None
    x1d_ratio: float | None = None
    background_limits: tuple[float, float] = (0.7, 1.4)  # accepted range of (x1d background) / (area-scaled background)
    warnings: tuple[str, ...] = ()

    @property
    def n_time(self) -> int:
        """Number of time bins."""
        return len(self.live_s)

    @property
    def n_wave(self) -> int:
        """Number of wavelength cells."""
        return len(self.good_width_aa)

    @property
    def has_wavelength(self) -> bool:
        """Whether the cells are wavelengths; otherwise there is one cell that holds everything (imaging)."""
        return self.wave0_aa > 0


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The non-empty cells of one plane of a dynamic spectrum, sorted by (time, wave)."""

    time: NDArray[np.int32]
    wave: NDArray[np.int16]
    n: NDArray[np.int32]  # events
    w: Floats  # sum of weights, count
    w2: Floats  # sum of squared weights, count2
    f: Floats  # sum of flux weights, erg cm-2
    f2: Floats  # sum of squared flux weights, erg2 cm-4


@dataclass(frozen=True, kw_only=True)
class LightCurve:
    """A light curve, of one exposure or of many; arrays are (n_bins,) in time order unless said otherwise."""

    key: GroupKey
    exposures: tuple[Exposure, ...]
    provenance: tuple[Provenance, ...]
    step_s: float
    mjdref: float  # floor of the first bin's MJD
    times_s: Floats  # bin centre since EXPSTART of its own exposure
    mjd: Floats  # bin centre, UTC
    bjd_tdb: Floats  # NaN for moving targets and unknown positions
    bins_s: Floats  # bin width
    exptime_s: Floats  # live time
    gross: Floats  # weighted source-region counts
    background: Floats  # counts, scaled to the source region
    n_src: Ints  # raw source events
    n_bkg: Ints  # raw background events
    variance: Floats  # of gross - background, count2 (compound Poisson)
    band_flux: Floats  # erg s-1 cm-2, NaN where no calibration
    band_flux_variance: Floats  # (erg s-1 cm-2)2
    airglow: Floats  # count/s, NaN where not measured
    sun_alt_deg: Floats  # NaN where unknown
    quality: Ints
    dataset: Ints  # 1-based row of `provenance`
    gti_mjd: Floats  # (n, 2) good time intervals
    wmin_aa: float | None
    wmax_aa: float | None
    band_width_aa: float  # summed good width, 0 where there is no wavelength
    removed_aa: tuple[tuple[float, float], ...]  # windows taken out (airglow)
    flux_sources: tuple[FluxSource, ...]
    hstpos: str
    time_error_s: float
    warnings: tuple[str, ...] = ()

    @property
    def counts(self) -> Floats:
        """Background-subtracted counts per bin, (n_bins,) float64."""
        return self.gross - self.background

    @property
    def error(self) -> Floats:
        """The original's error, sqrt(gross + background), counts, (n_bins,) float64."""
        return np.sqrt(np.maximum(self.gross + self.background, 0.0))

    @property
    def net(self) -> Floats:
        """Background-subtracted count rate, count/s, (n_bins,) float64."""
        return self.counts / self.exptime_s

    @property
    def net_err(self) -> Floats:
        """Error of `net` from compound Poisson statistics, count/s, (n_bins,) float64."""
        return np.sqrt(self.variance) / self.exptime_s

    @property
    def flux(self) -> Floats:
        """Mean flux density over the band, erg s-1 cm-2 Angstrom-1, (n_bins,) float64, NaN where not calibrated."""
        return self.band_flux / self.band_width_aa if self.band_width_aa > 0 else np.full(len(self.mjd), np.nan)

    @property
    def flux_err(self) -> Floats:
        """Error of `flux`, erg s-1 cm-2 Angstrom-1, (n_bins,) float64."""
        nothing = np.full(len(self.mjd), np.nan)
        return np.sqrt(self.band_flux_variance) / self.band_width_aa if self.band_width_aa > 0 else nothing


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """The statistics of one light curve, under the original's names; None where a number does not exist."""

    total: int
    mean: float | None
    mu: float | None
    stdev: float | None
    poisson_factor: float | None
    pearson_r: float | None
    pearson_p: float | None
    periodogram: bool
    deliver: bool
    best_period_s: float | None = None  # strongest period of the original's periodogram
    best_power: float | None = None
    note: str | None = None  # why numbers are missing


@dataclass(frozen=True, kw_only=True)
class Product:
    """A file that hstlc wrote, as a record remembers it."""

    path: str  # relative to the home where it lies inside
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a light curve: `records/lightcurves/<stem>.json`; `stem` is the light curve's file name without '.fits'.

    One for every accepted exposure (also where no light curve could be made: then `product` is None and `why_not` says why) and
    one for every composite. It holds all that pages and catalog say of the light curve without opening FITS files.
    """

    stem: str
    composite: bool
    key: GroupKey
    rootnames: tuple[str, ...]
    why_not: str | None = None
    product: Product | None = None
    n_bins: int = 0
    step_s: float | None = None
    mjd_beg: float | None = None
    mjd_end: float | None = None
    exptime_s: float = 0.0  # summed live time
    wmin_aa: float | None = None
    wmax_aa: float | None = None
    removed_aa: tuple[tuple[float, float], ...] = ()
    mean_net: float | None = None  # count/s
    mean_net_err: float | None = None
    mean_flux: float | None = None  # erg s-1 cm-2 Angstrom-1
    mean_flux_err: float | None = None
    flux_sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  # composites: 'rootname: reason'
    provenance: tuple[dict[str, Any], ...] = field(default=())
