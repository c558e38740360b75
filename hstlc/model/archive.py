"""Exposures, their records, and what became of them."""

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, Self

from hstlc.model.vocabulary import Instrument, Reason, Status


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFile:
    """A file that belongs to an exposure."""

    name: str  # of the file
    bytes: int  # its size
    sha256: str  # of its content


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """What the headers of one exposure say; values of the header, blanks stripped, None where the keyword is missing."""

    rootname: str  # lower case, as the files are named
    filename: str  # corrtag_a, else corrtag_b, else corrtag (for a STIS tag: the corrtag that is derived from it)
    files: tuple[InputFile, ...] = ()  # event files first, then the x1d when there is one
    telescop: str = 'HST'  # HST
    instrume: Instrument  # COS or STIS
    detector: str  # FUV, NUV, FUV-MAMA or NUV-MAMA
    header_targname: str  # TARGNAME as the header writes it
    targname: str  # as rules and table of target names give it; names the directories
    obstype: str = 'SPECTROSCOPIC'  # SPECTROSCOPIC or IMAGING
    obsmode: str = 'TIME-TAG'  # TIME-TAG
    opt_elem: str  # grating or mirror
    cenwave: int  # 0 for imaging
    aperture: str  # PSA, BOA or the name of a slit
    fppos: int = 0  # 0 for STIS
    life_adj: str | None = None  # lifetime position of COS
    proposid: int | None = None  # observing programme
    pi_name: str | None = None  # family name of its principal investigator
    ra_targ_deg: float | None = None  # ICRS
    dec_targ_deg: float | None = None  # ICRS
    moving_target: bool = False  # a body of the solar system
    expstart_mjd: float  # UTC
    expend_mjd: float  # UTC
    exptime_s: float  # 0 where the header says so
    cal_ver: str | None = None  # version of the calibration software
    crds_ctx: str | None = None  # context of the reference files
    asn_id: str | None = None  # association that it belongs to


class Pointing(NamedTuple):
    """What of an exposure decides which target it shows; as `Exposure` has it."""

    rootname: str  # lower case
    header_targname: str  # TARGNAME as the header writes it
    expstart_mjd: float  # UTC
    ra_targ_deg: float | None  # ICRS
    dec_targ_deg: float | None  # ICRS
    moving_target: bool  # a body of the solar system


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """One finding of the quality checks that rejects an exposure."""

    reason: Reason  # of the vocabulary
    detail: str  # what was found, in words


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What ingest found out about one exposure: `records/<rootname>.json`.

    `exposure` is None only for a file that cannot be read at all.
    """

    rootname: str  # of the exposure
    status: Status  # accepted or rejected
    ingest_date: str  # ISO 8601 day
    path: str  # directory of the files, relative to the home where it lies inside
    filename: str  # the file that names the row in the catalog
    exposure: Exposure | None  # what its headers say
    rejections: tuple[Rejection, ...] = ()  # all findings, the first is the reason
    warnings: tuple[str, ...] = ()  # W_ codes, see content/flags.md
    message: str | None = None  # an operator's reason, or why the file could not be read


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupKey:
    """What the members of a composite have in common."""

    instrume: Instrument  # COS or STIS
    detector: str  # as in Exposure
    targname: str  # canonical name of the target
    opt_elem: str  # grating or mirror
    cenwave: int  # Angstrom, 0 for imaging
    aperture: str  # as in Exposure

    @classmethod
    def of(cls, exposure: Exposure) -> Self:
        """Return the configuration of an exposure."""
        return cls(**{item.name: getattr(exposure, item.name) for item in fields(cls)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One object on the sky, under all the names that headers give it."""

    name: str  # as it is shown
    slug: str  # as file names and addresses have it
    aliases: tuple[str, ...]  # TARGNAMEs of its exposures
    rootnames: tuple[str, ...]  # in order of their start
    ra_deg: float | None  # ICRS, of the latest exposure; None of a moving target
    dec_deg: float | None  # ICRS, likewise
    moving: bool  # a body of the solar system
    joins: tuple[str, ...] = ()  # a sentence per join: 'GJ-436 = GJ436: same name by rule'


@dataclass(frozen=True, kw_only=True)
class Product:
    """A file that hstlc wrote, as a record remembers it."""

    path: str  # relative to the home where it lies inside
    bytes: int  # size
    sha256: str  # of its content


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a light curve: `records/lightcurves/<stem>.json`; `stem` is the light curve's file name without '.fits'.

    One for every accepted exposure (also where no light curve could be made: then `product` is None and `why_not` says why) and
    one for every composite. It holds all that pages and catalog say of the light curve without opening FITS files.
    """

    stem: str  # its name
    composite: bool  # of a configuration, else of one exposure
    key: GroupKey  # its configuration
    rootnames: tuple[str, ...]  # exposures that it holds
    why_not: str | None = None  # why there is no light curve
    product: Product | None = None  # the FITS file
    n_bins: int = 0  # rows of LIGHTCURVE
    step_s: float | None = None  # bin width
    mjd_beg: float | None = None  # start of good time, UTC
    mjd_end: float | None = None  # end of good time, UTC
    exptime_s: float = 0.0  # summed live time
    wmin_aa: float | None = None  # start of the band
    wmax_aa: float | None = None  # end of the band
    removed_aa: tuple[tuple[float, float], ...] = ()  # windows left out of it
    mean_net: float | None = None  # count/s
    mean_net_err: float | None = None  # count/s
    mean_flux: float | None = None  # erg s-1 cm-2 Angstrom-1
    mean_flux_err: float | None = None  # erg s-1 cm-2 Angstrom-1
    flux_sources: tuple[str, ...] = ()  # where the sensitivity comes from
    warnings: tuple[str, ...] = ()  # W_ codes, see content/flags.md
    left_out: tuple[str, ...] = ()  # composites: 'rootname: reason'
    bands: tuple[str, ...] = ()  # names of the bands that have a light curve
    bands_product: Product | None = None  # the file that holds them
    provenance: tuple[dict[str, Any], ...] = field(default=())  # a row of PROVENANCE for each exposure
