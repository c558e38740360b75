"""What a run says at its end: a few lines for a person, and the report in its log for the morning after."""

import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hstlc.errors import HstlcError
from hstlc.files import records
from hstlc.model import Record, Status
from hstlc.paths import Paths

NIGHTS = 10  # runs like this one that the disk should have room for


@dataclass
class Tally:
    """What happened in a run."""

    made: dict[str, list[str]] = field(default_factory=dict)  # sub-tasks by stage
    unchanged: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)  # task, message
    waiting: list[str] = field(default_factory=list)  # not tried, because of failures
    ingested: list[str] = field(default_factory=list)  # rootnames
    free_bytes: int | None = None  # on the disk, when the run began

    def count(self, stage: str, name: str) -> None:
        """Count a task that was done."""
        if stage == 'ingest':
            self.ingested.append(name)
        else:
            self.made.setdefault(stage, []).append(name)

    @property
    def exit_code(self) -> int:
        """What doit ends with."""
        return 2 if self.waiting else 1 if self.failures else 0


def free_bytes(paths: Paths) -> int | None:
    """Return the free space where the archive lies; None where the system does not say."""
    try:
        return shutil.disk_usage(paths.home).free
    except OSError:
        return None


def summary(paths: Paths, tally: Tally, log: Path | None) -> list[str]:
    """Return the lines that end a run."""
    made = sum(map(len, tally.made.values()))
    counts = [f'{made} made' if made else 'nothing to do', f'{tally.unchanged} unchanged']
    if tally.failures:
        counts.append(f'{len(tally.failures)} failed')
    if tally.waiting:
        counts.append(f'{len(tally.waiting)} not tried because of them')
    lines = [_ingest_line(_ingested(paths, tally))] if tally.ingested else []
    lines.append('Products and pages: ' + ', '.join(counts))
    if _is_scarce(paths, tally):
        lines.append(_disk_line(paths, tally))
    if (paths.site / 'index.html').is_file():
        lines.append(f'Site: {paths.site / "index.html"}')
    return [*lines, f'Log:  {log}']


def report(paths: Paths, tally: Tally) -> list[str]:
    """Return what the log keeps: what came in, what was rejected and why, what changed, what failed, the disk, the exit code."""
    found = _ingested(paths, tally)
    lines = [f'Accepted: {_described(record)}' for record in found if record.status is Status.ACCEPTED]
    for record in found:
        if record.status is Status.REJECTED:
            why = '; '.join(f'{item.reason.value}: {item.detail}' for item in record.rejections)
            lines.append(f'Rejected: {_described(record)}: {why}')
    for stage, names in tally.made.items():
        lines.append(f'Made: {stage} {len(names)}: {" ".join(sorted(names))}')
    lines += [f'Failed: {task}: {message}' for task, message in tally.failures]
    lines += [f'Not tried: {" ".join(tally.waiting)}'] if tally.waiting else []
    return [*lines, _disk_line(paths, tally), f'Exit code: {tally.exit_code}']


def _described(record: Record) -> str:
    item = record.exposure
    if item is None:
        return f'{record.rootname} ({record.filename})'
    return f'{record.rootname} {item.targname} {item.instrume.value} {item.opt_elem}/{item.cenwave} {item.exptime_s:.0f} s'


def _ingest_line(found: list[Record]) -> str:
    rejected = [record for record in found if record.status is Status.REJECTED]
    reasons = Counter(str(record.rejections[0].reason.value) for record in rejected if record.rejections)
    why = f' ({", ".join(f"{reason} {number}" for reason, number in sorted(reasons.items()))})' if reasons else ''
    return f'Exposures: {len(found) - len(rejected)} accepted, {len(rejected)} rejected{why}'


def _ingested(paths: Paths, tally: Tally) -> list[Record]:
    return list(_records(paths, sorted(tally.ingested)))


def _records(paths: Paths, names: Iterable[str]) -> Iterable[Record]:
    for name in names:
        try:
            yield records.load(paths.record(name), Record)
        except (OSError, HstlcError):
            continue


def _is_scarce(paths: Paths, tally: Tally) -> bool:
    free = free_bytes(paths)
    return free is not None and bool(tally.ingested) and free < NIGHTS * _used(free, tally)


def _used(free: int, tally: Tally) -> int:
    return max(0, (tally.free_bytes or free) - free)


def _disk_line(paths: Paths, tally: Tally) -> str:
    free = free_bytes(paths)
    if free is None:
        return 'Disk: unknown'
    used = _used(free, tally)
    line = f'Disk: {_gigabytes(free)} free, {_gigabytes(used)} less than before this run'
    if tally.ingested and used:
        line += f'; room for about {free // used} runs like it, {_rounded(free * len(tally.ingested) // used)} exposures'
    return line


def _gigabytes(number: int) -> str:
    return f'{number / 1e9:.1f} GB' if number >= 1e8 else f'{number / 1e6:.0f} MB'


def _rounded(number: int) -> int:
    """Return a number with two digits and zeros: a forecast is no count."""
    digits = max(0, len(str(number)) - 2)
    step = int(10**digits)
    return number // step * step
