"""What is to be fetched: the list of the archive against the manifest and the files on disk. Nothing here asks or writes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hstlc.mast.records import ArchiveFile, Dataset, Entry, FileStatus, merge_files

MOST_TRIES = 5  # runs in a row; then a file is asked for once a month
AGAIN_AFTER = timedelta(days=30)
LEAST_PART = 0.9  # of the last list; a shorter one is taken for a fault of the service
Present = Mapping[str, Collection[int]]  # name to the sizes of the files of that name in the archive at home


@dataclass(frozen=True)
class Plan:
    """What one run fetches."""

    files: tuple[ArchiveFile, ...]  # of whole datasets, the smallest first
    datasets: int
    later: int  # datasets left for another run by a limit

    @property
    def bytes(self) -> int:
        """Sum of the listed sizes."""
        return sum(file.size or 0 for file in self.files)

    @property
    def unknown(self) -> int:
        """Number of files whose size is not listed."""
        return sum(file.size is None for file in self.files)


def has_shrunk(now: int, before: int | None) -> bool:
    """Whether a list is so much shorter than the last that the service must be at fault."""
    return before is not None and now < LEAST_PART * before


def is_due(entry: Entry, generation: str | None, now: str) -> bool:
    """Whether a file that could not be had is asked for again: at each run, after some failures in a row once a month."""
    if entry.generation != generation or entry.tries < MOST_TRIES:
        return True
    return _is_old(entry, now)


def _is_old(entry: Entry, now: str) -> bool:
    return datetime.fromisoformat(now) - datetime.fromisoformat(entry.time) >= AGAIN_AFTER


def _wants(entry: Entry, generation: str | None, present: Present, now: str) -> bool:
    """Whether something is to be done about a file that the manifest knows."""
    if entry.failed:
        return is_due(entry, generation, now)
    if entry.generation != generation:
        return True
    if entry.status is FileStatus.COMPLETE:
        return entry.bytes not in present.get(entry.name, ())
    return entry.status is FileStatus.NOTHING and _is_old(entry, now)  # the archive may have been at fault


def stale_datasets(
    datasets: Iterable[Dataset], known: Mapping[str, Sequence[Entry]], present: Present, now: str
) -> tuple[Dataset, ...]:
    """Return the datasets that are new, were recalibrated, or lack a file.

    Parameters
    ----------
    datasets : iterable of Dataset
        The archive's list.
    known : mapping
        Entries of the manifest by dataset.
    present : mapping
        Name to sizes of the files at home.
    now : str
        ISO 8601, UTC.
    """
    return tuple(
        one
        for one in datasets
        if one.name not in known or any(_wants(entry, one.generation, present, now) for entry in known[one.name])
    )


def withdrawn_datasets(datasets: Iterable[Dataset], known: Mapping[str, Sequence[Entry]]) -> tuple[str, ...]:
    """Return the datasets of which there are files at home and which the archive lists no longer."""
    listed = {one.name for one in datasets}
    return tuple(
        sorted(
            name for name, entries in known.items() if name not in listed and any(e.status is FileStatus.COMPLETE for e in entries)
        )
    )


def wanted_files(
    files: Sequence[ArchiveFile], stale: Iterable[Dataset], known: Mapping[str, Sequence[Entry]], present: Present, now: str
) -> tuple[ArchiveFile, ...]:
    """Return the files of stale datasets that are to be fetched, each once.

    A file is fetched where its dataset is new or was recalibrated, or where the file is not at home as the manifest says.
    """
    generations = {one.name: one.generation for one in stale}
    entries = {(entry.dataset, entry.name): entry for group in known.values() for entry in group}
    wanted = []
    for file in merge_files(list(files)).values():
        found = [(entries.get((name, file.name)), generations[name]) for name in file.datasets if name in generations]
        if any(
            entry is None or entry.status is FileStatus.SUPERSEDED or _wants(entry, generation, present, now)
            for entry, generation in found
        ):
            wanted.append(replace(file, datasets=tuple(name for name in file.datasets if name in generations)))
    return tuple(wanted)


def gone_files(files: Iterable[ArchiveFile], names: Collection[str], known: Mapping[str, Sequence[Entry]]) -> tuple[Entry, ...]:
    """Return the files at home that the archive lists no longer under datasets that it still has.

    Parameters
    ----------
    files : iterable of ArchiveFile
        What it lists now.
    names : collection of str
        The datasets that were asked for.
    known : mapping
        Entries of the manifest by dataset.
    """
    listed = {(dataset, file.name) for file in files for dataset in file.datasets}
    return tuple(
        entry
        for name in sorted(names)
        for entry in known.get(name, ())
        if entry.name and entry.status is not FileStatus.SUPERSEDED and (name, entry.name) not in listed
    )


def make_plan(files: Sequence[ArchiveFile], limit: int) -> Plan:
    """Return the files of whole datasets, the smallest datasets first.

    Parameters
    ----------
    files : sequence of ArchiveFile
        What is wanted.
    limit : int
        Datasets at most; 0 = all.
    """
    groups: dict[str, list[ArchiveFile]] = {}
    for file in files:
        groups.setdefault(file.datasets[0], []).append(file)
    ordered = sorted(groups, key=lambda name: (sum(file.size or 0 for file in groups[name]), name))
    taken = ordered[:limit] if limit else ordered
    chosen = tuple(file for name in taken for file in sorted(groups[name], key=lambda file: file.name))
    return Plan(files=chosen, datasets=len(taken), later=len(ordered) - len(taken))
