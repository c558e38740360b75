"""Exposures, their records, and what became of them."""

from dataclasses import dataclass, field
from typing import Any

from hstlc.model.vocabulary import Instrument, Reason, Status


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFile:
    """A file that belongs to an exposure."""

    name: str  # of the file, without folder
    bytes: int  # its size
    sha256: str  # 64 hexadecimal digits


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """What the headers of one exposure say; values of the header, blanks stripped, None where the keyword is missing."""

    rootname: str  # IPPPSSOOT, lower case
    filename: str  # corrtag_a, else corrtag_b, else corrtag (for a STIS tag: the corrtag that is derived from it)
    files: tuple[InputFile, ...] = ()  # event files first, then the x1d when there is one
    telescop: str = 'HST'  # TELESCOP
    instrume: Instrument  # INSTRUME
    detector: str  # DETECTOR
    header_targname: str  # TARGNAME
    targname: str  # as rules and table of target names give it; names the directories
    obstype: str = 'SPECTROSCOPIC'  # OBSTYPE
    obsmode: str = 'TIME-TAG'  # OBSMODE
    opt_elem: str  # OPT_ELEM: grating, mirror or filter
    cenwave: int  # 0 for imaging
    aperture: str  # APERTURE
    fppos: int = 0  # 0 for STIS
    life_adj: str | None = None  # LIFE_ADJ: lifetime position (COS FUV)
    proposid: int | None = None  # PROPOSID: observing programme
    pi_name: str | None = None  # PR_INV_L: last name of the investigator
    ra_targ_deg: float | None = None  # RA_TARG
    dec_targ_deg: float | None = None  # DEC_TARG
    moving_target: bool = False  # MTFLAG
    expstart_mjd: float  # EXPSTART, UTC
    expend_mjd: float  # EXPEND, UTC
    exptime_s: float  # EXPTIME
    cal_ver: str | None = None  # CAL_VER: calibration software
    crds_ctx: str | None = None  # CRDS_CTX: reference files of the calibration
    asn_id: str | None = None  # ASN_ID: association


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """One finding of the quality checks that rejects an exposure."""

    reason: Reason  # the check that failed
    detail: str  # what it found, in words


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
    detector: str  # as in the header
    targname: str  # as rules and table of target names give it
    opt_elem: str  # grating, mirror or filter
    cenwave: int  # central wavelength in Angstrom; 0 for imaging
    aperture: str  # as in the header


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One object on the sky, under all the names that headers give it."""

    name: str  # the one that pages and products use
    slug: str  # the name as part of addresses and file names
    aliases: tuple[str, ...]  # all names that headers give it
    rootnames: tuple[str, ...]  # its exposures
    ra_deg: float | None  # ICRS; None where unknown
    dec_deg: float | None  # ICRS
    moving: bool  # whether it is in the solar system
    joins: tuple[str, ...] = ()  # a sentence per join: 'GJ-436 = GJ436: same name by rule'


@dataclass(frozen=True, kw_only=True)
class Product:
    """A file that hstlc wrote, as a record remembers it."""

    path: str  # relative to the home where it lies inside
    bytes: int  # its size
    sha256: str  # 64 hexadecimal digits


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a light curve: `records/lightcurves/<stem>.json`; `stem` is the light curve's file name without '.fits'.

    One for every accepted exposure (also where no light curve could be made: then `product` is None and `why_not` says why) and
    one for every composite. It holds all that pages and catalog say of the light curve without opening FITS files.
    """

    stem: str  # names the light curve's files
    composite: bool  # whether it is of all exposures of a group
    key: GroupKey  # instrument, target and configuration
    rootnames: tuple[str, ...]  # its exposures
    why_not: str | None = None  # why there is no light curve
    product: Product | None = None  # the FITS file
    n_bins: int = 0  # time bins
    step_s: float | None = None  # width of the time bins
    mjd_beg: float | None = None  # start of the first bin, UTC
    mjd_end: float | None = None  # end of the last bin, UTC
    exptime_s: float = 0.0  # summed live time
    wmin_aa: float | None = None  # wavelengths that were summed
    wmax_aa: float | None = None  # the upper end
    removed_aa: tuple[tuple[float, float], ...] = ()  # windows taken out (airglow)
    mean_net: float | None = None  # count/s
    mean_net_err: float | None = None  # its error, count/s
    mean_flux: float | None = None  # erg s-1 cm-2 Angstrom-1
    mean_flux_err: float | None = None  # its error
    flux_sources: tuple[str, ...] = ()  # where the sensitivities come from
    warnings: tuple[str, ...] = ()  # W_ codes, see content/flags.md
    left_out: tuple[str, ...] = ()  # composites: 'rootname: reason'
    bands: tuple[str, ...] = ()  # names of the bands that have a light curve
    bands_product: Product | None = None  # the file that holds them
    provenance: tuple[dict[str, Any], ...] = field(default=())  # rows of the table PROVENANCE
