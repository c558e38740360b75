"""What the page of a light curve says of the added statistics (x_...): score, variability, flares, periods, bands."""

from dataclasses import fields
from typing import Any

from hstlc.model import ALIAS_MEANINGS, Alias, Episode, Period, Statistics, Thresholds
from hstlc.site.text import NOTHING, count, duration, moment, number, with_error

PARTS = {
    'flares': 'Flares',
    'eclipses': 'Eclipses',
    'period': 'Period',
    'outburst': 'Change between exposures',
    'variability': 'Variability',
}
NONE: dict[str, Any] = {'rows': [], 'parts': [], 'episodes': [], 'periods': [], 'bands': [], 'thresholds': '', 'note': None}


def variability(stats: Statistics | None) -> dict[str, Any]:
    """Return rows of the added statistics; what was not measured is not there, JSON-safe."""
    if stats is None:
        return NONE
    return {
        'rows': [{'name': name, 'value': value, 'meaning': meaning} for name, value, meaning in _rows(stats) if value != NOTHING],
        'parts': _parts(stats),
        'episodes': [_episode(one) for one in stats.x_episodes],
        'periods': [_period(one) for one in stats.x_periods],
        'bands': _bands(stats),
        'thresholds': _thresholds(stats.x_thresholds),
        'note': stats.x_note,
    }


def _rows(stats: Statistics) -> list[tuple[str, str, str]]:
    return [
        ('Interest', _score(stats.x_interest), 'From 0 to 100: how much this light curve may be worth a look.'),
        ('Constant source', _chance(stats.x_chi2_p), _constant_words(stats)),
        ('Fractional variability', with_error(stats.x_fvar, stats.x_fvar_err), 'Variation within exposures beyond noise / mean.'),
        ('Change between exposures', number(stats.x_between_range, 2), _between_words(stats)),
        ('Trend', with_error(stats.x_trend, stats.x_trend_err), 'Change from the first to the last bin, over the mean.'),
        ('Spearman', number(stats.x_spearman, 2), _p_words('Correlation of the ranks of rate and time', stats.x_spearman_p)),
        ('Autocorrelation', number(stats.x_acf1, 2), _acf_words(stats)),
        ('Period', _with_error(stats.x_period_s, stats.x_period_err_s), _period_words(stats)),
        ('Blocks', count(stats.x_blocks), 'Pieces of constant rate that the exposures are made of (Bayesian blocks).'),
        ('Flares', count(stats.x_flares), 'Brightenings that single blocks and all their counts show.'),
        ('Eclipses', count(stats.x_eclipses), 'Fadings found in the same way.'),
        ('Variability of lines', number(stats.x_line_fvar, 2), 'Fractional variability of the emission lines.'),
        ('Variability of continuum', number(stats.x_continuum_fvar, 2), 'The same of the continuum.'),
        ('Colour', number(stats.x_colour_p, 2), 'Probability that lines and continuum vary together.'),
    ]  # fmt: skip


def _score(score: float | None) -> str:
    return NOTHING if score is None else f'{score:.0f}'


def _constant_words(stats: Statistics) -> str:
    said = 'Probability that a source that is constant within each exposure scatters as much (χ²)'
    measured = f'{number(stats.x_chi2)} of {count(stats.x_dof)} degrees of freedom'
    verdict = '' if stats.x_variable is None else ' It varies.' if stats.x_variable else ' It does not vary noticeably.'
    return f'{said}: χ² is {measured}.{verdict}'


def _between_words(stats: Statistics) -> str:
    return _p_words('Brightest less faintest exposure, over the mean', stats.x_between_p)


def _p_words(said: str, p: float | None) -> str:
    return f'{said}.' if p is None else f'{said}; chance gives as much with probability {_chance(p)}.'


def _chance(p: float | None) -> str:
    return '<\u202f10⁻³⁰⁰' if p == 0 else number(p, 2)


def _acf_words(stats: Statistics) -> str:
    said = 'Of neighbouring bins; about 0 in white noise.'
    return f'{said} The noise is red: periods are judged against the level of the noise around them.' if stats.x_red_noise else said


def _with_error(period: float | None, error: float | None) -> str:
    if period is None:
        return NOTHING
    if error is not None and error >= period:
        return f'{number(period, 2)}\u202fs (uncertain)'
    return f'{with_error(period, error)}\u202fs'


def _period_words(stats: Statistics) -> str:
    fap = f'False-alarm probability {number(stats.x_period_fap, 2)}.' if stats.x_period_fap is not None else ''
    flags = f' It may be: {alias_words(stats.x_alias)}.' if stats.x_alias else ''
    verdict = ' It counts as a period of the source.' if stats.x_periodic else ' It does not count as a period of the source.'
    return f'{fap}{flags}{verdict if stats.x_periodic is not None else ""}'.strip()


def alias_words(bits: int | None) -> str:
    """Return what a period may be instead of the source's own."""
    return '; '.join(ALIAS_MEANINGS[bit] for bit in Alias if bits and bits & bit)


def _parts(stats: Statistics) -> list[dict[str, str]]:
    parts = stats.x_interest_parts
    if parts is None:
        return []
    values = {words: float(getattr(parts, name)) for name, words in PARTS.items()}
    return [{'name': words, 'part': f'{value:.3f}', 'value': f'{100 * value:.0f}\u202f%'} for words, value in values.items()]


def _thresholds(used: Thresholds | None) -> str:
    """Return the thresholds as lines of settings, as hstlc.toml would have them."""
    return '\n'.join(f'{item.name} = {getattr(used, item.name)}' for item in fields(used)) if used is not None else ''


def _episode(one: Episode) -> dict[str, str]:
    return {
        'kind': str(one.kind),
        'peak': moment(one.peak_mjd),
        'lasts': duration((one.end_mjd - one.start_mjd) * 86400.0),
        'ratio': number(one.ratio),
        'sigma': number(one.sigma),
        'equivalent': _signed(one.equivalent_s),
        'fluence': number(one.fluence),
        'complete': 'yes' if one.complete else 'no',
    }


def _signed(seconds: float | None) -> str:
    return duration(seconds) if seconds is None or seconds >= 0 else f'−{duration(-seconds)}'


def _period(one: Period) -> dict[str, str]:
    return {
        'range': one.range,
        'period': _with_error(one.period_s, one.error_s),
        'power': number(one.power, 2),
        'amplitude': number(one.amplitude, 2),
        'fap': number(one.fap, 2),
        'alias': alias_words(one.alias) or NOTHING,
    }


def _bands(stats: Statistics) -> list[dict[str, str]]:
    return [
        {
            'name': one.name,
            'kind': str(one.kind.value),
            'mean_net': number(one.mean_net),
            'fvar': number(one.fvar, 2),
            'p': number(one.chi2_p, 2),
        }
        for one in stats.x_bands
    ]
