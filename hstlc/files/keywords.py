"""Header keywords whose values are numbers, and what they can be: others are damage and count as missing."""

import functools
import re

from astropy.io import fits

# What hstlc reads, with limits far outside of everything real; -999 says "not set" in COS headers.
LIMITS: tuple[tuple[str, float, float], ...] = (
    ('T?EXPSTART|TEXPSTRT|T?EXPEND', 40000.0, 100000.0),  # MJD: 1968 to 2132
    ('T?EXPTIME[AB]?|PLANTIME', 0.0, 1e6),
    ('LMP_ON[0-9]+|LMPOFF[0-9]+', -1e6, 1e6),
    ('NUMFLASH', 0, 1000),
    ('CENWAVE', -1, 20000),
    ('FPPOS|FPOFFSET|PROPOSID', -1000, 1e6),
    ('RA_TARG', -360.0, 360.0),
    ('DEC_TARG', -90.0, 90.0),
    ('SP_LOC_[ABC]|B_BKG[12]_[ABC]', -10000.0, 10000.0),
    ('SP_SLP_[ABC]', -1000.0, 1.0),
    ('SP_HGT_[ABC]|B_HGT[12]_[ABC]', -1000, 2048),
    ('X_OFFSET', -20000, 20000),
    ('SDQFLAGS', -32768, 65535),
    ('V_HELIO', -1000.0, 1000.0),  # km/s
    ('OVERFLOW|FILLCNT|ERRCNT', 0, 1e12),
    ('OM[12]CAT', -300.0, 300.0),  # degrees Celsius
    ('SIZAXIS[12]', 0, 4096),
    ('TC2_2|TCDLT2|TCRVL2|TCRPX2', -1e6, 1e6),
    ('REGX|REGY', -2048, 2048),
)
NOT_APPLICABLE = ('N/A', 'NOT APPLICABLE')
UNREADABLE = object()
NAME = re.compile('[A-Z0-9_-]{1,8}')
WANTED = tuple((re.compile(names), low, high) for names, low, high in LIMITS)


def remove_damage(header: fits.Header) -> tuple[str, ...]:
    """Remove cards that cannot be read, and those of known numbers whose value is no number or beyond belief.

    Parameters
    ----------
    header : Header
        Changed in place.

    Returns
    -------
    tuple of str
        The keywords that were removed, but for those that say that they do not apply.
    """
    values = [(card.keyword, _value(card)) for card in header.cards]
    damaged = [(keyword, value) for keyword, value in values if _is_damaged(keyword, value)]
    for keyword in {keyword for keyword, _ in damaged}:
        header.remove(keyword, ignore_missing=True, remove_all=True)
    named = (keyword for keyword, value in damaged if value not in NOT_APPLICABLE)
    return tuple(dict.fromkeys(name if NAME.fullmatch(name) else '?' for name in named))


def _value(card: fits.Card) -> object:
    try:
        return card.value
    except fits.VerifyError:
        return UNREADABLE


def _is_damaged(keyword: str, value: object) -> bool:
    if value is UNREADABLE:
        return True
    limits = _limits(keyword)
    if limits is None or value is None or value == '' or isinstance(value, fits.card.Undefined):
        return False
    if isinstance(value, bool) or not isinstance(value, int | float):  # a number in quotes, as some old headers have it, is none
        return True
    return not limits[0] <= value <= limits[1]


@functools.lru_cache(maxsize=4096)
def _limits(keyword: str) -> tuple[float, float] | None:
    return next(((low, high) for names, low, high in WANTED if names.fullmatch(keyword)), None)
