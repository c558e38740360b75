"""Numbers, times and positions as a person reads them; None becomes a dash."""

from datetime import datetime, timedelta
from math import floor, isfinite, log10

NOTHING = '–'
MINUS = '−'
THIN = '\u202f'  # narrow no-break space
EPOCH = datetime(1858, 11, 17)  # MJD 0
_SUPERSCRIPT = str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹')


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with `digits` significant digits; very large and very small ones as a power of ten."""
    if value is None or not isfinite(value):
        return NOTHING
    if value == 0:
        return '0'
    power = floor(log10(abs(value)))
    if power >= 6 or power < -3:
        return f'{_sign(value / 10.0**power, digits - 1)}{THIN}×{THIN}10{str(power).translate(_SUPERSCRIPT)}'
    return _sign(value, max(0, digits - 1 - power))


def _sign(value: float, decimals: int) -> str:
    return f'{value:,.{decimals}f}'.replace('-', MINUS).replace(',', THIN)


def with_error(value: float | None, error: float | None) -> str:
    """Return a value with its error, both to the error's second significant digit."""
    if value is None or error is None or not (isfinite(value) and isfinite(error)) or error <= 0:
        return number(value)
    power = floor(log10(max(abs(value), error)))
    scale = power if power >= 5 or power < -3 else 0
    decimals = max(0, 1 - floor(log10(error / 10.0**scale)))
    text = f'{_sign(value / 10.0**scale, decimals)}{THIN}±{THIN}{_sign(error / 10.0**scale, decimals)}'
    return text if scale == 0 else f'({text}){THIN}×{THIN}10{str(scale).translate(_SUPERSCRIPT)}'


def count(value: int | None) -> str:
    """Return a whole number with thin spaces between the thousands."""
    return NOTHING if value is None else f'{value:,}'.replace(',', THIN).replace('-', MINUS)


def grating(opt_elem: str, cenwave: int) -> str:
    """Return a grating with its central wavelength as astronomers write them; a mirror or filter, which has none, alone."""
    return f'{opt_elem}/{cenwave}' if cenwave else opt_elem


def exposures(n: int) -> str:
    """Return a number of exposures in words."""
    return f'{count(n)} exposure' if n == 1 else f'{count(n)} exposures'


def moment(mjd: float | None) -> str:
    """Return an MJD as day and minute, UTC."""
    return NOTHING if mjd is None else (EPOCH + timedelta(days=mjd)).strftime('%Y-%m-%d %H:%M')


def day(mjd: float | None) -> str:
    """Return an MJD as a day."""
    return NOTHING if mjd is None else (EPOCH + timedelta(days=mjd)).date().isoformat()


def duration(seconds: float | None) -> str:
    """Return a length of time in the unit that suits it."""
    if seconds is None:
        return NOTHING
    for limit, scale, unit in ((600.0, 1.0, 's'), (2 * 3600.0, 60.0, 'min'), (72 * 3600.0, 3600.0, 'h')):
        if seconds < limit:
            return f'{number(seconds / scale)}{THIN}{unit}'
    return f'{number(seconds / 86400.0)}{THIN}d'


def size(bytes_: int) -> str:
    """Return a file size in kB or MB."""
    if bytes_ < 1_000_000:
        return f'{max(1, round(bytes_ / 1000))}{THIN}kB'
    return f'{bytes_ / 1e6:.1f}{THIN}MB'


def right_ascension(degrees: float) -> str:
    """Return a right ascension as hours, minutes and seconds."""
    ticks = round(degrees % 360.0 * 24000.0) % 8640000  # hundredths of a second
    return f'{ticks // 360000:02}ʰ{ticks // 6000 % 60:02}ᵐ{ticks // 100 % 60:02}.{ticks % 100:02}ˢ'


def declination(degrees: float) -> str:
    """Return a declination as degrees, minutes and seconds of arc."""
    tenths = round(abs(degrees) * 36000.0)
    sign = MINUS if degrees < 0 else '+'
    return f'{sign}{tenths // 36000:02}°{tenths // 600 % 60:02}′{tenths // 10 % 60:02}.{tenths % 10}″'


def wavelengths(low: float | None, high: float | None) -> str:
    """Return a range of wavelengths."""
    return NOTHING if low is None or high is None else f'{low:.0f}–{high:.0f}{THIN}Å'
