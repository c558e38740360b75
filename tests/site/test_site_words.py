import numpy as np
import pytest
from archive_builders import exposure, made

from hstlc.model import Reason
from hstlc.site import words


def found(**options):
    one = made([exposure('l1', exptime=2000.0)], composite=False, **options)
    return one.outcome, one.statistics, one.lc


def test_noise_is_the_scatter_of_many_draws_of_a_constant_source_upon_background():
    draws = [found(rate=3.0, seed=seed)[2].counts[:-1].std() for seed in range(20)]
    outcome, _, _ = found(rate=3.0)
    # background of 1.2 counts/s beneath the source, its own draw is subtracted whole: the builder's variance leaves out 0.9 of it
    expected = np.sqrt(words.noise(outcome) ** 2 + 0.9 * 2.4)
    assert np.mean(draws) == pytest.approx(expected, rel=0.02)


def test_a_constant_source_upon_background_does_not_vary_although_the_original_lists_it():
    outcome, stats, lc = found(rate=60.0)
    assert not words.varies(outcome, stats)
    assert words.scatter_ratio(outcome, stats) == pytest.approx(lc.counts.std() / np.sqrt(lc.variance.mean()), rel=1e-6)
    rows = {row['name']: row['meaning'] for row in words.statistics_rows(outcome, stats, interesting=0.5)}
    assert 'leaves the background out of account' in rows['Poisson factor']
    assert 'counting noise explains it' in rows['Scatter over noise']


@pytest.mark.parametrize('shape', ['sinusoid', 'flare', 'eclipse'])
def test_a_source_that_varies_is_said_to(shape):
    outcome, stats, _ = found(shape=shape)
    assert words.varies(outcome, stats)
    assert 'varies more than counting noise' in words.description('X', outcome, stats)


def test_every_reason_is_explained_and_an_unknown_warning_is_no_error():
    assert set(words.REASONS) == set(Reason)
    assert words.warning('W_NOREF:a.fits,b.fits') == f'{words.WARNINGS["W_NOREF"]} (a.fits, b.fits)'
    assert 'guide' in words.warning('W_NEW')
