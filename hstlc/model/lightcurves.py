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

    dataset: int  # number of the exposure, from 1
    filename: str  # event file
    rootname: str  # of the exposure
    proposid: int | None  # observing programme
    instrument: str  # COS or STIS
    detector: str  # as in Exposure
    opt_elem: str  # grating or mirror
    cenwave: int  # Angstrom, 0 for imaging
    aperture: str  # as in Exposure
    fppos: int  # grating offset index, 0 for STIS
    life_adj: str | None  # lifetime position of COS
    cal_ver: str | None  # calibration software
    mjd_beg: float  # start of good time
    mjd_mid: float  # its middle
    mjd_end: float  # its end
    xposure_s: float  # live time
    minwave_aa: float | None  # start of the good wavelengths
    maxwave_aa: float | None  # their end
    reference_files: str  # KEYWORD=name of each
    flux_source: FluxSource  # where the sensitivity comes from
    x1d_file: str | None  # extracted spectrum
    x1d_ratio: float | None  # net rate here / in the x1d
    input_bytes: int  # size of the event files
    input_sha256: str  # of each of them
    warnings: tuple[str, ...]  # W_ codes


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The non-empty cells of one plane of a dynamic spectrum, sorted by (time, wave)."""

    time: CellInts  # (n,) number of the time bin
    wave: ShortInts  # (n,) number of the wavelength cell
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

    cell: ShortInts = field(default_factory=no_cells)  # wavelength cell that holds the events
    other: ShortInts = field(default_factory=no_cells)  # the cell that they count in, too
    counts: Floats = field(default_factory=no_floats)  # of weights, see above
    flux: Floats = field(default_factory=no_floats)  # of flux weights


@dataclass(frozen=True, kw_only=True)
class DynamicSpectrum:
    """Counts of one exposure on a grid of time and wavelength, sparse; everything later is a sum over it.

    The cell arrays of `source` and `background` are sorted by (time, wave). Background sums are already scaled by area to the
    source region. Sums of weights: `w` counts, `w2` counts squared, `f` erg cm-2 (NaN-free; zero where no flux), `f2` its square.
    """

    exposure: Exposure  # whose photons they are
    t0_mjd: float  # zero of the time grid's seconds (EXPSTART), UTC
    start_s: float  # left edge of the first time bin, seconds since t0
    step_s: float  # width of the time bins
    live_s: Floats  # (n_time,) live time of each bin
    bjd_offset_s: Floats  # (n_time,) (BJD_TDB - MJD_UTC - 2400000.5) * 86400 at the bin centre, NaN where unknown
    sun_alt_deg: Floats  # (n_time,) altitude of the Sun above the limb, NaN where unknown
    quality: Ints  # (n_time,) Quality bits that belong to a time bin
    wave0_aa: float  # left edge of the first wavelength cell; 0 where there is no wavelength
    wave_step_aa: float  # width of the cells
    good_width_aa: Floats  # (n_wave,) width of good columns in each cell; 0 = nothing was measured there
    x1d_background: Floats  # (n_wave,) background count/s that the x1d holds, NaN where it does not say
    x1d_background_flux: Floats  # (n_wave,) the same, erg s-1 cm-2
    source: Cells  # source region
    background: Cells  # background regions
    gti_s: Floats  # (n, 2) good time intervals, seconds since t0
    flux_source: FluxSource  # where the sensitivity comes from
    hstpos: str  # TIMELINE, GEOCENTER or NONE
    time_error_s: float  # systematic uncertainty of a time stamp
    wmin_aa: float | None  # start of the good wavelengths
    wmax_aa: float | None  # their end
    reference_files: str = ''  # KEYWORD=name of each
    x1d_file: str | None = None  # extracted spectrum
    x1d_ratio: float | None = None  # net rate here / in the x1d
    shared: SharedCells = field(default_factory=SharedCells)  # cells of the background whose errors are not independent
    high_voltage: tuple[int | None, int | None] = (None, None)  # commanded levels of COS FUV segments A and B, where exposed
    background_limits: tuple[float, float] = (0.7, 1.4)  # accepted range of (x1d background) / (area-scaled background)
    warnings: tuple[str, ...] = ()  # W_ codes

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
    counts_high: Floats  # count
    band_flux_low: Floats  # erg s-1 cm-2, NaN where no calibration
    band_flux_high: Floats  # erg s-1 cm-2, likewise


@dataclass(frozen=True, kw_only=True)
class LightCurve:
    """A light curve, of one exposure or of many; arrays are (n_bins,) in time order unless said otherwise."""

    key: GroupKey  # its configuration
    exposures: tuple[Exposure, ...]  # members, in the order of `dataset`
    provenance: tuple[Provenance, ...]  # a row for each
    step_s: float  # bin width
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
    quality: Ints  # Quality bits
    dataset: Ints  # 1-based row of `provenance`
    gti_mjd: Floats  # (n, 2) good time intervals
    wmin_aa: float | None  # start of the band
    wmax_aa: float | None  # end of the band
    band_width_aa: float  # summed good width, 0 where there is no wavelength
    removed_aa: tuple[tuple[float, float], ...]  # windows taken out (airglow)
    flux_sources: tuple[FluxSource, ...]  # where the sensitivity comes from
    hstpos: str  # TIMELINE, GEOCENTER or NONE: the observer of `bjd_tdb`
    time_error_s: float  # systematic uncertainty of a time stamp
    warnings: tuple[str, ...] = ()  # W_ codes
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

    total: int  # counts in whole bins
    mean: float | None  # counts per bin
    mu: float | None  # square root of the mean
    stdev: float | None  # counts per bin
    poisson_factor: float | None  # stdev / mu
    pearson_r: float | None  # of counts against time
    pearson_p: float | None  # its probability without a correlation
    periodogram: bool  # whether a significant peak has the power of `periodogram_power`
    deliver: bool  # whether it goes to MAST
    best_period_s: float | None = None  # strongest period of the original's periodogram
    best_power: float | None = None  # its power, 0 to 1
    note: str | None = None  # why numbers are missing
    x_bins: int | None = None  # bins that the added statistics take
    x_chi2: float | None = None  # against a constant rate in each exposure
    x_dof: int | None = None  # degrees of freedom of x_chi2
    x_chi2_p: float | None = None  # probability of at least as much
    x_cstat: float | None = None  # C-statistic of the source events against the same
    x_cstat_p: float | None = None  # probability of at least as much
    x_exvar: float | None = None  # normalised excess variance within exposures
    x_exvar_err: float | None = None  # its error
    x_fvar: float | None = None  # its root, the fractional variability
    x_fvar_err: float | None = None  # its error
    x_between_p: float | None = None  # probability that all exposures have one mean
    x_between_range: float | None = None  # (brightest - faintest) / mean of the exposures
    x_trend: float | None = None  # change over the whole span / mean
    x_trend_err: float | None = None  # its error
    x_trend_p: float | None = None  # probability of as much without a trend
    x_spearman: float | None = None  # rank correlation of rate and time
    x_spearman_p: float | None = None  # probability of as much without one
    x_acf1: float | None = None  # lag-1 autocorrelation
    x_red_noise: bool | None = None  # whether noise without the periods is correlated
    x_variable: bool | None = None  # whether x_chi2_p is below `variable_p`
    x_period_s: float | None = None  # the best period: of the source if one is, else the strongest
    x_period_err_s: float | None = None  # its error
    x_period_power: float | None = None  # part of the variance that it explains
    x_period_amplitude: float | None = None  # relative to the mean rate
    x_period_fap: float | None = None  # false-alarm probability
    x_alias: int | None = None  # bits of Alias: what it may be instead
    x_periodic: bool | None = None  # whether it is certain and the source's own
    x_blocks: int | None = None  # Bayesian blocks of all exposures
    x_flares: int | None = None  # their number
    x_eclipses: int | None = None  # their number
    x_line_fvar: float | None = None  # fractional variability of all emission lines
    x_continuum_fvar: float | None = None  # fractional variability of all continuum
    x_colour_p: float | None = None  # probability that lines and continuum vary together
    x_interest: float | None = None  # 0 to 100
    x_note: str | None = None  # why added numbers are missing
    x_version: int | None = None  # of the added statistics
    x_periods: tuple[Period, ...] = ()  # the most certain first
    x_episodes: tuple[Episode, ...] = ()  # the 50 strongest flares and eclipses, in time order
    x_block_edges_mjd: tuple[float, ...] = ()  # change points
    x_bands: tuple[BandVariability, ...] = ()  # variability of each line and piece of continuum
    x_interest_parts: Interest | None = None  # what x_interest is made of
    x_thresholds: Thresholds | None = None  # by what was judged
