"""Composites: which exposures, over which wavelengths."""

from dataclasses import replace

import numpy as np
import pytest
from builders import make_exposure, make_lightcurve, make_provenance

from hstlc.science.composite import Coverage, combine, plan


def curve(counts, name, start):
    exposure = make_exposure(name, start=start)
    return make_lightcurve(counts, exposures=(exposure,), provenance=(make_provenance(exposure),))


def member(name, start, *, wave0=1300.0, good=(True,) * 100, n=1000, gti=None, has_flux=True, timed=True, levels=(None, None)):
    return Coverage(
        rootname=name,
        expstart_mjd=start,
        gti_mjd=gti or ((start, start + 0.01),),
        n_events=n,
        wave0_aa=wave0,
        wave_step_aa=1.0,
        good=good,
        has_flux=has_flux,
        timed=timed,
        high_voltage=levels,
    )


def test_the_common_range_and_order_do_not_depend_on_the_order_given():
    members = (member('a', 58002.0), member('b', 58000.0, wave0=1305.0), member('c', 58001.0, wave0=1302.0))
    one, other = plan(members, ()), plan(members[::-1], ())
    assert one == other
    assert one.rootnames == ('b', 'c', 'a')
    assert (one.wmin_aa, one.wmax_aa) == (1305.0, 1400.0)


def test_a_cell_that_one_member_lacks_is_left_out_of_all():
    holed = tuple(k not in (10, 11) for k in range(100))
    chosen = plan((member('a', 58000.0), member('b', 58001.0, good=holed)), ((1320.0, 1325.0),))
    assert chosen.removed_aa == ((1310.0, 1312.0), (1320.0, 1325.0))


def test_moving_bad_columns_are_tolerated_when_they_would_cost_too_much():
    odd, even = tuple(k % 2 == 0 for k in range(100)), tuple(k % 2 == 1 for k in range(100))
    chosen = plan((member('a', 58000.0, good=odd), member('b', 58001.0, good=even)), ())
    assert chosen.removed_aa == ()
    assert (chosen.wmin_aa, chosen.wmax_aa) == (1301.0, 1399.0)


def test_the_same_photons_under_two_names_count_once():
    chosen = plan((member('few', 58000.0, n=10), member('many', 58000.001, n=20, gti=((58000.001, 58000.011),))), ())
    assert chosen.rootnames == ('many',)
    assert chosen.left_out == ('few: the same time as many, with fewer events',)


def test_one_exposure_does_not_halve_the_range_of_the_others():
    chosen = plan((member('a', 58000.0), member('b', 58001.0), member('c', 58002.0, wave0=1360.0)), ())
    assert chosen.rootnames == ('a', 'b')
    assert 'c' in chosen.left_out[0]


def test_uncalibrated_members_stay_out_of_a_calibrated_composite():
    members = (member('a', 58000.0), member('b', 58001.0, has_flux=False))
    assert plan(members, ()).rootnames == ('a',)
    assert plan(members[1:], ()).rootnames == ('b',)


def test_only_equally_calibrated_members_are_combined():
    members = (member('a', 58000.0), member('b', 58001.0, timed=False), member('c', 58002.0, timed=False))
    chosen = plan(members, ())
    assert chosen.rootnames == ('a',)
    assert [text.partition(':')[0] for text in chosen.left_out] == ['b', 'c']
    assert plan(members[1:], ()).rootnames == ('b', 'c')


def test_combined_curves_keep_every_bin_also_empty_ones():
    empty = curve(np.zeros(50), 'a', 58000.0)
    full = curve(np.full(70, 9.0), 'b', 58001.0)
    both = combine([empty, full])
    assert len(both.mjd) == 120
    assert both.counts.sum() == pytest.approx(630.0)
    assert both.dataset.tolist() == [1] * 50 + [2] * 70
    assert [row.rootname for row in both.provenance] == ['a', 'b']


def test_flux_density_survives_different_widths():
    one = curve(np.full(5, 9.0), 'a', 58000.0)
    other = replace(
        one, band_width_aa=one.band_width_aa / 2, band_flux=one.band_flux / 2, exposures=(make_exposure('b', start=58001.0),)
    )
    both = combine([one, other])
    assert both.flux == pytest.approx(np.concatenate([one.flux, one.flux]))


@pytest.mark.parametrize(
    ('levels', 'other'),
    [
        ([(163, 163), (163, 163), (163, 163)], ''),
        ([(163, 163), (163, 163), (164, 162)], ''),  # a step of one level is no change of gain to speak of
        ([(163, 163), (163, 163), (165, 163)], 'c'),
        ([(163, 175), (163, 163), (163, 163)], 'a'),
        ([(163, 163), (167, 169), (167, 169)], 'a'),  # the usual is what most have, not what came first
        ([(167, 169), (163, 163)], 'b'),  # of two equally common levels the earlier
        ([(178, None), (163, 163), (163, 163)], 'a'),
        ([(163, None), (None, 175), (163, 175)], ''),  # a segment that was off says nothing
        ([(None, None), (None, None), (None, None)], ''),
    ],
)
def test_members_with_another_high_voltage_are_told(levels, other):
    members = tuple(member(name, 58000.0 + k, levels=pair) for k, (name, pair) in enumerate(zip('abc', levels, strict=False)))
    assert ''.join(plan(members, ()).other_voltage) == other
    assert plan(members[::-1], ()).other_voltage == plan(members, ()).other_voltage


def test_an_exposure_that_is_left_out_does_not_decide_about_the_voltage():
    few = (member(name, 58000.0 + k, levels=(178, 178), has_flux=False) for k, name in enumerate('xyz'))
    chosen = plan((*few, member('a', 58010.0, levels=(163, 163)), member('b', 58011.0, levels=(163, 163))), ())
    assert chosen.rootnames == ('a', 'b')
    assert chosen.other_voltage == ()
