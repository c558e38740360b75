"""What the added statistics find in a light curve."""

from dataclasses import dataclass
from enum import IntFlag, StrEnum

from hstlc.model.tables import BandKind


class Alias(IntFlag):
    """What a period may be instead of the source's own; bits of `Period.alias` and `x_alias`."""

    ORBIT = 1  # orbit of HST
    DAY = 2  # sidereal day
    WINDOW = 4  # times of observation
    LONG = 8  # less than two cycles
    NOT_SOURCE = 16  # background or airglow
    LAMP = 64  # calibration lamps
    AMBIGUOUS = 128  # another period fits as well


ALIAS_MEANINGS: dict[Alias, str] = {
    Alias.ORBIT: 'the orbit of HST (95.3 to 96.7 minutes) or one of its harmonics, to the sixth',
    Alias.DAY: 'the sidereal day or one of its harmonics, to the sixth',
    Alias.WINDOW: 'the times of observation themselves have this period',
    Alias.LONG: 'less than two cycles were observed',
    Alias.NOT_SOURCE: 'the background or the airglow varies with this period, strongly enough to explain it',
    Alias.LAMP: 'calibration lamps flashed with this period',
    Alias.AMBIGUOUS: 'another period fits about as well',
}
SPURIOUS = Alias.ORBIT | Alias.DAY | Alias.WINDOW | Alias.LONG | Alias.NOT_SOURCE | Alias.LAMP  # no evidence of the source


class EpisodeKind(StrEnum):
    """What happens to the brightness for a while."""

    FLARE = 'flare'  # brighter than before and after
    ECLIPSE = 'eclipse'  # fainter


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A peak of the Lomb-Scargle periodogram."""

    range: str  # short, medium or long
    period_s: float  # of the peak
    error_s: float  # of the period
    power: float  # part of the variance that the sinusoid explains, 0 to 1
    amplitude: float | None  # semi-amplitude in units of the mean rate; None where there is no mean
    fap: float  # false-alarm probability, number of ranges included
    alias: int  # bits of `Alias`


@dataclass(frozen=True, kw_only=True, slots=True)
class Episode:
    """A flare or an eclipse."""

    kind: EpisodeKind  # flare or eclipse
    dataset: int  # 1-based number of the exposure
    start_mjd: float  # of its first block
    peak_mjd: float  # middle of the brightest (faintest) block
    end_mjd: float  # of its last block
    ratio: float | None  # rate of that block / undisturbed rate; None where that is not positive
    sigma: float  # significance of all its counts against the undisturbed rate
    equivalent_s: float | None  # equivalent duration: time in which the undisturbed source emits as much; negative in eclipses
    fluence: float | None  # erg cm-2 above (below) the undisturbed flux
    complete: bool  # whether start and end lie inside the exposure


@dataclass(frozen=True, kw_only=True, slots=True)
class BandVariability:
    """Variability of an emission line or a piece of continuum."""

    name: str  # as in `bands.csv`
    kind: BandKind  # line or continuum
    mean_net: float  # count/s
    fvar: float | None  # fractional variability; None where there is no mean rate
    fvar_err: float | None  # its error
    chi2_p: float | None  # probability of a constant rate


@dataclass(frozen=True, kw_only=True, slots=True)
class Interest:
    """The parts of the interest score, each 0 to 1."""

    flares: float  # significance of the strongest
    eclipses: float  # significance of the strongest
    period: float  # certainty of the best that is the source's own
    outburst: float  # certainty and range of differences between exposures
    variability: float  # certainty and size of the variability that nothing else explains
