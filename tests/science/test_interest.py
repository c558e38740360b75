"""The interest score."""

import pytest

from hstlc.model import Alias, Episode, EpisodeKind, Interest, Period, Thresholds
from hstlc.science.interest import interest, score

NOTHING = {'episodes': (), 'periods': (), 'chi2_p': 0.5, 'fvar': 0.1, 'between_p': None, 'between_range': None}


def parts(**changes):
    return interest(**{**NOTHING, **changes}, thresholds=Thresholds())


def score_of(found):
    return score(found, Thresholds())


def period(fap=1e-20, alias=0, power=0.5):
    return Period(range='short', period_s=33.0, error_s=0.1, power=power, amplitude=0.2, fap=fap, alias=int(alias))


def flare(sigma, kind=EpisodeKind.FLARE):
    return Episode(
        kind=kind, dataset=1, start_mjd=0.0, peak_mjd=0.0, end_mjd=0.0, ratio=2.0, sigma=sigma, equivalent_s=1.0,
        fluence=None, complete=True,
    )  # fmt: skip


def test_noise_has_no_interest():
    assert score_of(parts(periods=(period(fap=0.2),))) == 0


def test_a_full_part_gives_its_weight():
    assert score_of(parts(episodes=(flare(30.0),))) == pytest.approx(70)
    assert score_of(parts(episodes=(flare(30.0, EpisodeKind.ECLIPSE),))) == pytest.approx(70)
    assert score_of(parts(periods=(period(),))) == pytest.approx(70)
    assert score_of(parts(between_p=1e-30, between_range=3.0)) == pytest.approx(60)
    assert score_of(parts(chi2_p=0.0, fvar=1.0)) == pytest.approx(40)
    everything = Interest(flares=1, eclipses=1, period=1, outburst=1, variability=1)
    assert 97 < score_of(everything) < 100


def test_parts_rise_with_certainty():
    assert parts(episodes=(flare(4.0),)).flares == 0
    assert parts(episodes=(flare(12.0), flare(5.0))).flares == pytest.approx(0.5)
    assert 0 < parts(periods=(period(fap=1e-5),)).period < parts(periods=(period(fap=1e-9),)).period < 1


def test_the_orbit_is_below_a_pulsator():
    orbital = parts(periods=(period(alias=Alias.ORBIT, power=0.8),), chi2_p=0.0, fvar=0.3)
    own = parts(periods=(period(power=0.8),), chi2_p=0.0, fvar=0.3)
    assert orbital.period == 0
    assert orbital.variability == pytest.approx(0.2)
    assert score_of(orbital) < 10 < 80 < score_of(own)
