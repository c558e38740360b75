"""The closed vocabularies."""

from enum import IntFlag, StrEnum


class Instrument(StrEnum):
    """Instruments that hstlc knows (header keyword INSTRUME)."""

    COS = 'COS'  # Cosmic Origins Spectrograph
    STIS = 'STIS'  # Space Telescope Imaging Spectrograph


class Status(StrEnum):
    """What became of an exposure at ingest."""

    ACCEPTED = 'accepted'  # it gets a light curve
    REJECTED = 'rejected'  # a check failed


class Reason(StrEnum):
    """Why an exposure was rejected; the first six are the original system's."""

    BAD_EXPFLAG = 'Bad EXPFLAG'  # something went wrong during the exposure
    NON_LINEAR_TIME = 'Non-linear time'  # event times run backward
    NO_EVENTS = 'No events'  # the event list is empty
    SINGULAR_EVENT = 'Singular event'  # all events carry one time
    BAD_PROPOSAL = 'Bad Proposal'  # an engineering programme
    SHORT_EXPOSURE = 'Short Exposure'  # too short
    NOT_SCIENCE = 'Not science'  # a calibration
    UNREADABLE = 'Unreadable'  # the file cannot be read
    EXCLUDED = 'Excluded by operator'  # in the list of the operator


class Quality(IntFlag):
    """Bits of the QUALITY column of a light curve."""

    PARTIAL = 1  # partly outside good time
    LOWEXP = 2  # little live time
    LAMP = 4  # lamp on
    DAY = 8  # Sun above the limb
    BURST = 16  # burst of detector noise
    LOWN = 32  # few events
    SAA = 64  # near the South Atlantic Anomaly
    BKGFILL = 128  # background interpolated
    NOFLUX = 256  # no flux calibration
    TIMEJIT = 512  # times stepped backward
    SEGMISS = 1024  # a segment is missing


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

    X1D = 'X1D'  # the exposure's own extracted spectrum
    X1DSIB = 'X1DSIB'  # that of a neighbouring exposure
    REFFILE = 'REFFILE'  # reference files
    NONE = 'NONE'  # nowhere: there is no flux
