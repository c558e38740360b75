"""The quality checks: one finding per fault, all kept, the first the reason."""

from dataclasses import replace

import numpy as np
import pytest

from hstlc.model import Facts, Reason, SegmentFacts
from hstlc.science.checks import cautions, findings

GOOD = SegmentFacts(
    name='x_corrtag_a.fits',
    expflag='NORMAL',
    exptime_s=100.0,
    gti_s=np.array([[0.0, 100.0]]),
    n_events=1000,
    n_in_gti=1000,
    n_distinct_times=2,
    n_backward=0,
    largest_backward_s=0.0,
)
FACTS = Facts(
    instrume='COS',
    targname='GJ-436',
    proposid=14767,
    exptype='EXTERNAL/SCI',
    asn_mtyp='EXP-FP',
    aperture='PSA',
    shutter='Open',
    obsmode='TIME-TAG',
    plantime_s=100.0,
    exptime_s=100.0,
    fgslock='FINE',
    extended=False,
    overflow=0,
    segments=(GOOD,),
)


def judge(facts, **changes):
    return findings(facts, **{'min_exptime_s': 1.0, 'bad_proposals': (13635,), 'strict_linear': False, **changes})


def with_segment(**changes):
    return replace(FACTS, segments=(replace(GOOD, **changes),))


def test_a_good_exposure_has_no_finding():
    assert judge(FACTS) == ()
    assert cautions(FACTS) == ()


@pytest.mark.parametrize(
    ('facts', 'reason'),
    [
        (with_segment(n_events=0, n_in_gti=0, n_distinct_times=0), Reason.NO_EVENTS),
        (with_segment(n_in_gti=0), Reason.NO_EVENTS),
        (with_segment(n_distinct_times=1), Reason.SINGULAR_EVENT),
        (with_segment(exptime_s=0.5), Reason.SHORT_EXPOSURE),
        (with_segment(gti_s=np.array([[0.0, 0.9]])), Reason.SHORT_EXPOSURE),
        (with_segment(expflag='INTERRUPTED'), Reason.BAD_EXPFLAG),
        (replace(FACTS, proposid=13635), Reason.BAD_PROPOSAL),
        (with_segment(n_backward=1, largest_backward_s=0.5), Reason.NON_LINEAR_TIME),
        (replace(FACTS, targname='WAVE'), Reason.NOT_SCIENCE),
        (replace(FACTS, shutter='Closed'), Reason.NOT_SCIENCE),
        (replace(FACTS, exptype='WAVECAL'), Reason.NOT_SCIENCE),
        (replace(FACTS, asn_mtyp='EXP-AWAVE'), Reason.NOT_SCIENCE),
        (replace(FACTS, aperture='WCA'), Reason.NOT_SCIENCE),
    ],
)
def test_each_fault_has_its_reason(facts, reason):
    assert [item.reason for item in judge(facts)] == [reason]


def test_all_findings_are_kept_in_the_order_of_importance():
    facts = replace(with_segment(n_in_gti=0, expflag='BAD', exptime_s=0.0), proposid=13635, targname='DARK')
    reasons = [item.reason for item in judge(facts)]
    assert reasons == [Reason.NO_EVENTS, Reason.SHORT_EXPOSURE, Reason.BAD_EXPFLAG, Reason.BAD_PROPOSAL, Reason.NOT_SCIENCE]


def test_one_empty_segment_of_two_is_no_fault():
    empty = replace(GOOD, n_events=0, n_in_gti=0, n_distinct_times=0)
    assert judge(replace(FACTS, segments=(GOOD, empty))) == ()
    assert [item.reason for item in judge(replace(FACTS, segments=(empty, empty)))] == [Reason.NO_EVENTS]


def test_buffered_stis_times_step_back_without_harm_unless_strict():
    facts = replace(with_segment(n_backward=1, largest_backward_s=0.032), instrume='STIS')
    assert judge(facts) == ()
    assert 'W_TIMEJIT' in cautions(facts)
    assert [item.reason for item in judge(facts, strict_linear=True)] == [Reason.NON_LINEAR_TIME]
    often = replace(with_segment(n_backward=50, largest_backward_s=0.001), instrume='STIS')
    assert [item.reason for item in judge(often)] == [Reason.NON_LINEAR_TIME]


@pytest.mark.parametrize('member', ['REPEATOBS', 'EXP-FP', 'SCIENCE', None])
def test_members_that_are_science_pass(member):
    assert judge(replace(FACTS, asn_mtyp=member, exptype=None)) == ()
