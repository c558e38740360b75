"""Which periods are found, and which are the telescope's."""

import numpy as np
import pytest
from builders import make_lightcurve

from hstlc.model import SPURIOUS, Alias, Thresholds
from hstlc.science.aliases import aliases, window_power
from hstlc.science.periods import best, is_own, searches, strongest_periods
from hstlc.science.series import series
from tests.validation.statistics import DAY_S, ORBIT_S, gapped, observation, visit_starts

THRESHOLDS = Thresholds()


def find(lc):
    return strongest_periods(series(lc), THRESHOLDS)[0]


def sinusoid(period_s, amplitude=0.2, rate=10.0, starts=(0.0,), step_s=2.0, seed=1, exposure_s=2400.0):
    rng = np.random.default_rng(seed)
    return observation(rng, lambda t: rate * (1 + amplitude * np.sin(2 * np.pi * t / period_s)), starts, exposure_s, step_s)


@pytest.mark.parametrize('period_s', [8.0, 33.0, 200.0, 800.0])
def test_a_period_is_found_with_its_amplitude(period_s):
    period, *_ = find(sinusoid(period_s))
    assert is_own(period, 1e-3)
    assert abs(period.period_s - period_s) < 4 * period.error_s
    assert period.error_s < 0.01 * period_s
    assert period.amplitude == pytest.approx(0.2, abs=0.03)
    assert period.range == ('short' if period_s < 600 else 'medium')


def test_two_periods_are_two():
    rng = np.random.default_rng(3)
    lc = observation(
        rng, lambda t: 20 * (1 + 0.3 * np.sin(2 * np.pi * t / 33) + 0.2 * np.sin(2 * np.pi * t / 141)), [0.0], 2400.0, 2.0
    )
    found = find(lc)
    assert {round(one.period_s) for one in found} == {33, 141}


def test_noise_has_a_strongest_period_that_does_not_count():
    (period,) = find(sinusoid(50.0, amplitude=0.0))
    assert period.fap > 0.01
    assert not is_own(period, 1e-3)
    assert best((period,), 1e-3) is period


def test_a_slow_trend_is_no_period():
    rng = np.random.default_rng(5)
    lc = observation(rng, lambda t: 10 * (1 + t / 2400), [0.0], 2400.0, 2.0)
    for period in find(lc):
        assert period.alias & Alias.LONG or period.fap > 1e-3


def test_flickering_is_no_period():
    rng = np.random.default_rng(6)
    walk = np.zeros(1200)
    for k in range(1, 1200):
        walk[k] = 0.98 * walk[k - 1] + 0.2 * rng.normal()
    lc = make_lightcurve(rng.poisson(50 * np.exp(0.3 * walk)))
    assert not any(is_own(one, 1e-3) for one in find(lc))


def test_ranges_are_those_that_the_data_support():
    names = {name for job in searches(series(sinusoid(50.0, exposure_s=400.0)), THRESHOLDS) for name in job.ranges}
    assert names == {'short'}
    (single,) = searches(series(sinusoid(50.0)), THRESHOLDS)
    assert set(single.ranges) == {'short', 'medium'}
    visit = searches(series(sinusoid(50.0, starts=visit_starts(0.0, 4), step_s=10.0)), THRESHOLDS)
    assert [set(job.ranges) for job in visit] == [{'short'}, {'medium', 'long'}]


def test_a_long_period_is_found_in_visits_days_apart():
    starts = [s for day in (0.0, 3.1, 8.7) for s in visit_starts(day * DAY_S, 6)]
    period, *_ = find(sinusoid(7700.0, amplitude=0.1, starts=starts, step_s=20.0))
    assert is_own(period, 1e-3)
    assert abs(period.period_s - 7700) < 4 * period.error_s
    assert period.range == 'long'


@pytest.mark.parametrize(
    ('source', 'expected'),
    [
        ('levels', {'counted': 0, 'orbital': 0}),
        ('flicker', {'counted': 0}),
        ('orbit', {'counted': 0, 'orbital': 3}),
        ('95.9 min', {'counted': 0, 'orbital': 3}),
        ('75 min', {'counted': 3, 'orbital': 0}),
    ],
)
def test_gaps_and_the_orbit_make_no_periods(source, expected):
    found = gapped(('6 visits in 20 days', source), curves=3)
    assert {name: found[name] for name in expected} == expected


def test_the_orbit_and_its_harmonics_are_flagged():
    found = series(sinusoid(50.0, starts=visit_starts(0.0, 5), step_s=20.0))
    parts = np.zeros(len(found), int)

    def flags(period_s):
        return aliases(found, parts, 1 / period_s, 0.0, THRESHOLDS, longest_s=4 * ORBIT_S + 2400, orbit_margin_hz=0.0)

    assert all(flags(5750 / m) & Alias.ORBIT for m in range(1, 7))
    assert not flags(5750 / 1.5) & Alias.ORBIT
    assert not flags(5750 * 1.05) & Alias.ORBIT
    assert flags(14000.0) & Alias.LONG
    assert not flags(50.0) & SPURIOUS


def test_window_power_against_a_plain_sum():
    time_s = np.array([0.0, 10, 20, 30, 41, 50])
    weight = np.array([1.0, 2, 1, 1, 3, 1])
    expected = abs(np.sum(weight * np.exp(2j * np.pi * time_s / 10)) / weight.sum()) ** 2
    assert window_power(time_s, weight, np.zeros(6, int), 0.1) == pytest.approx(expected)
    assert window_power(np.arange(100.0), np.ones(100), np.zeros(100, int), 0.03) < 1e-20


def test_what_background_and_lamps_do_is_not_the_sources():
    rng = np.random.default_rng(8)
    second = (np.arange(1200) + 0.5) * 2
    wave = 1 + 0.8 * np.sin(2 * np.pi * second / 100)
    n_bkg = rng.poisson(100 * wave)
    gross = rng.poisson(10, 1200) + rng.poisson(30 * wave)  # more than the background region says
    lc = make_lightcurve(gross, background=0.2 * n_bkg, n_bkg=n_bkg, variance=gross + 0.04 * n_bkg)
    period, *_ = find(lc)
    assert period.period_s == pytest.approx(100, rel=0.01)
    assert period.alias & Alias.NOT_SOURCE
    lamp = make_lightcurve(rng.poisson(10 * wave), quality=np.where(second % 100 < 20, 4, 0))
    assert find(lamp)[0].alias & Alias.LAMP
    glow = make_lightcurve(rng.poisson(10 * (1 + 0.3 * (wave - 1))), airglow=30 * wave)
    assert find(glow)[0].alias & Alias.NOT_SOURCE
    spill = make_lightcurve(rng.poisson(10 * wave), airglow=30 + 2 * wave)  # the source's light among the airglow
    assert find(spill)[0].alias == 0


def test_same_input_gives_the_same_periods():
    assert find(sinusoid(33.0)) == find(sinusoid(33.0))


def test_the_flank_of_a_longer_period_is_no_peak_of_the_stack():
    found = series(sinusoid(640.0, amplitude=0.3, starts=visit_starts(0.0, 4), step_s=10.0))
    (stack, together) = searches(found, THRESHOLDS)
    assert (stack.stacked, together.stacked) == (True, False)
    flank = np.array([9.0, 5.0, 2.0, 1.0, 3.0, 1.0])
    assert stack.inside(flank).tolist() == [0.0, 0.0, 0.0, 1.0, 3.0, 1.0]
    assert together.inside(flank) is flank
    assert stack.inside(flank[:4]).tolist() == [0.0] * 4
    periods, _ = strongest_periods(found, THRESHOLDS)
    assert periods[0].period_s == pytest.approx(640, rel=0.01)
    assert not any(abs(one.period_s - 600) < 10 for one in periods)
