"""Ingest: the files of an exposure are described, checked and moved, and a record says what was found."""

import logging
import os
from pathlib import Path

from hstlc.errors import UnreadableError
from hstlc.files import records
from hstlc.files.aliases import load_aliases
from hstlc.files.eventlist import EventFile
from hstlc.files.exposurenames import is_tag, is_x1d
from hstlc.files.exposures import describe, facts, open_all, starts_differ
from hstlc.files.operator import Action, Decision, read_operator_list
from hstlc.files.output import move, put_aside, same_content, write_bytes
from hstlc.files.tables import load_bad_proposals
from hstlc.model import Exposure, Facts, Reason, Record, Rejection, Status
from hstlc.paths import Paths
from hstlc.science.checks import cautions, findings
from hstlc.science.targetnames import canonical_name
from hstlc.settings import Settings

log = logging.getLogger(__name__)
DAMAGED = 'W_HEADER'  # followed by a colon and the keywords


def ingest_exposure(settings: Settings, rootname: str, names: tuple[str, ...], today: str) -> None:
    """Check the files of one exposure, write its record, and move them to filesystem/ or bad_data/.

    Files of an earlier delivery that are not delivered again stay part of the exposure; replaced ones are put aside. The record is
    written before the files move: a run that dies in between finds the rest in ingest/ and goes on.

    Parameters
    ----------
    settings : Settings
        The settings.
    rootname : str
        Of the exposure, lower case.
    names : tuple of str
        Absolute names of its files in ingest/.
    today : str
        ISO 8601 day, goes into the record.
    """
    paths = Paths(settings)
    files = _with_earlier(paths, rootname, [Path(name) for name in names])
    events, x1d = _event_files(files), _spectra(files)
    if not events:
        log.warning('%s: its event files are gone from %s; put them into %s', rootname, paths.filesystem, paths.ingest)
        return
    record = judge(settings, rootname, files, today)
    folder = paths.absolute(record.path)
    records.save(paths.record(rootname), record)
    _remember_verdict(paths, record)
    for path in (*events, *x1d):
        _place(paths, path, folder)
    for path in files:
        if path not in (*events, *x1d) and path.exists():
            log.warning('%s: put aside in %s: the raw tag counts', path.name, put_aside(path, paths.put_aside).parent)
    reason = f'{record.rejections[0].reason}: {record.rejections[0].detail}' if record.rejections else ''
    log.info('%s: %s %s', rootname, record.status, reason)


def _with_earlier(paths: Paths, rootname: str, new: list[Path]) -> list[Path]:
    """Return the new files and those of an earlier delivery that they do not replace."""
    if not paths.record(rootname).is_file():
        return new
    record = records.load(paths.record(rootname), Record)
    folder = paths.absolute(record.path)
    known = [item.name for item in record.exposure.files] if record.exposure else [record.filename]
    delivered = {path.name for path in new}
    return [*new, *(folder / name for name in known if name not in delivered and (folder / name).is_file())]


def _event_files(files: list[Path]) -> tuple[Path, ...]:
    events = [path for path in files if not is_x1d(path)]
    tags = [path for path in events if is_tag(path)]
    return tuple(sorted(tags or events, key=lambda path: path.name))


def _spectra(files: list[Path]) -> tuple[Path, ...]:
    return tuple(path for path in files if is_x1d(path))


def judge(settings: Settings, rootname: str, files: list[Path], today: str) -> Record:
    """Return the record that an exposure's files deserve, by the quality checks and the operator's list; nothing is moved."""
    paths, events = Paths(settings), _event_files(files)
    try:
        opened = open_all(events)
        header_name = str(opened[0].keyword('TARGNAME'))
        exposure = describe(opened, canonical_name(header_name, load_aliases(paths)), _spectra(files))
        known = facts(opened, exposure)
    except UnreadableError as error:
        return _unreadable(paths, rootname, events, str(error), today)
    rejections = findings(
        known,
        min_exptime_s=settings.min_exptime,
        bad_proposals=settings.bad_proposals,
        strict_linear=settings.strict_linear,
    )
    verdict = read_operator_list(paths.operator_list).get(rootname)
    return _record(paths, exposure, rejections, (*cautions(known), *_more_cautions(opened, known)), verdict, today)


def _more_cautions(opened: tuple[EventFile, ...], known: Facts) -> list[str]:
    """Return the warnings that need more than the facts of the checks."""
    damaged = dict.fromkeys(name for file in opened for name in file.damaged)
    codes = {
        'W_NOGTI': any(len(file.gti_s) == 0 for file in opened),
        'W_T0': any(starts_differ(file) for file in opened),
        'W_PROPOSAL': known.proposid in load_bad_proposals(),
        f'{DAMAGED}:{",".join(damaged)}': bool(damaged),
    }
    return [code for code, applies in codes.items() if applies]


def _unreadable(paths: Paths, rootname: str, events: tuple[Path, ...], message: str, today: str) -> Record:
    short = message.replace(f'{events[0].parent}{os.sep}', '')
    return Record(
        rootname=rootname,
        status=Status.REJECTED,
        ingest_date=today,
        path=paths.relative(paths.bad_data),
        filename=events[0].name,
        exposure=None,
        rejections=(Rejection(reason=Reason.UNREADABLE, detail=short),),
        message=short,
    )


def _record(
    paths: Paths,
    exposure: Exposure,
    rejections: tuple[Rejection, ...],
    warnings: tuple[str, ...],
    verdict: Decision | None,
    today: str,
) -> Record:
    accepted = not rejections
    if verdict is not None:
        accepted = verdict.action is Action.ACCEPT
        if not accepted:
            rejections = (Rejection(reason=Reason.EXCLUDED, detail=verdict.reason), *rejections)
    folder = paths.input_folder(exposure.targname) if accepted else paths.bad_data
    return Record(
        rootname=exposure.rootname,
        status=Status.ACCEPTED if accepted else Status.REJECTED,
        ingest_date=today,
        path=paths.relative(folder),
        filename=exposure.filename if accepted else exposure.files[0].name,
        exposure=exposure,
        rejections=rejections,
        warnings=warnings,
        message=verdict.reason if verdict is not None else None,
    )


def _remember_verdict(paths: Paths, record: Record) -> None:
    mark = paths.verdicts / record.rootname
    if record.exposure is not None and record.message is not None:
        write_bytes(mark, b'')
    else:
        mark.unlink(missing_ok=True)


def _place(paths: Paths, path: Path, folder: Path) -> None:
    """Move a file to its folder; another content under its name is put aside first."""
    target = folder / path.name
    if target == path:
        return
    if target.exists() and not same_content(path, target):
        put_aside(target, paths.put_aside)
    move(path, target)
