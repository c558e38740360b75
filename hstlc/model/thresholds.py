"""By what the statistics judge."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """By what the statistics judge; each is a setting of the same name, and is written with every light curve's statistics."""

    # --- the original's ---------------------------------------------------------------------------------------------
    periodogram_power: float = 0.30  # power from which a period is called interesting
    # --- variability ------------------------------------------------------------------------------------------------
    variable_p: float = 1e-3  # probability of a constant source below which a light curve counts as variable
    min_events: int = 5  # source events; with fewer there are no added statistics
    firm_mean: float = 5.0  # standard errors from which a mean rate is good enough to divide by
    calibration_error: float = 0.05  # relative, between exposures
    colour_counts: float = 30.0  # of lines and of continuum in each bin of their comparison
    # --- periods ----------------------------------------------------------------------------------------------------
    period_fap: float = 1e-3  # false-alarm probability below which a period counts
    listed_fap: float = 0.01  # false-alarm probability below which it is listed and taken out, and another one looked for
    most_periods: int = 3  # of one search
    min_period_bins: int = 8  # fewer bins are not searched
    red_noise: float = 0.2  # lag-1 autocorrelation from which noise is not white
    visit_gap: float = 12.0  # h; exposures farther apart belong to different visits
    season_gap: float = 60.0  # d; where data are cut into seasons
    longest_season: float = 400.0  # d; data that span more are cut
    # --- what a period may be instead -------------------------------------------------------------------------------
    orbit_shortest: float = 5718.0  # s, orbital period of HST: 95.3 to 96.7 minutes since 2009
    orbit_longest: float = 5802.0  # s, likewise
    orbit_tolerance: float = 0.02  # of the frequency
    orbit_twin: float = 0.8  # of the score; a peak at the orbit as high as that makes the highest one its alias
    min_cycles: float = 2.0  # of the period; and of orbit or day, before data can show these
    window_power: float = 0.5  # power of the times of observation themselves
    background_part: float = 0.3  # of the amplitude of the net rate, from which the background may be its cause
    airglow_ratio: float = 1.5  # of relative amplitudes, from which the airglow may be: it holds light of the source, too
    housekeeping_p: float = 0.01  # probability that noise gives background, airglow or lamps as much power at the period
    # --- flares and eclipses ----------------------------------------------------------------------------------------
    block_p0: float = 0.003  # probability that a constant exposure is cut into blocks
    flare_ratio: float = 1.2  # of the undisturbed rate; eclipses lie below 2 - flare_ratio
    flare_sigma: float = 4.0  # noise of the undisturbed rate that a flare or eclipse exceeds in all
    flare_background: float = 0.5  # part of an excess of counts that the background may have
    background_sigma: float = 3.0  # significance from which a change of the background counts
    # --- the interest score -----------------------------------------------------------------------------------------
    weight_flares: float = 0.7  # how far the score reaches with this part alone, 0 to 1
    weight_eclipses: float = 0.7  # likewise
    weight_period: float = 0.7  # likewise
    weight_outburst: float = 0.6  # likewise
    weight_variability: float = 0.4  # likewise
    certain_p: float = 1e-12  # probability at which a part is full
    full_sigma: float = 20.0  # significance, relative range, fractional variability at which a part is full
    full_range: float = 0.5  # likewise
    full_fvar: float = 0.2  # likewise
