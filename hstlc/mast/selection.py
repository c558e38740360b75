"""Which datasets and files light curves are made of."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from hstlc.mast.records import ASSOCIATION_NAME, DATASET_NAME, FILE_NAME, ArchiveFile, Dataset

CRITERIA = {'sci_instrume': ('COS', 'STIS'), 'sci_operating_mode': ('TIME-TAG',), 'sci_status': ('PUBLIC',)}
COLUMNS = (
    'sci_data_set_name', 'sci_targname', 'sci_instrume', 'sci_operating_mode', 'sci_pep_id', 'sci_generation_date',
    'sci_archive_date', 'sci_release_date', 'sci_status', 'sci_ra', 'sci_dec', 'sci_mtflag', 'sci_start_time',
    'sci_actual_duration', 'sci_aper_1234', 'sci_spec_1234', 'sci_central_wavelength', 'sci_expflag', 'sci_asn_id',
)  # fmt: skip
NO_TARGETS = frozenset({'DARK', 'BIAS', 'DEUTERIUM', 'WAVE', 'ANY', 'NONE'})  # names of calibrations; the original's list
SUFFIXES = frozenset({'CORRTAG', 'CORRTAG_A', 'CORRTAG_B', 'TAG', 'X1D'})
ASSOCIATION = 'ASN'
# Members of associations that show the target. REPEATOBS is what STIS calls exposures that were repeated (oblh01040 is one).
SCIENCE = frozenset({'EXP-FP', 'SCIENCE', 'REPEATOBS'})
# STIS puts the events of an association's exposures into files that carry the association's own name: member and product in one.
# (COS has PROD-FP; its products are sums, which hold no events.)
OWN_NAME = 'PRODUCT'


def _text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None


def _word(value: Any) -> str:
    return (_text(value) or '').upper()


def _real(value: Any) -> float | None:
    return float(value) if value is not None else None


def _name(row: Mapping[str, Any]) -> str:
    return str(row['sci_data_set_name']).strip().upper()


def _instant(value: Any) -> str | None:
    """Return a time in one form, whichever service wrote it; another text as it is."""
    text = _text(value)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None).isoformat(timespec='seconds') if text else None
    except ValueError:
        return text


def is_wanted(row: Mapping[str, Any], now: str) -> bool:
    """Whether a row of the list is a public time-tag dataset of a target; the archive's own selection is not relied on.

    Parameters
    ----------
    row : mapping
        Column name to value; columns that the archive no longer has count as met.
    now : str
        ISO 8601, UTC; datasets that are released later are left out.
    """
    return (
        DATASET_NAME.fullmatch(_name(row)) is not None
        and all(_word(row.get(name, values[0])) in values for name, values in CRITERIA.items())
        and _word(row.get('sci_targname')) not in NO_TARGETS
        and (_text(row.get('sci_release_date')) or '') <= now
    )


def dataset_of(row: Mapping[str, Any]) -> Dataset:
    """Return a row of the list as a dataset; names are stripped of the blanks that the archive pads them with."""
    program = row.get('sci_pep_id')
    return Dataset(
        name=_name(row),
        targname=_text(row.get('sci_targname')) or '',
        instrume=_word(row.get('sci_instrume')),
        program=int(program) if program is not None else None,
        generation=_instant(row.get('sci_generation_date')),
        association=_word(row.get('sci_asn_id')) or None,
        ra_deg=_real(row.get('sci_ra')),
        dec_deg=_real(row.get('sci_dec')),
        moving=_word(row.get('sci_mtflag')) == 'T',
        start=_text(row.get('sci_start_time')),
        exptime_s=_real(row.get('sci_actual_duration')),
        aperture=_text(row.get('sci_aper_1234')),
        opt_elem=_text(row.get('sci_spec_1234')),
        expflag=_text(row.get('sci_expflag')),
    )


def _file_of(row: Mapping[str, Any]) -> ArchiveFile:
    name, dataset, size = str(row['filename']).strip(), str(row['dataset']).strip().upper(), row.get('size')
    return ArchiveFile(
        name=name, uri=_text(row.get('uri')) or f'{dataset}/{name}', datasets=(dataset,), size=int(size) if size else None
    )


def files_of(rows: Iterable[Mapping[str, Any]]) -> list[ArchiveFile]:
    """Return the files for light curves among rows of a product list.

    A name that is not of the form `rootname_suffix.fits` is left out: it will become the name of a file on this machine.
    """
    return _offered(rows, SUFFIXES, FILE_NAME)


def associations_of(rows: Iterable[Mapping[str, Any]]) -> list[ArchiveFile]:
    """Return the tables of associations among rows of a product list; they tell wavelength calibrations from exposures."""
    return _offered(rows, {ASSOCIATION}, ASSOCIATION_NAME)


def _offered(rows: Iterable[Mapping[str, Any]], suffixes: Collection[str], form: re.Pattern[str]) -> list[ArchiveFile]:
    wanted = [row for row in rows if _word(row.get('access')) == 'PUBLIC' and _word(row.get('file_suffix')) in suffixes]
    return [_file_of(row) for row in wanted if form.fullmatch(str(row.get('filename', '')).strip())]


def members_to_leave(members: Mapping[str, str]) -> dict[str, str]:
    """Return the members of an association that show no target, with their kind: wavelength calibrations, sums.

    Parameters
    ----------
    members : mapping
        Rootname to MEMTYPE, as the association's table has them.
    """
    kinds = {rootname: kind.strip().upper() for rootname, kind in members.items()}
    wanted = SCIENCE | ({OWN_NAME} if SCIENCE & set(kinds.values()) else set())
    return {rootname: kind for rootname, kind in kinds.items() if kind not in wanted}


def table_of(association: str) -> ArchiveFile | None:
    """Return the table of an association by its name; None where it is no such name (`NONE`)."""
    name = f'{association.lower()}_asn.fits'
    if not ASSOCIATION_NAME.fullmatch(name):
        return None
    return ArchiveFile(name=name, uri=f'{association.upper()}/{name}', datasets=(association.upper(),), size=None)
