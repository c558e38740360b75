"""What went to MAST, and what a delivery is checked for."""

from dataclasses import dataclass
from enum import StrEnum

from hstlc.model.archive import GroupKey


class Verdict(StrEnum):
    """What the report of a delivery says of a file; the later the worse."""

    PASS = 'PASS'
    REVIEW = 'NEEDS REVIEW'
    FAIL = 'FAIL'


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that a check found."""

    verdict: Verdict
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveredVersion:
    """One version of a composite that was delivered."""

    version: int
    name: str  # of the file
    day: str  # ISO 8601, on which it was delivered first
    bytes: int
    sha256: str
    data_sha256: str  # of the numbers alone, whatever the header says
    rootnames: tuple[str, ...]
    cal_ver: tuple[str, ...]  # calibration software of the exposures
    mjd_beg: float | None
    mjd_end: float | None
    exptime_s: float
    n_bins: int
    procver: str  # version of hstlc
    change: str  # what is different from the version before


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """The versions of one composite: `records/deliveries/<stem>.json`, `stem` as in its outcome."""

    stem: str
    key: GroupKey
    versions: tuple[DeliveredVersion, ...]  # oldest first; the last one counts, all others are superseded
    withdrawn: str | None = None  # day on which it was not delivered any more
