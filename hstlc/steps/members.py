"""Members of associations: files of wavelength calibrations and of sums are told from exposures before they are fetched."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hstlc.errors import UnreadableError
from hstlc.files.integrity import check_whole, read_members
from hstlc.mast.manifest import Manifest
from hstlc.mast.records import ArchiveFile, Dataset, merge_files
from hstlc.mast.selection import SCIENCE, associations_of, members_to_leave, table_of
from hstlc.steps.transfer import Run

log = logging.getLogger(__name__)


def members_not_wanted(
    run: Run, files: Sequence[ArchiveFile], rows: Iterable[Mapping[str, Any]], datasets: Iterable[Dataset]
) -> set[str]:
    """Return the rootnames that are no exposures of a target, by the tables of their associations.

    Where a table cannot be had, ingest tells them from exposures.

    Parameters
    ----------
    run : Run
        The download.
    files : sequence of ArchiveFile
        What is to be fetched.
    rows : iterable of mapping
        The archive's lists of files.
    datasets : iterable of Dataset
        Those to which the files belong; a member of an association may be listed on its own.
    """
    folder = run.paths.download / 'associations'
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [run.job(one, folder, {one.datasets[0]: None}) for one in _tables(files, rows, datasets)]
    run.crew(Manifest(run.paths.download / 'associations.jsonl'), check_whole, lambda failed: None).work(jobs)
    left: dict[str, str] = {}
    wanted: set[str] = set()
    for job in jobs:
        try:
            members = read_members(job.target)
        except UnreadableError as error:
            log.warning('%s', error)
            continue
        left |= members_to_leave(members)
        wanted |= {rootname for rootname, kind in members.items() if kind.upper() in SCIENCE}
    for rootname in sorted({file.rootname for file in files} & left.keys() - wanted):
        log.info('%s: not fetched, a member of kind %s', rootname, left[rootname])
    return left.keys() - wanted


def _tables(
    files: Sequence[ArchiveFile], rows: Iterable[Mapping[str, Any]], datasets: Iterable[Dataset]
) -> tuple[ArchiveFile, ...]:
    """Return the tables that are listed beside the files, and those of the associations that datasets name."""
    names = {name for file in files for name in file.datasets}
    listed = [one for one in associations_of(rows) if names & set(one.datasets)]
    named = [table_of(one.association) for one in datasets if one.name in names and one.association]
    return tuple(merge_files([*listed, *(one for one in named if one is not None)]).values())
