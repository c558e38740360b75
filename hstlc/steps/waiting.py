"""Which exposures wait for ingest. Every run asks, so nothing is imported here that only the ingest itself needs."""

import os
from collections.abc import Iterable
from pathlib import Path

from hstlc.files import records
from hstlc.files.exposurenames import is_x1d, rootname_of
from hstlc.files.operator import Action, Decision, read_operator_list
from hstlc.model import Record, Status
from hstlc.paths import Paths
from hstlc.settings import Settings


def waiting(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the files in ingest/ by rootname, absolute names; x1d files alone only where their exposure is known.

    Exposures on which the operator has changed his mind are listed too, with no files.
    """
    paths = Paths(settings)
    found: dict[str, list[str]] = {}
    for entry in sorted(os.scandir(paths.ingest), key=lambda item: item.name) if paths.ingest.is_dir() else ():
        rootname = rootname_of(entry.name)
        if rootname is not None and os.path.isfile(entry.path):  # no pipe, folder, or link to nothing
            found.setdefault(rootname, []).append(entry.path)
    ready = {name: tuple(files) for name, files in found.items() if _has_events(files) or paths.record(name).is_file()}
    return {**dict.fromkeys(_changed_verdicts(paths), ()), **ready}


def _has_events(names: Iterable[str]) -> bool:
    return any(not is_x1d(Path(name)) for name in names)


def _changed_verdicts(paths: Paths) -> list[str]:
    verdicts = read_operator_list(paths.operator_list)
    acted = {entry.name for entry in os.scandir(paths.verdicts)} if paths.verdicts.is_dir() else set()
    known = sorted(name for name in {*verdicts, *acted} if paths.record(name).is_file())
    return [name for name in known if _differs(paths, name, verdicts.get(name), name in acted)]


def _differs(paths: Paths, rootname: str, verdict: Decision | None, acted: bool) -> bool:
    """Whether the record of an exposure is not what the operator's list now asks for."""
    record = records.load(paths.record(rootname), Record)
    if record.exposure is None:
        return False
    if verdict is None:
        return acted
    wanted = Status.ACCEPTED if verdict.action is Action.ACCEPT else Status.REJECTED
    return not acted or record.status is not wanted or record.message != verdict.reason
