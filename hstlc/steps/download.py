"""Download: what the archive lists and this home lacks is fetched into ingest/, whole and checked, and put on record."""

import logging
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TextIO

from hstlc.errors import ArchiveError, IncompleteError, StateError, some
from hstlc.files.aliases import load_aliases
from hstlc.files.integrity import check_whole
from hstlc.files.output import write_text
from hstlc.mast.archive import Products, Row
from hstlc.mast.crew import Crew
from hstlc.mast.listing import list_text, listed_before, places_of, present_files
from hstlc.mast.meter import Meter, amount
from hstlc.mast.plan import Plan, gone_files, has_shrunk, make_plan, stale_datasets, wanted_files, withdrawn_datasets
from hstlc.mast.records import ArchiveFile, Dataset, Entry, FileStatus
from hstlc.mast.selection import CRITERIA, dataset_of, files_of, is_wanted
from hstlc.parts import sweep
from hstlc.science.targetnames import canonical_name
from hstlc.settings import Settings
from hstlc.steps.made import put_aside
from hstlc.steps.members import members_not_wanted
from hstlc.steps.references import fetch_references
from hstlc.steps.transfer import Request, Run, now

log = logging.getLogger(__name__)


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
    run = Run(settings, request, Meter(stream))
    sweep([run.paths.ingest])
    if run.manifest.torn:
        log.warning('%s: %d torn lines passed over', run.manifest.path, run.manifest.torn)
    datasets = _list(run)
    known, present = run.manifest.of_dataset(), present_files(run.paths)
    if run.second_hand:
        datasets = _without_recalibrations(datasets, known)
    _tell_withdrawn(run, withdrawn_datasets(datasets, known))
    stale = stale_datasets(_asked_for(run, datasets), known, present, run.started)
    products = run.archive.products([one.name for one in stale], settings.download_batch)
    answered = _answered(stale, products, known)
    wanted = wanted_files(files_of(products.rows), answered, known, present, run.started)
    plan = make_plan(wanted, request.limit)
    if request.dry_run:
        return f'{_plan_line(len(datasets), len(stale), plan, "at most ")}\nNothing was fetched (--dry-run).'
    left = members_not_wanted(run, plan.files, products.rows, answered)
    plan = replace(plan, files=tuple(file for file in plan.files if file.rootname not in left))
    run.meter.say(_plan_line(len(datasets), len(stale), plan))
    _require_room(run, plan)
    _note_gone(run, answered, [file for file in files_of(products.rows) if file.rootname not in left])
    crew = _fetch(run, plan, answered)
    _put_aside_replaced(run, crew)
    return _finish(run, crew, products.unanswered, plan)


def _list(run: Run) -> tuple[Dataset, ...]:
    """Ask for all datasets and keep the answer."""
    rows = [row for row in _rows(run) if is_wanted(row, run.started)]
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


def _rows(run: Run) -> list[Row]:
    """Ask for all datasets; where the archive's search does not answer, its TAP service."""
    try:
        return run.archive.datasets()
    except ArchiveError as error:
        try:
            rows = run.archive.datasets_by_tap()
        except ArchiveError as other:
            log.warning('%s', other)
            raise error from None
        log.warning('%s', error)
    run.second_hand = True
    run.meter.say('The archive does not answer a search; its TAP service lists the datasets. Recalibrated ones are not looked for.')
    return rows


def _without_recalibrations(datasets: Iterable[Dataset], known: Mapping[str, Sequence[Entry]]) -> tuple[Dataset, ...]:
    """Return datasets that seem as old as what is at home: another service may write their times in another way."""
    return tuple(replace(one, generation=known[one.name][0].generation) if one.name in known else one for one in datasets)


def _asked_for(run: Run, datasets: Sequence[Dataset]) -> tuple[Dataset, ...]:
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


def _tell_withdrawn(run: Run, names: Sequence[str]) -> None:
    if names:
        stay = f'Their files stay; exclude them in {run.settings.operator_list}.'
        run.meter.say(f'No longer in the archive: {some(names, 5)} ({len(names)}). {stay}')
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


def _require_room(run: Run, plan: Plan) -> None:
    most = run.request.max_bytes or run.settings.max_bytes
    if most and plan.bytes > most:
        raise StateError(f'{amount(plan.bytes)} would be more than the {amount(most)} that are allowed; use --limit or --max-bytes')
    free, reserve = shutil.disk_usage(run.paths.ingest).free, run.settings.reserve_bytes
    if plan.files and free - plan.bytes < reserve:
        raise StateError(
            f'{amount(plan.bytes)} would leave less than the {amount(reserve)} that must stay free of {amount(free)} '
            f'in {run.paths.ingest}; make room, use --limit, or lower reserve_bytes'
        )


def _note_gone(run: Run, answered: Sequence[Dataset], files: Sequence[ArchiveFile]) -> None:
    """Put on record which files the archive has no longer, and which datasets have no file for light curves.

    Parameters
    ----------
    run : Run
        The download.
    answered : sequence of Dataset
        Those whose files were asked for and told.
    files : sequence of ArchiveFile
        What the archive lists under them, without members that are not wanted.
    """
    generations = {one.name: one.generation for one in answered}
    gone = gone_files(files, generations, run.manifest.of_dataset())
    for entry in gone:
        log.warning(
            '%s: no longer in the archive under %s; one at home is put aside when the others come anew', entry.name, entry.dataset
        )
    empty = generations.keys() - {name for file in files for name in file.datasets}
    lines = [
        *(
            replace(entry, time=now(), status=FileStatus.SUPERSEDED, tries=0, error=None, generation=generations[entry.dataset])
            for entry in gone
        ),
        *(
            Entry(time=now(), dataset=name, name='', status=FileStatus.NOTHING, generation=generations[name])
            for name in sorted(empty)
        ),
    ]
    if lines:
        run.manifest.add(*lines)


def _put_aside_replaced(run: Run, crew: Crew) -> None:
    """Put aside files that the archive has no longer, where others of the same exposure have come anew: old and new do not mix."""
    anew = {job.name.partition('_')[0] for job in crew.complete}
    names: dict[FileStatus, set[str]] = {status: set() for status in FileStatus}
    for entry in run.manifest.entries.values():
        if entry.name.partition('_')[0] in anew:
            names[entry.status].add(entry.name)
    for path in places_of(run.paths, names[FileStatus.SUPERSEDED] - names[FileStatus.COMPLETE]):  # complete in another dataset
        log.warning('%s: put aside in %s', path.name, put_aside(run.paths, path).parent)


def _fetch(run: Run, plan: Plan, answered: Iterable[Dataset]) -> Crew:
    generations = {one.name: one.generation for one in answered}
    jobs = [run.job(file, run.paths.ingest, {name: generations[name] for name in file.datasets}) for file in plan.files]
    run.meter.begin(len(jobs), plan.bytes)
    crew = run.crew(run.manifest, check_whole, run.meter.finish)
    try:
        crew.work(jobs)
    finally:
        run.meter.end()
    run.manifest.compact()
    return crew


def _finish(run: Run, crew: Crew, unanswered: Collection[str], plan: Plan) -> str:
    """Fetch reference files, and say what there is and what is missing."""
    said = [f'{len(crew.complete)} files fetched into {run.paths.ingest}' if crew.complete else 'Nothing new.']
    references_missing = 0
    if run.settings.fetch_references and not crew.gave_up:
        waiting = sorted(run.paths.ingest.glob('*.fits'))
        references_missing, text = fetch_references(run.settings, waiting, run.meter, run.pace)
        said.append(text)
    for line in said:
        log.info('%s', line)
    if not (crew.gave_up or crew.failed or unanswered or references_missing or run.second_hand):
        return '\n'.join(said)
    for line in said:
        run.meter.say(line)
    if crew.gave_up:
        raise ArchiveError(f'too many files failed in a row, the rest was not tried; try again later: {_failures(crew)}')
    missing = [f'{len(crew.failed)} of {len(plan.files)} files could not be had: {_failures(crew)}'] if crew.failed else []
    missing += [f'{len(unanswered)} datasets were not answered for'] if unanswered else []
    missing += [f'{references_missing} reference files could not be had'] if references_missing else []
    missing += ['recalibrated datasets were not looked for'] if run.second_hand else []
    raise IncompleteError('; '.join((*missing, 'the next doit download tries again')))


def _failures(crew: Crew) -> str:
    return some([f'{name} ({error})' for name, error in sorted(crew.failed.items())], 5)
