"""The closed vocabularies."""

from enum import IntFlag, StrEnum


class Instrument(StrEnum):
    """Instruments that hstlc knows (header keyword INSTRUME)."""

    COS = 'COS'
    STIS = 'STIS'


class Status(StrEnum):
    """What became of an exposure at ingest."""

    ACCEPTED = 'accepted'
    REJECTED = 'rejected'


class Reason(StrEnum):
    """Why an exposure was rejected; the first six are the original system's."""

    BAD_EXPFLAG = 'Bad EXPFLAG'
    NON_LINEAR_TIME = 'Non-linear time'
    NO_EVENTS = 'No events'
    SINGULAR_EVENT = 'Singular event'
    BAD_PROPOSAL = 'Bad Proposal'
    SHORT_EXPOSURE = 'Short Exposure'
    NOT_SCIENCE = 'Not science'
    UNREADABLE = 'Unreadable'
    EXCLUDED = 'Excluded by operator'


class Quality(IntFlag):
    """Bits of the QUALITY column of a light curve."""

    PARTIAL = 1
    LOWEXP = 2
    LAMP = 4
    DAY = 8
    BURST = 16
    LOWN = 32
    SAA = 64
    BKGFILL = 128
    NOFLUX = 256
    TIMEJIT = 512
    SEGMISS = 1024


QUALITY_MEANINGS: dict[Quality, str] = {
    Quality.PARTIAL: 'the bin is only partly inside good time (an edge of a good time interval or of the exposure)',
    Quality.LOWEXP: 'live time below the setting min_fracexp of the bin width; left out of the statistics',
    Quality.LAMP: 'a wavelength calibration lamp was on during the bin',
    Quality.DAY: "the Sun was above the Earth's limb: airglow is strong",
    Quality.BURST: 'the whole-detector rate jumped: a burst of detector noise',
    Quality.LOWN: 'fewer than 10 source events: errors are asymmetric',
    Quality.SAA: 'near the South Atlantic Anomaly',
    Quality.BKGFILL: 'the background of the bin was interpolated',
    Quality.NOFLUX: 'no flux calibration was possible; FLUX is NaN',
    Quality.TIMEJIT: 'event times stepped backward within the bin and were sorted',
    Quality.SEGMISS: 'a detector segment that belongs to the exposure is missing',
}


class FluxSource(StrEnum):
    """Where the sensitivity of a light curve comes from (keyword FLUXSRC)."""

    X1D = 'X1D'
    X1DSIB = 'X1DSIB'
    REFFILE = 'REFFILE'
    NONE = 'NONE'
