"""What the archive lists and what became of each file: datasets, products, entries of the manifest."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

FILE_NAME = re.compile(r'([a-z0-9]{9})_(corrtag_a|corrtag_b|corrtag|tag|x1d)\.fits')
DATASET_NAME = re.compile(r'[A-Z0-9]{9}')
ASSOCIATION_NAME = re.compile(r'[a-z0-9]{9}_asn\.fits')


class FileStatus(StrEnum):
    """What became of a file."""

    COMPLETE = 'complete'
    ERROR = 'error'  # the server or the connection failed
    MISSING = 'missing'  # 404
    DENIED = 'denied'  # 401, 403
    SUPERSEDED = 'superseded'  # no longer in the archive's list of its dataset
    NOTHING = 'nothing'  # stands for a dataset that has no file for light curves; the file name is empty


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A row of the archive's list: an exposure or an association of exposures."""

    name: str
    targname: str
    instrume: str
    program: int | None
    generation: str | None  # when its files were made; another one means that they were recalibrated
    association: str | None = None
    ra_deg: float | None = None
    dec_deg: float | None = None
    moving: bool = False
    start: str | None = None
    exptime_s: float | None = None
    aperture: str | None = None
    opt_elem: str | None = None
    expflag: str | None = None


@dataclass(frozen=True, kw_only=True)
class ArchiveFile:
    """A file that the archive offers."""

    name: str
    uri: str  # DATASET/name
    datasets: tuple[str, ...]  # those that list it; an exposure may be listed under its own name and under its association
    size: int | None  # bytes as listed, not always right

    @property
    def rootname(self) -> str:
        """The exposure, lower case."""
        return self.name.partition('_')[0]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the manifest: what is known of a file of a dataset."""

    time: str  # ISO 8601, UTC
    dataset: str
    name: str
    status: FileStatus
    generation: str | None = None
    url: str | None = None
    tries: int = 0  # runs in a row that failed
    error: str | None = None
    http: int | None = None
    listed: int | None = None  # bytes by the archive's list
    bytes: int | None = None  # bytes received
    size_differs: bool = False
    sha256: str | None = None
    etag: str | None = None
    modified: str | None = None  # Last-Modified
    source: str | None = None  # mast, s3, crds

    @property
    def failed(self) -> bool:
        """Whether the file is wanted and not there."""
        return self.status in (FileStatus.ERROR, FileStatus.MISSING, FileStatus.DENIED)


def merge_files(files: list[ArchiveFile]) -> dict[str, ArchiveFile]:
    """Return each file once, by name, with all datasets that list it."""
    merged: dict[str, ArchiveFile] = {}
    for file in files:
        earlier = merged.get(file.name)
        datasets = tuple(dict.fromkeys((*(earlier.datasets if earlier else ()), *file.datasets)))
        merged[file.name] = replace(earlier or file, datasets=datasets)
    return merged
