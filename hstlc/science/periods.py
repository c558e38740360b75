"""The strongest periods of a light curve: where to look, how certain they are, what else they may be."""

from dataclasses import dataclass, replace

import numpy as np

from hstlc.model import DAY_S, SPURIOUS, Alias, Bools, Floats, Ints, Period, Thresholds
from hstlc.science.aliases import Fit, aliases, fit, orbital
from hstlc.science.lombscargle import HOUR_S, RANGES, Spectrum, false_alarm, grid, noise_level, red_noise_level, spectrum
from hstlc.science.series import Series, relative, visits
from hstlc.science.variability import serial_correlation

ONE_SIGMA = 0.5  # in log likelihood
TWO_SIGMA = 2.0
STACK_LONGEST_S = RANGES['short'][1]


@dataclass(frozen=True, kw_only=True)
class Search:
    """A set of rates in which periods are looked for."""

    values: Floats  # (n_bins,)
    sd: Floats  # their noise, (n_bins,)
    parts: Ints  # whose phases are independent
    frequency_hz: Floats  # (n,) where it is looked
    stacked: bool  # whether longer periods are looked for in another search
    longest_s: float  # span of the longest part or visit
    scaled: bool  # whether values are in units of the mean

    @property
    def ranges(self) -> dict[str, Bools]:
        """Which frequencies belong to each range that has any."""
        period = 1 / self.frequency_hz
        found = {name: (period > low) & (period <= high * (1 + 1e-12)) for name, (low, high) in RANGES.items()}
        return {name: rows for name, rows in found.items() if rows.any()}

    def inside(self, score: Floats) -> Floats:
        """Return a score without the flank of a peak whose period is longer than all of a stack: flickering makes such."""
        if not self.stacked:
            return score
        rises = np.flatnonzero(np.diff(score) > 0)
        return np.where(np.arange(len(score)) < (rises[0] if len(rises) else len(score)), 0.0, score)


@dataclass(frozen=True, kw_only=True)
class Peak:
    """The most significant frequency of a search."""

    range: str  # name of its range of periods
    index: int  # of its frequency
    fap: float  # of its range alone


def searches(found: Series, thresholds: Thresholds) -> list[Search]:
    """Return where to look for periods.

    One exposure: between two bins and its span. More: up to 10 minutes in every exposure by itself, powers added; above, in all
    exposures together, the means of visits taken out, up to the span of the longest visit. So neither the gaps between visits nor
    their different means make periods. No more than 10 hours. Where all span more than `longest_season`, seasons (between gaps of
    `season_gap`) take the place of all exposures together, and their powers are added: phases over years cost much and gain little.
    """
    if len(found) < thresholds.min_period_bins:
        return []
    firm, shortest = thresholds.firm_mean, 2 * float(np.median(found.width_s))
    longest = RANGES['long'][1]
    if found.n_datasets == 1:
        span = float(np.ptp(found.time_s))
        together = np.zeros(len(found), np.int64)
        return _kept([_search(found, together, together, grid(span, longest, shortest), span, firm)])
    visit = visits(found, thresholds.visit_gap * HOUR_S)
    exposure, in_visit = _longest(found.time_s, found.dataset), _longest(found.time_s, visit)
    short = grid(exposure, STACK_LONGEST_S, shortest)
    season = _seasons(found.time_s, thresholds)
    long_ = grid(_longest(found.time_s, season), min(longest, in_visit), STACK_LONGEST_S)
    return _kept(
        [
            _search(found, found.dataset, found.dataset, short, exposure, firm),
            _search(found, visit, season, long_[long_ < 1 / STACK_LONGEST_S], in_visit, firm),
        ]
    )


def strongest_periods(found: Series, thresholds: Thresholds) -> tuple[tuple[Period, ...], Floats]:
    """Return up to `most_periods` periods, the most certain first, and what is left of the net rate without them.

    Another one is looked for where the false-alarm probability of the last is below `listed_fap`, after its sinusoid was taken
    out. The probability is that of noise with the level that the periodogram has around the peak, without its sinusoid where it is
    certain, times the number of ranges searched. Where what is left is correlated from bin to bin (`red_noise`), that level is
    taken close to the peak, which is left in.

    Returns
    -------
    periods : tuple of Period
        Empty where there is nothing to search: fewer than `min_period_bins`, too short a span, or constant rates.
    residual : (n_bins,) float64
        Count/s, for the autocorrelation of what is no period.
    """
    jobs = searches(found, thresholds)
    n_ranges = sum(len(job.ranges) for job in jobs)
    residual = found.net.copy()
    periods: list[Period] = []
    for job in jobs:
        after_orbit = False
        for _ in range(thresholds.most_periods):
            period, model = _next(found, job, n_ranges, thresholds, after_orbit)
            if period is None:
                break
            periods.append(period)
            if period.fap > thresholds.listed_fap:
                break
            after_orbit |= bool(period.alias & Alias.ORBIT)
            job = replace(job, values=job.values - model)
            residual -= fit(found.time_s, residual, found.sd, job.parts, 1 / period.period_s).model
    periods.sort(key=lambda one: (one.fap, -one.power))
    sure = [one for one in periods if one.fap <= thresholds.listed_fap]
    return tuple((sure or periods[:1])[: thresholds.most_periods]), residual


def best(periods: tuple[Period, ...], period_fap: float) -> Period | None:
    """Return the first period that is the source's own, the first of all where none is."""
    own = [one for one in periods if is_own(one, period_fap)]
    return own[0] if own else periods[0] if periods else None


def is_own(period: Period, period_fap: float) -> bool:
    """Whether a period is certain and no alias."""
    return period.fap < period_fap and not period.alias & int(SPURIOUS)


def strongest_peak(power: Spectrum, score: Floats, ranges: dict[str, Bools]) -> Peak:
    """Return the peak with the lowest false-alarm probability among the highest of each range."""
    peaks = []
    for name, rows in ranges.items():
        index = int(np.flatnonzero(rows)[np.argmax(score[rows])])
        width = float(np.ptp(power.frequency_hz[rows]))
        peaks.append(Peak(range=name, index=index, fap=false_alarm(float(score[index]), width, power.spread_s, power.parts)))
    return min(peaks, key=lambda peak: (peak.fap, -score[peak.index]))


def _kept(jobs: list[Search | None]) -> list[Search]:
    return [job for job in jobs if job is not None]


def _search(found: Series, group: Ints, parts: Ints, frequency_hz: Floats, longest_s: float, firm_mean: float) -> Search | None:
    if len(frequency_hz) == 0:
        return None
    values, sd, scaled = relative(found, group, firm_mean)
    stacked = bool(frequency_hz[0] >= 1 / STACK_LONGEST_S) and found.n_datasets > 1
    return Search(values=values, sd=sd, parts=parts, frequency_hz=frequency_hz, stacked=stacked, longest_s=longest_s, scaled=scaled)


def _seasons(time_s: Floats, thresholds: Thresholds) -> Ints:
    cut = np.diff(time_s) > thresholds.season_gap * DAY_S
    cut &= bool(np.ptp(time_s) > thresholds.longest_season * DAY_S)
    return np.concatenate([[0], np.cumsum(cut)]).astype(np.int64)


def _longest(time_s: Floats, group: Ints) -> float:
    last = np.flatnonzero(np.diff(group, append=group[-1] + 1))
    first = np.concatenate([[0], last[:-1] + 1])
    return float(np.max(time_s[last] - time_s[first]))


def _next(found: Series, job: Search, n_ranges: int, thresholds: Thresholds, after_orbit: bool) -> tuple[Period | None, Floats]:
    """Return the best period of a search and its sinusoid; `after_orbit`: the orbit's own was taken out before."""
    power = spectrum(found.time_s, job.values, job.sd, job.parts, job.frequency_hz)
    if power is None:
        return None, job.values
    score, peak = _judged(found, job, power, thresholds)
    frequency, sinusoid = _fitted(found, job, score, peak)
    formal = _error_hz(job, sinusoid.model, sinusoid.amplitude, power.spread_s)
    error = max(formal, _half_range(job.frequency_hz, score, peak.index))
    margin = 1 / job.longest_s if after_orbit else 0.0
    flags = aliases(found, job.parts, frequency, error, thresholds, longest_s=job.longest_s, orbit_margin_hz=margin)
    flags |= _twins(found, job, score, peak.index, thresholds)
    smear = float(np.sinc(frequency * float(np.median(found.width_s))))
    period = Period(
        range=peak.range,
        period_s=1 / frequency,
        error_s=error / frequency**2,
        power=float(power.power[peak.index]),
        amplitude=sinusoid.amplitude / smear if job.scaled else None,
        fap=min(1.0, n_ranges * peak.fap),
        alias=int(flags),
    )
    return period, sinusoid.model


def _judged(found: Series, job: Search, power: Spectrum, thresholds: Thresholds) -> tuple[Floats, Peak]:
    """Return the score over the level of noise, and the best peak.

    A peak that is not certain even above white noise lifts nothing: the level is that of the periodogram itself. Else, if what the
    highest peak leaves is white, its level is that of the rest: the peak lifts its own surroundings. Other peaks, its aliases among
    them, are compared with their own level only where that peak is not certain, or the noise is red.
    """
    peak = strongest_peak(power, job.inside(power.score), job.ranges)
    rest = job.values - _fitted(found, job, power.score, peak)[1].model
    correlation = serial_correlation(found, rest)
    if correlation is not None and correlation > thresholds.red_noise:
        level = red_noise_level(power, job.longest_s)
    elif peak.fap > thresholds.listed_fap:
        level = noise_level(power)
    else:
        without = spectrum(found.time_s, rest, job.sd, job.parts, job.frequency_hz)
        level = np.ones(len(power.frequency_hz)) if without is None else noise_level(without)
        score = power.score / level[peak.index]
        certain = strongest_peak(power, job.inside(score), job.ranges)
        if certain.fap <= thresholds.listed_fap:
            return score, certain
    score = power.score / level
    return score, strongest_peak(power, job.inside(score), job.ranges)


def _fitted(found: Series, job: Search, score: Floats, peak: Peak) -> tuple[float, Fit]:
    frequency = _refined(job.frequency_hz, score, peak.index)
    return frequency, fit(found.time_s, job.values, job.sd, job.parts, frequency)


def _refined(frequency_hz: Floats, score: Floats, index: int) -> float:
    """Return the top of the parabola through a peak and its neighbours."""
    if not 0 < index < len(score) - 1:
        return float(frequency_hz[index])
    before, here, after = score[index - 1 : index + 2]
    curvature = before - 2 * here + after
    shift = 0.5 * (before - after) / curvature if curvature < 0 else 0.0
    return float(frequency_hz[index] + np.clip(shift, -1, 1) * (frequency_hz[index + 1] - frequency_hz[index]))


def _error_hz(job: Search, model: Floats, amplitude: float, spread_s: float) -> float:
    """Return the formal error of a frequency (Montgomery & O'Donoghue 1999), for times of any distribution."""
    noise = float(np.std(job.values - model))
    if amplitude <= 0:
        return 1 / spread_s
    return min(noise / amplitude * float(np.sqrt(2 / len(model))) / (2 * np.pi * spread_s), 1 / spread_s)


def _half_range(frequency_hz: Floats, score: Floats, index: int) -> float:
    """Return half the width of all frequencies that are as likely within one standard deviation, aliases included."""
    alike = frequency_hz[score > score[index] - ONE_SIGMA]
    return float(np.max(np.abs(alike - frequency_hz[index])))


def _twins(found: Series, job: Search, score: Floats, index: int, thresholds: Thresholds) -> Alias:
    """Return what other peaks, about as high, make of a peak."""
    alike = job.frequency_hz[score > thresholds.orbit_twin * score[index]]
    orbit = found.n_datasets > 1 and orbital(alike, thresholds, 0.0).any()
    return (Alias.ORBIT if orbit else Alias(0)) | (Alias.AMBIGUOUS if _ambiguous(job, score, index) else Alias(0))


def _ambiguous(job: Search, score: Floats, index: int) -> bool:
    """Whether another peak, beyond the resolution of the peak's own, is as likely within two standard deviations."""
    step = job.frequency_hz[1] - job.frequency_hz[0] if len(job.frequency_hz) > 1 else 0.0
    apart = np.abs(job.frequency_hz - job.frequency_hz[index]) > 10 * step  # two resolution elements
    return bool(np.any(score[apart] > score[index] - TWO_SIGMA))
