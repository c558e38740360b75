"""The original system's periodogram: three ranges of trial periods, evaluated fast and exactly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import finufft
import numpy as np
from numpy.typing import NDArray

from hstlc.model import DAY_S, Bools, Floats
from hstlc.science.series import is_constant

HOUR_S = 3600.0
# Lowest and highest trial period, seconds. The original's pages named the bin width as the lowest of all; its code used 5 s.
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {'short': (5.0, 600.0), 'medium': (600.0, HOUR_S), 'long': (HOUR_S, 10 * HOUR_S)}
)
DIRECT = 200  # bins up to which every term is summed one by one
TOLERANCE = 1e-14  # asked of the non-uniform Fourier transform; it reaches about 1e-13
PHASE = 3e5  # rad; a part of a light curve that is transformed at once spans no more: memory grows with it, and rounding
SIGMAS = 3.0


@dataclass(frozen=True, kw_only=True)
class PeriodRange:
    """The power of one range of trial periods."""

    periods_s: Floats  # (n,), rising
    power: Floats  # (n,), 0 to 1: part of the variance that a sinusoid of the period explains
    mean: float  # of the power
    three_sigma: float  # mean and three standard deviations of the power
    peaks: Bools  # (n,) strict local maxima above `three_sigma`

    @property
    def significant_s(self) -> Floats:
        """Periods of the significant peaks, (m,) seconds."""
        return self.periods_s[self.peaks]

    @property
    def strongest(self) -> tuple[float, float] | None:
        """Period in seconds and power of the highest significant peak."""
        if not self.peaks.any():
            return None
        best = int(np.argmax(np.where(self.peaks, self.power, -np.inf)))
        return float(self.periods_s[best]), float(self.power[best])


def original(mjd: Floats, net: Floats) -> dict[str, PeriodRange]:
    """Return the periodogram of each of the original's ranges, by name: short, medium, long.

    Lomb-Scargle power normalised by the variance, 2 P / (N var(net)), at N periods that lie evenly between the ends of the range, N
    being the number of bins. The grid is the original's; it is far too coarse for periods of a few seconds.

    Up to 200 bins every term is summed (N^2 for each range). Beyond, sums over the bins are non-uniform
    Fourier transforms of parts of some days (short) to years (long), turned to a common zero: N times the number of parts
    instead of N^2, in memory of some hundred bytes a bin. 200 000 bins take 1 s within two weeks and 20 s in visits over ten
    years; direct summation takes an hour. Both agree to 1e-9 as long as the light curve spans less than about 1e6 s; beyond,
    rounding of the phase limits either.

    Parameters
    ----------
    mjd : (n,) float64
        Times, days.
    net : (n,) float64
        Count rates; finite.

    Returns
    -------
    dict
        Empty where there is no periodogram: fewer than 3 bins, or a constant rate.
    """
    if len(net) < 3 or is_constant(net):
        return {}
    order = np.argsort(mjd, kind='stable')
    time_s = (mjd[order] - mjd[order[0]]) * DAY_S
    rate = net[order] - np.mean(net)
    return {name: _range(time_s, rate, np.linspace(low, high, len(net))) for name, (low, high) in RANGES.items()}


def strongest(ranges: Mapping[str, PeriodRange]) -> tuple[float, float] | None:
    """Return period in seconds and power of the highest significant peak of all ranges, None where none is significant."""
    found = [one.strongest for one in ranges.values()]
    return max((peak for peak in found if peak), key=lambda peak: peak[1], default=None)


def _range(time_s: Floats, rate: Floats, periods_s: Floats) -> PeriodRange:
    omega = 2 * np.pi / periods_s
    power = _raw_power(time_s, rate, omega) * 2 / (len(rate) * np.var(rate))
    line = float(np.mean(power) + SIGMAS * np.std(power))
    peaks = np.zeros(len(power), bool)
    peaks[1:-1] = (power[1:-1] > power[:-2]) & (power[1:-1] > power[2:]) & (power[1:-1] > line)
    return PeriodRange(periods_s=periods_s, power=power, mean=float(np.mean(power)), three_sigma=line, peaks=peaks)


def _raw_power(time_s: Floats, rate: Floats, omega: Floats) -> Floats:
    """Return P = (sum r cos)^2 / (2 sum cos^2) + (the same with sin), as `scipy.signal.lombscargle` does, from two Fourier sums.

    With F = sum r exp(i w t), G = sum exp(2 i w t) and theta = arg(G) / 2: sum r cos(w t - theta) is the real part of
    F exp(-i theta), and sum cos(w t - theta)^2 is (N + |G|) / 2.
    """
    turned = _fourier(time_s, rate, omega)
    window = _fourier(time_s, np.ones_like(time_s), 2 * omega)
    turned = turned * np.exp(-0.5j * np.angle(window))
    n, size = len(time_s), np.abs(window)
    sine = np.maximum(n - size, n * np.finfo(np.float64).eps)
    return np.asarray(turned.real**2 / (n + size) + turned.imag**2 / sine, np.float64)


def _fourier(time_s: Floats, values: Floats, omega: Floats) -> NDArray[np.complex128]:
    if len(time_s) <= DIRECT:
        return np.asarray(np.exp(1j * np.outer(omega, time_s)) @ values, np.complex128)
    total = np.zeros(len(omega), np.complex128)
    for part in _parts(time_s, PHASE / float(np.max(omega))):
        middle = 0.5 * float(time_s[part][0] + time_s[part][-1])
        strengths = values[part].astype(np.complex128)
        # One thread: the order of the sums, and so the last bit of the result, is always the same.
        sums = finufft.nufft1d3(time_s[part] - middle, strengths, omega, isign=1, eps=TOLERANCE, nthreads=1)
        total += sums * np.exp(1j * omega * middle)
    return total


def _parts(time_s: Floats, span_s: float) -> Iterator[slice]:
    """Yield slices of times, which are in order, that span at most `span_s`."""
    start = 0
    while start < len(time_s):
        stop = int(np.searchsorted(time_s, time_s[start] + span_s, side='right'))
        yield slice(start, stop)
        start = stop
