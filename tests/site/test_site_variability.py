"""What the page of a light curve says of the added statistics."""

import dataclasses
import json

import pytest

from hstlc.model import Alias, BandKind, BandVariability, Episode, EpisodeKind, Interest, Period, Statistics
from hstlc.site.text import NOTHING
from hstlc.site.variability import PARTS, alias_words, variability

PERIOD = Period(
    range='short', period_s=332.98, error_s=0.214, power=0.42, amplitude=0.3, fap=1.2e-9, alias=int(Alias.ORBIT | Alias.AMBIGUOUS)
)
FLARE = Episode(
    kind=EpisodeKind.FLARE, dataset=1, start_mjd=55555.5, peak_mjd=55555.51, end_mjd=55555.5 + 90 / 86400, ratio=3.21, sigma=17.4,
    equivalent_s=125.0, fluence=3.3e-12, complete=True,
)  # fmt: skip
ECLIPSE = dataclasses.replace(FLARE, kind=EpisodeKind.ECLIPSE, ratio=None, equivalent_s=-40.0, fluence=None, complete=False)
BAND = BandVariability(name='C IV 1549', kind=next(iter(BandKind)), mean_net=12.34, fvar=0.21, fvar_err=0.02, chi2_p=1e-5)
BARE = Statistics(
    total=100, mean=2.0, mu=1.4, stdev=1.5, poisson_factor=1.1, pearson_r=0.1, pearson_p=0.5, periodogram=False, deliver=True
)
FULL = dataclasses.replace(
    BARE,
    x_chi2=1234.5, x_dof=999, x_chi2_p=0.0, x_variable=True, x_fvar=0.2134, x_fvar_err=0.0123, x_between_range=0.5,
    x_between_p=0.03, x_trend=-0.1, x_trend_err=0.02, x_spearman=-0.4, x_spearman_p=1e-4, x_acf1=0.6, x_red_noise=True,
    x_period_s=332.98, x_period_err_s=0.214, x_period_fap=1.2e-9, x_alias=int(Alias.DAY), x_periodic=False, x_blocks=7, x_flares=1,
    x_eclipses=0, x_line_fvar=0.3, x_continuum_fvar=0.2, x_colour_p=0.9, x_interest=87.4, x_periods=(PERIOD,),
    x_episodes=(FLARE, ECLIPSE), x_bands=(BAND,),
    x_interest_parts=Interest(flares=0.874, eclipses=0.0, period=0.5, outburst=0.1, variability=1.0),
)  # fmt: skip


def rows(**changes):
    return {row['name']: row for row in variability(dataclasses.replace(FULL, **changes))['rows']}


def test_without_statistics_there_is_nothing_to_say():
    nothing = variability(None)
    assert nothing == variability(BARE)
    assert not any(nothing.values())


def test_what_was_not_measured_is_left_out():
    assert set(rows()) - set(rows(x_fvar=None, x_period_s=None, x_blocks=None)) == {'Fractional variability', 'Period', 'Blocks'}
    assert NOTHING not in {row['value'] for row in rows().values()}


def test_it_is_json_with_every_value_a_text():
    said = variability(FULL)
    assert json.loads(json.dumps(said)) == said
    for part in ('rows', 'parts', 'episodes', 'periods', 'bands'):
        assert said[part]
        assert all(isinstance(value, str) for one in said[part] for value in one.values()), part


def test_values_have_the_digits_of_their_errors():
    found = rows()
    assert found['Fractional variability']['value'] == '0.213\u202f±\u202f0.012'
    assert found['Trend']['value'] == '−0.100\u202f±\u202f0.020'
    assert found['Period']['value'] == '332.98\u202f±\u202f0.21\u202fs'
    assert found['Interest']['value'] == '87'
    assert (found['Flares']['value'], found['Eclipses']['value']) == ('1', '0')


@pytest.mark.parametrize(
    ('changes', 'name', 'words'),
    [
        ({}, 'Constant source', 'of 999 degrees of freedom. It varies.'),
        ({'x_variable': False}, 'Constant source', 'It does not vary noticeably.'),
        ({}, 'Autocorrelation', 'The noise is red'),
        ({}, 'Period', 'It may be: the sidereal day'),
        ({}, 'Period', 'does not count as a period of the source'),
        ({'x_periodic': True, 'x_alias': 0}, 'Period', 'It counts as a period of the source'),
        ({}, 'Spearman', 'chance gives as much with probability 1.0\u202f×\u202f10⁻⁴'),
        ({'x_between_p': 0.0}, 'Change between exposures', 'probability <\u202f10⁻³⁰⁰'),
        ({'x_between_p': None}, 'Change between exposures', 'over the mean.'),
    ],
)
def test_meanings_follow_the_numbers(changes, name, words):
    assert words in rows(**changes)[name]['meaning']


@pytest.mark.parametrize(
    ('changes', 'name', 'words'),
    [
        ({'x_variable': None}, 'Constant source', 'vary'),
        ({'x_red_noise': False}, 'Autocorrelation', 'red'),
        ({'x_periodic': None}, 'Period', 'count'),
        ({'x_alias': None}, 'Period', 'may be'),
    ],
)
def test_nothing_is_claimed_that_was_not_found(changes, name, words):
    assert words not in rows(**changes)[name]['meaning']


def test_a_period_that_is_less_than_its_error_is_called_uncertain():
    assert rows(x_period_s=3210.0, x_period_err_s=2.6e5)['Period']['value'] == '3\u202f210\u202fs (uncertain)'


def test_a_chance_of_zero_is_said_to_be_small():
    assert rows()['Constant source']['value'] == '<\u202f10⁻³⁰⁰'
    assert rows(x_chi2_p=0.5)['Constant source']['value'] == '0.50'


def test_parts_of_the_score_are_those_of_the_model():
    assert set(PARTS) == {field.name for field in dataclasses.fields(Interest)}
    parts = {part['name']: part for part in variability(FULL)['parts']}
    assert (parts['Flares']['part'], parts['Flares']['value']) == ('0.874', '87\u202f%')
    assert parts['Change between exposures']['value'] == '10\u202f%'


def test_episodes_have_times_lengths_and_signs():
    flare, eclipse = variability(FULL)['episodes']
    assert flare == {
        'kind': 'flare', 'peak': '2010-12-25 12:14', 'lasts': '90.0\u202fs', 'ratio': '3.21', 'sigma': '17.4',
        'equivalent': '125\u202fs', 'fluence': '3.30\u202f×\u202f10⁻¹²', 'complete': 'yes',
    }  # fmt: skip
    assert (eclipse['kind'], eclipse['ratio'], eclipse['fluence'], eclipse['complete']) == ('eclipse', NOTHING, NOTHING, 'no')
    assert eclipse['equivalent'] == '−40.0\u202fs'


def test_periods_say_what_else_they_may_be():
    (period,) = variability(FULL)['periods']
    assert period['period'] == '332.98\u202f±\u202f0.21\u202fs'
    assert period['alias'].startswith('the orbit of HST')
    assert period['alias'].endswith('another period fits about as well')
    assert alias_words(0) == alias_words(None) == ''
    for bit in Alias:
        assert alias_words(int(bit))


def test_bands_are_named():
    assert variability(FULL)['bands'][0] == {
        'name': 'C IV 1549', 'kind': BAND.kind.value, 'mean_net': '12.3', 'fvar': '0.21', 'p': '1.0\u202f×\u202f10⁻⁵',
    }  # fmt: skip
