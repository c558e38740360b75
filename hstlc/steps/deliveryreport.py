"""The report of a delivery: PASS, NEEDS REVIEW or FAIL for every file."""

import csv
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hstlc.files.delivered import file_findings
from hstlc.files.deliverynames import name_findings
from hstlc.files.output import sha256
from hstlc.model import Finding, Verdict
from hstlc.paths import Paths
from hstlc.settings import Settings

REPORT = 'report.txt'
SHOWN = 60  # files of the report that the terminal shows one by one; of longer ones only those that need a look
PNG_HEAD = b'\x89PNG\r\n\x1a\n'
WIDTH = max(len(verdict.value) for verdict in Verdict)


@dataclass(frozen=True)
class Report:
    """What was found, file by file, and of the delivery as a whole."""

    files: tuple[tuple[str, tuple[Finding, ...]], ...]  # (name, findings) of each
    whole: tuple[Finding, ...]  # findings of no single file

    def text(self) -> str:
        """Return the whole report."""
        return '\n'.join([*self._lines([name for name, _ in self.files]), self.summary()]) + '\n'

    def terminal(self) -> str:
        """Return the report as a person reads it at the end of a run: of a long one what needs a look."""
        names = [name for name, _ in self.files]
        shown = names if len(names) <= SHOWN else [name for name, found in self.files if found]
        return '\n'.join([*self._lines(shown), self.summary()])

    def _lines(self, names: Sequence[str]) -> list[str]:
        found = dict(self.files)
        lines = [line for name in names for line in _block(name, found[name])]
        return lines + [f'{finding.verdict:{WIDTH}}  {finding.text}' for finding in self.whole]

    def summary(self) -> str:
        """Return how many files have which verdict."""
        counts = Counter(worst(found) for _, found in self.files)
        return ', '.join(f'{counts[verdict]} {verdict}' for verdict in Verdict)

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return any(worst(found) is Verdict.FAIL for found in (*(found for _, found in self.files), self.whole))


def worst(found: Sequence[Finding]) -> Verdict:
    """Return the worst verdict of some findings."""
    order = list(Verdict)
    return max((finding.verdict for finding in found), key=order.index, default=Verdict.PASS)


def _block(name: str, found: Sequence[Finding]) -> list[str]:
    return [f'{worst(found):{WIDTH}}  {name}', *(f'{"":{WIDTH}}    {finding.text}' for finding in found)]


def examine(paths: Paths, names: Sequence[str], unknown: Sequence[str], settings: Settings) -> Report:
    """Return the report of the files of a delivery.

    Parameters
    ----------
    paths : Paths
        Of the home.
    names : sequence of str
        Every file that belongs to the delivery.
    unknown : sequence of str
        Names in settings that no composite has.
    settings : Settings
        Contact, DOI and reference should be given.
    """
    listed = _listed(paths.delivery, names)
    files = tuple((name, tuple(_findings(paths.delivery / name, listed, settings))) for name in sorted(names))
    whole = [Finding.review(f'the settings deliver_also or deliver_never name {name}, which is no composite') for name in unknown]
    light_curves = sum(name.endswith('_lc.fits') for name in names)
    whole += [Finding.review('no composite is delivered')] if not light_curves else []
    counts = Counter(name.lower() for name in names)
    whole += [Finding.fail(f'{name}: two light curves have this name') for name, number in counts.items() if number > 1]
    return Report(files, tuple(whole))


def _findings(path: Path, listed: dict[str, str], settings: Settings) -> list[Finding]:
    found = name_findings(path.name)
    if not path.is_file():
        return [*found, Finding.fail('the file is missing')]
    if path.name in listed and listed[path.name] != sha256(path):
        found.append(Finding.fail('its checksum is not that of the list'))
    if path.name.endswith('_lc.fits'):
        found += file_findings(path)
        preview = path.name.replace('_lc.fits', '_preview.png')
        found += [] if path.with_name(preview).is_file() else [Finding.fail('its preview is missing; run doit plots')]
    elif path.suffix == '.png':
        found += _picture(path)
    elif path.suffix == '.md':
        lacking = [name for name in ('contact', 'doi', 'reference') if not getattr(settings, name)]
        found += [Finding.review(f'MAST asks for these settings, which are empty: {", ".join(lacking)}')] if lacking else []
    return found


def _listed(folder: Path, names: Sequence[str]) -> dict[str, str]:
    place = next((folder / name for name in names if name.endswith('_list.csv')), None)
    if place is None or not place.is_file():
        return {}
    with place.open(encoding='utf-8', newline='') as file:
        return {row['file']: row['sha256'] for row in csv.DictReader(file) if row['status'] == 'current'}


def _picture(path: Path) -> list[Finding]:
    head = path.read_bytes()[:24]
    if not head.startswith(PNG_HEAD) or len(head) < 24 or 0 in struct.unpack('>II', head[16:24]):
        return [Finding.fail('not a PNG picture')]
    return []
