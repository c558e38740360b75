"""The quality checks: facts of an exposure in, findings out. Nothing is moved or written here."""

from hstlc.model import Facts, Reason, Rejection, SegmentFacts
from hstlc.science.selection import total_length

BACKWARD_LIMIT_S = {'COS': 0.001, 'STIS': 0.040}  # larger steps back in time are not buffering
BACKWARD_FRACTION = 1e-4
NOT_SCIENCE_TARGETS = ('WAVE', 'DARK', 'BIAS', 'DEUTERIUM', 'NONE', 'ANY')
WAVECAL_MEMBERS = ('WAVE', 'PROD')
LAMP_APERTURES = ('WCA', 'FCA')
VOLTAGE_TOLERANCE_V = 60.0  # the two segments of a normal exposure are 27 and 53 V from nominal


def findings(facts: Facts, *, min_exptime_s: float, bad_proposals: tuple[int, ...], strict_linear: bool) -> tuple[Rejection, ...]:
    """Return every finding that rejects an exposure, in the order of their importance; the first is the reason."""
    checks = (
        _no_events(facts),
        _singular_event(facts),
        _short_exposure(facts, min_exptime_s),
        _bad_expflag(facts),
        _bad_proposal(facts, bad_proposals),
        _non_linear_time(facts, strict_linear),
        _not_science(facts),
    )
    return tuple(finding for finding in checks if finding is not None)


def _no_events(facts: Facts) -> Rejection | None:
    if sum(item.n_in_gti for item in facts.segments) > 0:
        return None
    total = sum(item.n_events for item in facts.segments)
    return Rejection(
        reason=Reason.NO_EVENTS, detail=f'{total} events, none of them in good time' if total else 'the event list is empty'
    )


def _singular_event(facts: Facts) -> Rejection | None:
    filled = [item for item in facts.segments if item.n_events]
    if not filled or any(item.n_distinct_times > 1 for item in filled):
        return None
    return Rejection(reason=Reason.SINGULAR_EVENT, detail='all events carry the same time')


def _short_exposure(facts: Facts, min_exptime_s: float) -> Rejection | None:
    exptime = max(min(item.exptime_s, total_length(item.gti_s)) for item in facts.segments)
    if exptime >= min_exptime_s:
        return None
    return Rejection(reason=Reason.SHORT_EXPOSURE, detail=f'{exptime:.3f} s of good time, at least {min_exptime_s:g} s are needed')


def _bad_expflag(facts: Facts) -> Rejection | None:
    bad = [item for item in facts.segments if item.expflag is not None and item.expflag.strip().upper() != 'NORMAL']
    if len(bad) < len(facts.segments) or not bad:
        return None
    return Rejection(reason=Reason.BAD_EXPFLAG, detail=f'EXPFLAG is {bad[0].expflag!r} in {bad[0].name}')


def _bad_proposal(facts: Facts, bad_proposals: tuple[int, ...]) -> Rejection | None:
    if facts.proposid is None or facts.proposid not in bad_proposals:
        return None
    return Rejection(reason=Reason.BAD_PROPOSAL, detail=f'programme {facts.proposid} is in the list of bad proposals')


def _non_linear_time(facts: Facts, strict: bool) -> Rejection | None:
    filled = [item for item in facts.segments if item.n_events]
    bad = [item for item in filled if _jumps_back(item, facts.instrume, strict)]
    if not bad or len(bad) < len(filled):
        return None
    worst = max(bad, key=lambda item: item.largest_backward_s)
    often = 'once, by' if worst.n_backward == 1 else f'{worst.n_backward} times, by up to'
    detail = f'time steps backward {often} {worst.largest_backward_s:.3f} s, in {worst.name}'
    return Rejection(reason=Reason.NON_LINEAR_TIME, detail=detail)


def _jumps_back(segment: SegmentFacts, instrume: str, strict: bool) -> bool:
    if strict:
        return segment.n_backward > 0
    too_far = segment.largest_backward_s > BACKWARD_LIMIT_S[instrume]
    too_often = segment.n_backward > max(1.0, BACKWARD_FRACTION * segment.n_events)
    return too_far or too_often


def _not_science(facts: Facts) -> Rejection | None:
    member = (facts.asn_mtyp or '').strip().upper()
    exptype = (facts.exptype or 'EXTERNAL/SCI').strip().upper()
    found = {
        'TARGNAME': facts.targname if facts.targname.upper() in NOT_SCIENCE_TARGETS else None,
        'EXPTYPE': facts.exptype if exptype != 'EXTERNAL/SCI' else None,
        'ASN_MTYP': member if any(word in member for word in WAVECAL_MEMBERS) else None,
        'APERTURE': facts.aperture if facts.aperture.upper() in LAMP_APERTURES else None,
        'SHUTTER': facts.shutter if (facts.shutter or '').strip().upper() == 'CLOSED' else None,
        'OBSMODE': facts.obsmode if (facts.obsmode or 'TIME-TAG').strip().upper() != 'TIME-TAG' else None,
    }
    named = [f'{keyword}={str(value).strip()}' for keyword, value in found.items() if value is not None]
    return Rejection(reason=Reason.NOT_SCIENCE, detail=', '.join(named)) if named else None


def cautions(facts: Facts) -> tuple[str, ...]:
    """Return the W_ codes that describe an exposure without rejecting it (content/flags.md explains each)."""
    gti_total = max(total_length(item.gti_s) for item in facts.segments)
    n_gti = max(len(item.gti_s) for item in facts.segments)
    span = max((item.gti_s[-1, 1] - item.gti_s[0, 0] for item in facts.segments if len(item.gti_s)), default=0.0)
    backward = any(item.n_backward for item in facts.segments)
    codes = {
        'W_PLANTIME': facts.plantime_s is not None and facts.exptime_s < 0.8 * facts.plantime_s,
        'W_FGSLOCK': facts.fgslock is not None and facts.fgslock.strip().upper() not in ('FINE', ''),
        'W_EXTENDED': facts.extended,
        'W_BOA': facts.aperture.upper() == 'BOA',
        'W_NGTI': n_gti > 1,
        'W_COVER': span > 0 and gti_total / span < 0.95,
        'W_EXPTIME': facts.exptime_s > 0 and abs(gti_total - facts.exptime_s) > 0.1,
        'W_TIMEJIT': backward,
        'W_OVERFLOW': facts.overflow > 0,
        'W_EXPFLAG': any(item.expflag is None for item in facts.segments),
    }
    return tuple(code for code, applies in codes.items() if applies)


def voltage_off(measured_v: float, nominal_v: float) -> bool:
    """Return whether the high voltage of a COS FUV segment is so far from nominal that pulse heights and gain are not the usual."""
    return abs(measured_v - nominal_v) > VOLTAGE_TOLERANCE_V
