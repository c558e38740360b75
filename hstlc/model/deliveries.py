"""What went to MAST, and what a delivery is checked for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from hstlc.model.archive import GroupKey


class Verdict(StrEnum):
    """What the report of a delivery says of a file; the later the worse."""

    PASS = 'PASS'  # nothing was found
    REVIEW = 'NEEDS REVIEW'  # a person should look
    FAIL = 'FAIL'  # must not be delivered


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that a check found."""

    verdict: Verdict  # how bad it is
    text: str  # what is wrong, and with what

    @classmethod
    def fail(cls, text: str) -> Self:
        """Return a finding that no delivery may have."""
        return cls(verdict=Verdict.FAIL, text=text)

    @classmethod
    def review(cls, text: str) -> Self:
        """Return a finding that a person should see."""
        return cls(verdict=Verdict.REVIEW, text=text)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveredVersion:
    """One version of a composite that was delivered."""

    version: int  # from 1
    name: str  # of the file
    day: str  # ISO 8601, on which it was delivered first
    bytes: int  # size of the file
    sha256: str  # of the file
    data_sha256: str  # of the numbers alone, whatever the header says
    rootnames: tuple[str, ...]  # exposures that it holds
    cal_ver: tuple[str, ...]  # calibration software of the exposures
    mjd_beg: float | None  # start of good time
    mjd_end: float | None  # end of good time
    exptime_s: float  # live time
    n_bins: int  # rows of LIGHTCURVE
    procver: str  # version of hstlc
    change: str  # what is different from the version before


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """The versions of one composite: `records/deliveries/<stem>.json`, `stem` as in its outcome."""

    stem: str  # file name in the archive, without ending
    key: GroupKey  # its configuration
    versions: tuple[DeliveredVersion, ...]  # oldest first; the last one counts, all others are superseded
    withdrawn: str | None = None  # day on which it was not delivered any more
