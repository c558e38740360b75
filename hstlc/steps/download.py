"""Download: what the archive lists and this home lacks is fetched into ingest/, whole and checked, and put on record."""

import logging
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from hstlc.errors import ArchiveError, IncompleteError, StateError, UnreadableError
from hstlc.files.aliases import load_aliases
from hstlc.files.integrity import check_whole, read_members
from hstlc.files.output import write_text
from hstlc.mast.addresses import mast_address, s3_address
from hstlc.mast.archive import Archive, Products
from hstlc.mast.crew import Crew, Job
from hstlc.mast.fetch import Check, Fetcher, sweep
from hstlc.mast.listing import list_text, listed_before, present_files
from hstlc.mast.manifest import Manifest
from hstlc.mast.meter import Meter, amount
from hstlc.mast.pace import Pace
from hstlc.mast.plan import Plan, gone_files, has_shrunk, make_plan, stale_datasets, wanted_files, withdrawn_datasets
from hstlc.mast.records import ArchiveFile, Dataset, Entry, FileStatus
from hstlc.mast.selection import CRITERIA, associations_of, dataset_of, files_of, is_calibration, is_wanted
from hstlc.paths import Paths
from hstlc.science.targets import canonical_name
from hstlc.settings import Settings
from hstlc.steps.references import fetch_references

log = logging.getLogger(__name__)
QUESTION_TIMES = 2  # a question to the archive may take so many times as long as a block of a file


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one download is asked for."""

    dry_run: bool = False  # say what would be fetched
    limit: int = 0  # datasets; 0 = all
    targets: tuple[str, ...] = ()  # only these, by any name that becomes theirs
    programs: tuple[int, ...] = ()  # only these
    max_bytes: int = 0  # 0 = as the setting says
    accept_shrink: bool = False  # believe a list that is much shorter than the last


@dataclass
class _Run:
    """One download."""

    settings: Settings
    request: Request
    meter: Meter

    def __post_init__(self) -> None:
        self.paths = Paths(self.settings)
        self.started = _now()
        self.manifest = Manifest(self.paths.download / 'manifest.jsonl')
        self.pace = Pace(self.settings.download_rate)
        self.archive = Archive(
            self.pace,
            timeout_s=QUESTION_TIMES * self.settings.download_timeout,
            tries=self.settings.download_tries,
            pause_s=self.settings.download_pause,
        )

    def crew(self, manifest: Manifest, check: Check, finished: Callable[..., None]) -> Crew:
        fetcher = Fetcher(
            self.pace,
            timeout_s=self.settings.download_timeout,
            tries=self.settings.download_tries,
            pause_s=self.settings.download_pause,
            contact=self.settings.contact,
            received=self.meter.add,
        )
        return Crew(fetcher, manifest, check, _now, self.settings.download_workers, finished)


def download(settings: Settings, request: Request, stream: TextIO) -> str:
    """Fetch what is new, recalibrated or missing; return what to say at the end.

    Parameters
    ----------
    settings : Settings
        The settings.
    request : Request
        What is asked for.
    stream : text file
        Takes the plan and the progress.

    Raises
    ------
    ArchiveError
        The archive does not answer as it should; nothing was changed.
    IncompleteError
        Some files could not be had; the others are in ingest/.
    StateError
        There is no room on the disk, or the download is larger than allowed.
    """
    run = _Run(settings, request, Meter(stream))
    sweep(run.paths.ingest)
    if run.manifest.torn:
        log.warning('%s: %d torn lines passed over', run.manifest.path, run.manifest.torn)
    datasets = _list(run)
    known, present = run.manifest.of_dataset(), present_files(run.paths)
    _tell_withdrawn(run, withdrawn_datasets(datasets, known))
    stale = stale_datasets(_asked_for(run, datasets), known, present, run.started)
    products = run.archive.products([one.name for one in stale], settings.download_batch)
    answered = _answered(stale, products, known)
    wanted = wanted_files(files_of(products.rows), answered, known, present, run.started)
    plan = make_plan(wanted, request.limit)
    if request.dry_run:
        return f'{_plan_line(len(datasets), len(stale), plan, "at most ")}\nNothing was fetched (--dry-run).'
    calibrations = _calibrations(run, plan.files, products)
    plan = replace(plan, files=tuple(file for file in plan.files if file.rootname not in calibrations))
    run.meter.say(_plan_line(len(datasets), len(stale), plan))
    _require_room(run, plan)
    _note_gone(run, answered, [file for file in files_of(products.rows) if file.rootname not in calibrations])
    crew = _fetch(run, plan, answered)
    return _finish(run, crew, products.unanswered, plan)


def _list(run: _Run) -> tuple[Dataset, ...]:
    """Ask for all datasets and keep the answer."""
    rows = [row for row in run.archive.datasets() if is_wanted(row, run.started)]
    datasets = tuple({one.name: one for one in map(dataset_of, rows)}.values())
    path = run.paths.download / 'list.jsonl'
    before = listed_before(path)
    if not datasets or (has_shrunk(len(datasets), before) and not run.request.accept_shrink):
        raise ArchiveError(
            f'the archive lists {len(datasets)} datasets, the last time {before or "never asked"}; this looks like a fault of the '
            'archive, try again later; if it is right, say doit download --accept-shrink'
        )
    if not run.request.dry_run:
        write_text(path, list_text(datasets, time=run.started, query=str(CRITERIA)))
    log.info('the archive lists %d datasets', len(datasets))
    return datasets


def _asked_for(run: _Run, datasets: Sequence[Dataset]) -> tuple[Dataset, ...]:
    """Return the datasets of the targets and programmes that were named; all, where none was."""
    request = run.request
    aliases = load_aliases(run.paths) if request.targets else {}
    names = {canonical_name(name, aliases) for name in request.targets}
    chosen = tuple(
        one
        for one in datasets
        if (not names or canonical_name(one.targname, aliases) in names)
        and (not request.programs or one.program in request.programs)
    )
    if not chosen:
        raise StateError('the archive lists nothing of that target or programme; check --target and --program')
    return chosen


def _tell_withdrawn(run: _Run, names: Sequence[str]) -> None:
    if names:
        named = ', '.join(names[:5]) + (', ...' if len(names) > 5 else '')
        text = f'No longer in the archive: {named} ({len(names)}). Their files stay; exclude them in {run.settings.operator_list}.'
        run.meter.say(text)
        log.warning('withdrawn: %s', ', '.join(names))


def _answered(stale: Sequence[Dataset], products: Products, known: Mapping[str, Sequence[Entry]]) -> tuple[Dataset, ...]:
    """Return the datasets whose files were told; where all files at home would be gone, the archive is not believed."""
    told = {str(row['dataset']).strip().upper() for row in products.rows}
    silent = set(products.unanswered)
    for one in stale:
        if one.name not in told | silent and any(entry.status is FileStatus.COMPLETE for entry in known.get(one.name, ())):
            log.warning('%s: the archive lists no file any more; those at home stay', one.name)
            silent.add(one.name)
    return tuple(one for one in stale if one.name not in silent)


def _plan_line(listed: int, stale: int, plan: Plan, at_most: str = '') -> str:
    if not plan.files:
        return f'The archive lists {listed} datasets; nothing is to be fetched.'
    size = amount(plan.bytes) + (f' and {plan.unknown} of unknown size' if plan.unknown else '')
    later = f'; {plan.later} datasets are left for another run' if plan.later else ''
    return f'The archive lists {listed} datasets, {stale} to look at; to fetch: {at_most}{len(plan.files)} files, {size}{later}'


def _calibrations(run: _Run, files: Sequence[ArchiveFile], products: Products) -> set[str]:
    """Return the rootnames of wavelength calibrations, which the tables of associations tell from exposures."""
    datasets = {name for file in files for name in file.datasets}
    tables = [one for one in associations_of(products.rows) if datasets & set(one.datasets)]
    folder = run.paths.download / 'associations'
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [_job(run, one, folder, {one.datasets[0]: None}) for one in tables]
    run.crew(Manifest(run.paths.download / 'associations.jsonl'), check_whole, lambda name, error: None).work(jobs)
    calibrations: set[str] = set()
    for job in jobs:
        try:
            members = read_members(job.target)
        except UnreadableError as error:  # then ingest tells calibrations from exposures
            log.warning('%s', error)
            continue
        calibrations |= {rootname for rootname, kind in members.items() if is_calibration(kind)}
    return calibrations


def _require_room(run: _Run, plan: Plan) -> None:
    most = run.request.max_bytes or run.settings.max_bytes
    if most and plan.bytes > most:
        raise StateError(f'{amount(plan.bytes)} would be more than the {amount(most)} that are allowed; use --limit or --max-bytes')
    free, reserve = shutil.disk_usage(run.paths.ingest).free, run.settings.reserve_bytes
    if plan.files and free - plan.bytes < reserve:
        raise StateError(
            f'{amount(plan.bytes)} would leave less than the {amount(reserve)} that must stay free of {amount(free)} '
            f'in {run.paths.ingest}; make room, use --limit, or lower reserve_bytes'
        )


def _note_gone(run: _Run, answered: Sequence[Dataset], files: Sequence[ArchiveFile]) -> None:
    """Put on record which files the archive has no longer, and which datasets have no file for light curves.

    Parameters
    ----------
    run : _Run
        The download.
    answered : sequence of Dataset
        Those whose files were asked for and told.
    files : sequence of ArchiveFile
        What the archive lists under them, without calibrations.
    """
    generations = {one.name: one.generation for one in answered}
    gone = gone_files(files, generations, run.manifest.of_dataset())
    for entry in gone:
        log.warning('%s: no longer in the archive under %s; a file at home stays', entry.name, entry.dataset)
    empty = generations.keys() - {name for file in files for name in file.datasets}
    lines = [
        *(
            replace(entry, time=_now(), status=FileStatus.SUPERSEDED, tries=0, error=None, generation=generations[entry.dataset])
            for entry in gone
        ),
        *(
            Entry(time=_now(), dataset=name, name='', status=FileStatus.NOTHING, generation=generations[name])
            for name in sorted(empty)
        ),
    ]
    if lines:
        run.manifest.add(*lines)


def _job(run: _Run, file: ArchiveFile, folder: Path, generations: dict[str, str | None]) -> Job:
    mast = ('mast', mast_address(run.archive.server, file))
    s3 = (('s3', s3_address(run.settings.s3_url, file)),) if run.settings.source == 's3' else ()
    return Job(name=file.name, addresses=(*s3, mast), target=folder / file.name, generations=generations, listed=file.size)


def _fetch(run: _Run, plan: Plan, answered: Iterable[Dataset]) -> Crew:
    generations = {one.name: one.generation for one in answered}
    jobs = [_job(run, file, run.paths.ingest, {name: generations[name] for name in file.datasets}) for file in plan.files]
    run.meter.begin(len(jobs), plan.bytes)
    crew = run.crew(run.manifest, check_whole, lambda name, error: run.meter.finish(name, error is not None))
    try:
        crew.work(jobs)
    finally:
        run.meter.end()
    run.manifest.compact()
    return crew


def _finish(run: _Run, crew: Crew, unanswered: Collection[str], plan: Plan) -> str:
    """Fetch reference files, and say what there is and what is missing."""
    said = [f'{len(crew.complete)} files fetched into {run.paths.ingest}' if crew.complete else 'Nothing new.']
    references_missing = 0
    if run.settings.fetch_references and not crew.gave_up:
        waiting = sorted(run.paths.ingest.glob('*.fits'))
        references_missing, text = fetch_references(run.settings, waiting, run.meter, run.pace)
        said.append(text)
    for line in said:
        log.info('%s', line)
    if not (crew.gave_up or crew.failed or unanswered or references_missing):
        return '\n'.join(said)
    for line in said:
        run.meter.say(line)
    if crew.gave_up:
        raise ArchiveError(f'too many files failed in a row, the rest was not tried; try again later: {_failures(crew)}')
    missing = [f'{len(crew.failed)} of {len(plan.files)} files could not be had: {_failures(crew)}'] if crew.failed else []
    missing += [f'{len(unanswered)} datasets were not answered for'] if unanswered else []
    missing += [f'{references_missing} reference files could not be had'] if references_missing else []
    raise IncompleteError('; '.join((*missing, 'the next doit download tries again')))


def _failures(crew: Crew) -> str:
    named = [f'{name} ({error})' for name, error in sorted(crew.failed.items())]
    return ', '.join(named[:5]) + (', ...' if len(named) > 5 else '')


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec='seconds')
