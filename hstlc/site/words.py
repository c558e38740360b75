"""What codes, reasons and statistics mean, in sentences for a reader who has not seen the program."""

from math import sqrt

from hstlc.model import Outcome, Reason, Statistics
from hstlc.site.text import count, duration, number

WARNINGS: dict[str, str] = {
    'W_AIRGLOW': 'Geocoronal airglow is much brighter than the source near the windows that were taken out.',
    'W_ANCHOR': 'Without a flat field all counts were scaled to the net rate of the extracted spectrum, by less than 10 %.',
    'W_BKG': 'The background measured here disagrees with the one in the x1d file.',
    'W_BOA': 'Taken through the bright-object aperture, whose throughput is about 200 times lower.',
    'W_BURST': 'The rate of the whole detector jumped: bursts of detector noise are flagged bin by bin.',
    'W_CALMIX': 'Event list and extracted spectrum (x1d) were made by different versions of the calibration software.',
    'W_COMPRESS': 'Source and background jump together: time stamps may have been compressed on board.',
    'W_COVER': 'The good time intervals cover less than 95 % of the span of the light curve.',
    'W_DAY': 'Part of the exposure was taken on the day side of the orbit, where airglow is strong.',
    'W_DRIFT': (
        'The spectrum moved across the dispersion during the exposure, by more than half a pixel (COS) or one low-resolution pixel '
        '(STIS): a slow change of the flux may be light lost at the aperture.'
    ),
    'W_EXPFLAG': 'A file has no keyword EXPFLAG, so that this check could not be made.',
    'W_EXPTIME': 'The exposure time in the header and the sum of the good time intervals differ.',
    'W_EXTENDED': 'The source was declared extended: the point-source flux calibration does not hold exactly.',
    'W_FGSLOCK': 'The fine guidance sensors did not hold the lock throughout.',
    'W_FLASH': 'Wavelength calibration lamp flashes fall into the background regions.',
    'W_GAP': 'There is a silence inside the good time that counting noise cannot explain: lost data or a jump of the clock.',
    'W_HV': (
        'The high voltage of a detector segment was more than 60 V from its nominal value, '
        'or, in a composite, two levels or more from that of most exposures.'
    ),
    'W_LINEAR': 'The count rate is so high that the dead-time correction is large.',
    'W_NGTI': 'There is more than one good time interval; the gaps between them have no bins.',
    'W_NOGTI': (
        'The file has no good time intervals, or its header gives an exposure time of 0, although it holds events: '
        'the span of the events was taken as the exposure. Its edges are therefore uncertain by the time between two events.'
    ),
    'W_HEADER': 'Values in the header that cannot be were left out.',
    'W_NOREF': 'Reference files that the header names were not at hand; what they correct was left uncorrected.',
    'W_NOTDS': 'The flux is from reference files without the change of sensitivity in time.',
    'W_NOX1D': 'No extracted spectrum (x1d) came with the exposure: there is no flux, and regions and wavelengths are second-best.',
    'W_OVERFLOW': 'On-board buffers overflowed; some events were lost.',
    'W_PLANTIME': 'The exposure was cut short: less than 80 % of the planned time.',
    'W_PROPOSAL': 'The observing programme tested the instrument: its exposures may not be what their headers say.',
    'W_REG': 'The spectrum does not lie where the calibration expects it.',
    'W_SAA': 'Part of the exposure was taken near the South Atlantic Anomaly, where the background is high.',
    'W_SLIT': 'Taken through a narrow slit: pointing jitter changes the throughput.',
    'W_T0': 'The event tables of the file name different starts; what their times count from was found from the times.',
    'W_TICK': 'The bin width is not a whole number of clock ticks, which can beat with the sampling.',
    'W_TIMEJIT': 'Event times step backward slightly; events were sorted.',
    'W_TRIP': 'A detector segment stopped before the end of the exposure.',
    'W_X1D': 'The extracted spectrum (x1d) cannot be read, belongs to another exposure or shows no spectrum; it was not used.',
}

REASONS: dict[Reason, str] = {
    Reason.BAD_EXPFLAG: 'the header says that something went wrong during the exposure',
    Reason.NON_LINEAR_TIME: 'event times run backward',
    Reason.NO_EVENTS: 'the event list is empty',
    Reason.SINGULAR_EVENT: 'all events carry one and the same time',
    Reason.BAD_PROPOSAL: 'the observing programme is one of engineering tests',
    Reason.SHORT_EXPOSURE: 'the exposure is too short',
    Reason.NOT_SCIENCE: 'the exposure is a calibration or engineering exposure',
    Reason.UNREADABLE: 'the file cannot be read',
    Reason.EXCLUDED: 'the operator of this archive left it out',
}

FLUX_SOURCES: dict[str, str] = {
    'X1D': "from the sensitivity that the exposure's own extracted spectrum (x1d) implies",
    'X1DSIB': 'from the extracted spectrum of a neighbouring exposure of the same configuration',
    'REFFILE': 'from the reference files of the instrument',
    'NONE': 'none: there is no extracted spectrum to take the sensitivity from, so that only count rates are given',
}


def bare(code: str) -> str:
    """Return a W_ code without the detail that may follow it after a colon."""
    return code.partition(':')[0]


def warning(code: str) -> str:
    """Return what a warning means, with its detail at the end."""
    detail = code.partition(':')[2].replace(',', ', ')
    meaning = WARNINGS.get(bare(code), 'A remark of the pipeline; see the guide.')
    return f'{meaning} ({detail.strip()})' if detail else meaning


def noise(outcome: Outcome) -> float | None:
    """Return the scatter of counts per bin that counting noise of source and background gives, counts.

    The error of the mean rate holds the variance of all bins: sqrt(sum of variances / number of bins).
    """
    if outcome.mean_net_err is None or outcome.n_bins < 2:
        return None
    return float(outcome.mean_net_err * outcome.exptime_s / sqrt(outcome.n_bins))


def scatter_ratio(outcome: Outcome, stats: Statistics | None) -> float | None:
    """Return the standard deviation of the counts over the scatter that counting noise gives; 1 for a constant source."""
    expected = noise(outcome)
    return stats.stdev / expected if stats is not None and stats.stdev is not None and expected else None


def varies(outcome: Outcome, stats: Statistics | None) -> bool:
    """Whether counts scatter more than counting noise by three standard errors, 1 / sqrt(2 N), of a standard deviation."""
    ratio = scatter_ratio(outcome, stats)
    return ratio is not None and ratio > 1.0 + 3.0 / sqrt(2.0 * outcome.n_bins)


def statistics_rows(outcome: Outcome, stats: Statistics, interesting: float) -> list[dict[str, str]]:
    """Return name, value and meaning of each statistic."""
    rows = [
        ('Total', f'{count(stats.total)} counts', 'Background-subtracted counts in all full bins.'),
        ('Mean', f'{number(stats.mean, 4)} counts', 'Mean of the counts per bin.'),
        ('Mu', f'{number(stats.mu)} counts', 'Square root of the mean: the scatter of a constant source without any background.'),
        ('Noise', f'{number(noise(outcome))} counts', 'The scatter that counting noise of source and background together gives.'),
        ('Standard deviation', f'{number(stats.stdev)} counts', 'How much the counts per bin really scatter.'),
        ('Scatter over noise', number(scatter_ratio(outcome, stats)), _scatter_words(outcome, stats)),
        ('Poisson factor', number(stats.poisson_factor), _poisson_words(outcome, stats, interesting)),
        ('Pearson r', number(stats.pearson_r, 2), _trend_words(stats)),
        ('Pearson p', number(stats.pearson_p, 2), 'Chance that counts without any trend show a correlation at least this strong.'),
        ('Strongest period', duration(stats.best_period_s), _period_words(stats)),
    ]
    return [{'name': name, 'value': value, 'meaning': meaning} for name, value, meaning in rows]


def _scatter_words(outcome: Outcome, stats: Statistics) -> str:
    if scatter_ratio(outcome, stats) is None:
        return 'Standard deviation over noise; it does not exist here.'
    if varies(outcome, stats):
        return 'Standard deviation over noise: more than counting noise explains.'
    return 'Standard deviation over noise: counting noise explains it.'


def _poisson_words(outcome: Outcome, stats: Statistics, interesting: float) -> str:
    if stats.poisson_factor is None:
        return 'Standard deviation over mu, the measure of the original system; it does not exist here.'
    limit = number(interesting, 2)
    said = f'Standard deviation over mu, the measure of the original system, which lists {limit} and more as interesting.'
    if stats.poisson_factor >= interesting and not varies(outcome, stats):
        return f'{said} It leaves the background out of account, which explains the scatter here.'
    return said


def _trend_words(stats: Statistics) -> str:
    if stats.pearson_r is None:
        return 'Linear correlation of counts with time; it does not exist here.'
    if stats.pearson_p is not None and stats.pearson_p > 0.01:
        return 'Linear correlation of counts with time: no significant trend.'
    return f'Linear correlation of counts with time: the source got {"brighter" if stats.pearson_r > 0 else "fainter"}.'


def _period_words(stats: Statistics) -> str:
    if stats.best_period_s is None:
        return 'No period stands out of the periodogram.'
    strength = 'strong enough to be listed as periodic' if stats.periodogram else 'too weak to be listed as periodic'
    return f'Power {number(stats.best_power, 2)} of at most 1: {strength}. Beware of the orbit of HST (95.6 min) and its fractions.'


def description(name: str, outcome: Outcome, stats: Statistics | None) -> str:
    """Return what the picture of a light curve shows, as alternative text."""
    n = len(outcome.rootnames)
    parts = [f'Light curve of {name}, {outcome.n_bins} bins of {number(outcome.step_s)} s from {n} exposure{"s" if n != 1 else ""}']
    if outcome.mean_net is not None:
        parts.append(f'mean net rate {number(outcome.mean_net)} counts per second')
    if scatter_ratio(outcome, stats) is not None:
        kind = 'it varies more than counting noise' if varies(outcome, stats) else 'it is constant within counting noise'
        parts.append(f'{kind} (scatter over noise {number(scatter_ratio(outcome, stats))})')
    return '; '.join(parts) + '.'
