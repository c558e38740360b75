"""Dynamic spectra, light curves and their statistics."""

from dataclasses import dataclass, field

from hstlc.model.archive import Exposure, GroupKey
from hstlc.model.arrays import CellInts, Floats, Ints, ShortInts, no_cells, no_floats, root, unknown
from hstlc.model.thresholds import Thresholds
from hstlc.model.variability import BandVariability, Episode, Interest, Period
from hstlc.model.vocabulary import FluxSource


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
class Cells:
    """The non-empty cells of one plane of a dynamic spectrum, sorted by (time, wave)."""

    time: CellInts
    wave: ShortInts
    n: CellInts  # events
    w: Floats  # sum of weights, count
    w2: Floats  # sum of squared weights, count2
    f: Floats  # sum of flux weights, erg cm-2
    f2: Floats  # sum of squared flux weights, erg2 cm-4


@dataclass(frozen=True, kw_only=True)
class SharedCells:
    """Wavelength cells that share background events; arrays are (n,).

    An event in `cell` counts in `other` too. The products of its weights in both, summed over the events of `cell`, are `counts`
    times the sum of its squared weights in `cell`; `flux` is the same of flux weights.
    """

    cell: ShortInts = field(default_factory=no_cells)
    other: ShortInts = field(default_factory=no_cells)
    counts: Floats = field(default_factory=no_floats)
    flux: Floats = field(default_factory=no_floats)


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
    quality: Ints  # (n_time,) Quality bits that belong to a time bin
    wave0_aa: float  # left edge of the first wavelength cell; 0 where there is no wavelength
    wave_step_aa: float
    good_width_aa: Floats  # (n_wave,) width of good columns in each cell; 0 = nothing was measured there
    x1d_background: Floats  # (n_wave,) background count/s that the x1d holds, NaN where it does not say
    x1d_background_flux: Floats  # (n_wave,) the same, erg s-1 cm-2
    source: Cells
    background: Cells
    gti_s: Floats  # (n, 2) good time intervals, seconds since t0
    flux_source: FluxSource
    hstpos: str  # TIMELINE, GEOCENTER or NONE
    time_error_s: float  # systematic uncertainty of a time stamp
    wmin_aa: float | None
    wmax_aa: float | None
    reference_files: str = ''
    x1d_file: str | None = None
    x1d_ratio: float | None = None
    shared: SharedCells = field(default_factory=SharedCells)  # cells of the background whose errors are not independent
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
class AsymmetricErrors:
    """Errors downwards and upwards of few counts; arrays are (n_bins,)."""

    counts_low: Floats  # count
    counts_high: Floats
    band_flux_low: Floats  # erg s-1 cm-2, NaN where no calibration
    band_flux_high: Floats


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
    errors: AsymmetricErrors | None = None  # None: the same in both directions

    @property
    def counts(self) -> Floats:
        """Background-subtracted counts per bin, (n_bins,) float64."""
        return self.gross - self.background

    @property
    def error(self) -> Floats:
        """The original's error, sqrt(gross + background), counts, (n_bins,) float64."""
        return root((self.gross + self.background).clip(0.0))

    @property
    def net(self) -> Floats:
        """Background-subtracted count rate, count/s, (n_bins,) float64."""
        return self.counts / self.exptime_s

    @property
    def net_err(self) -> Floats:
        """Error of `net` from compound Poisson statistics, count/s, (n_bins,) float64."""
        return root(self.variance) / self.exptime_s

    @property
    def flux(self) -> Floats:
        """Mean flux density over the band, erg s-1 cm-2 Angstrom-1, (n_bins,) float64, NaN where not calibrated."""
        return self.band_flux / self.band_width_aa if self.band_width_aa > 0 else unknown(len(self.mjd))

    @property
    def flux_err(self) -> Floats:
        """Error of `flux`, erg s-1 cm-2 Angstrom-1, (n_bins,) float64."""
        nothing = unknown(len(self.mjd))
        return root(self.band_flux_variance) / self.band_width_aa if self.band_width_aa > 0 else nothing

    @property
    def both_errors(self) -> AsymmetricErrors:
        """Errors downwards and upwards; sqrt(variance) in both directions where counts are many or nothing else is known."""
        if self.errors is not None:
            return self.errors
        counts, flux = root(self.variance), root(self.band_flux_variance)
        return AsymmetricErrors(counts_low=counts, counts_high=counts, band_flux_low=flux, band_flux_high=flux)


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """The statistics of one light curve: the original's under its names, the added ones x_*; None where a number does not exist."""

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
    x_bins: int | None = None  # bins that the added statistics take
    x_chi2: float | None = None  # against a constant rate in each exposure
    x_dof: int | None = None
    x_chi2_p: float | None = None
    x_cstat: float | None = None  # C-statistic of the source events against the same
    x_cstat_p: float | None = None
    x_exvar: float | None = None  # normalised excess variance within exposures
    x_exvar_err: float | None = None
    x_fvar: float | None = None  # its root, the fractional variability
    x_fvar_err: float | None = None
    x_between_p: float | None = None  # probability that all exposures have one mean
    x_between_range: float | None = None  # (brightest - faintest) / mean of the exposures
    x_trend: float | None = None  # change over the whole span / mean
    x_trend_err: float | None = None
    x_trend_p: float | None = None
    x_spearman: float | None = None
    x_spearman_p: float | None = None
    x_acf1: float | None = None  # lag-1 autocorrelation
    x_red_noise: bool | None = None
    x_variable: bool | None = None
    x_period_s: float | None = None  # the best period: of the source if one is, else the strongest
    x_period_err_s: float | None = None
    x_period_power: float | None = None
    x_period_amplitude: float | None = None
    x_period_fap: float | None = None
    x_alias: int | None = None
    x_periodic: bool | None = None
    x_blocks: int | None = None
    x_flares: int | None = None
    x_eclipses: int | None = None
    x_line_fvar: float | None = None
    x_continuum_fvar: float | None = None
    x_colour_p: float | None = None  # probability that lines and continuum vary together
    x_interest: float | None = None  # 0 to 100
    x_note: str | None = None  # why added numbers are missing
    x_version: int | None = None  # of the added statistics
    x_periods: tuple[Period, ...] = ()
    x_episodes: tuple[Episode, ...] = ()
    x_block_edges_mjd: tuple[float, ...] = ()  # change points
    x_bands: tuple[BandVariability, ...] = ()
    x_interest_parts: Interest | None = None
    x_thresholds: Thresholds | None = None
