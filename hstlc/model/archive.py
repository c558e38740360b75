"""Exposures, their records, and what became of them."""

from dataclasses import dataclass, field, fields
from typing import Any, Self

from hstlc.model.vocabulary import Instrument, Reason, Status


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFile:
    """A file that belongs to an exposure."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """What the headers of one exposure say; values of the header, blanks stripped, None where the keyword is missing."""

    rootname: str
    filename: str  # corrtag_a, else corrtag_b, else corrtag (for a STIS tag: the corrtag that is derived from it)
    files: tuple[InputFile, ...] = ()  # event files first, then the x1d when there is one
    telescop: str = 'HST'
    instrume: Instrument
    detector: str
    header_targname: str
    targname: str  # as rules and table of target names give it; names the directories
    obstype: str = 'SPECTROSCOPIC'
    obsmode: str = 'TIME-TAG'
    opt_elem: str
    cenwave: int  # 0 for imaging
    aperture: str
    fppos: int = 0  # 0 for STIS
    life_adj: str | None = None
    proposid: int | None = None
    pi_name: str | None = None
    ra_targ_deg: float | None = None
    dec_targ_deg: float | None = None
    moving_target: bool = False
    expstart_mjd: float
    expend_mjd: float
    exptime_s: float
    cal_ver: str | None = None
    crds_ctx: str | None = None
    asn_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """One finding of the quality checks that rejects an exposure."""

    reason: Reason
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What ingest found out about one exposure: `records/<rootname>.json`.

    `exposure` is None only for a file that cannot be read at all.
    """

    rootname: str
    status: Status
    ingest_date: str  # ISO 8601 day
    path: str  # directory of the files, relative to the home where it lies inside
    filename: str  # the file that names the row in the catalog
    exposure: Exposure | None
    rejections: tuple[Rejection, ...] = ()  # all findings, the first is the reason
    warnings: tuple[str, ...] = ()  # W_ codes, see content/flags.md
    message: str | None = None  # an operator's reason, or why the file could not be read


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupKey:
    """What the members of a composite have in common."""

    instrume: Instrument
    detector: str
    targname: str
    opt_elem: str
    cenwave: int
    aperture: str

    @classmethod
    def of(cls, exposure: Exposure) -> Self:
        """Return the configuration of an exposure."""
        return cls(**{item.name: getattr(exposure, item.name) for item in fields(cls)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One object on the sky, under all the names that headers give it."""

    name: str
    slug: str
    aliases: tuple[str, ...]
    rootnames: tuple[str, ...]
    ra_deg: float | None
    dec_deg: float | None
    moving: bool
    joins: tuple[str, ...] = ()  # a sentence per join: 'GJ-436 = GJ436: same name by rule'


@dataclass(frozen=True, kw_only=True)
class Product:
    """A file that hstlc wrote, as a record remembers it."""

    path: str  # relative to the home where it lies inside
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a light curve: `records/lightcurves/<stem>.json`; `stem` is the light curve's file name without '.fits'.

    One for every accepted exposure (also where no light curve could be made: then `product` is None and `why_not` says why) and
    one for every composite. It holds all that pages and catalog say of the light curve without opening FITS files.
    """

    stem: str
    composite: bool
    key: GroupKey
    rootnames: tuple[str, ...]
    why_not: str | None = None
    product: Product | None = None
    n_bins: int = 0
    step_s: float | None = None
    mjd_beg: float | None = None
    mjd_end: float | None = None
    exptime_s: float = 0.0  # summed live time
    wmin_aa: float | None = None
    wmax_aa: float | None = None
    removed_aa: tuple[tuple[float, float], ...] = ()
    mean_net: float | None = None  # count/s
    mean_net_err: float | None = None
    mean_flux: float | None = None  # erg s-1 cm-2 Angstrom-1
    mean_flux_err: float | None = None
    flux_sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  # composites: 'rootname: reason'
    bands: tuple[str, ...] = ()  # names of the bands that have a light curve
    bands_product: Product | None = None  # the file that holds them
    provenance: tuple[dict[str, Any], ...] = field(default=())
