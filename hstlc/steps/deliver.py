"""What goes to MAST: composites under its rules, with previews, catalog, list, read-me file, and a report of the checks."""

import logging
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hstlc import __version__
from hstlc.errors import StateError
from hstlc.files import records
from hstlc.files.catalogforms import catalog_values, write_catalog_form
from hstlc.files.delivered import data_digest, write_delivered
from hstlc.files.output import replacing, sha256, write_text
from hstlc.files.textforms import csv_text
from hstlc.model import DeliveredVersion, Delivery, Outcome, Statistics
from hstlc.names import collection_name, delivered_name
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps.catalogforms import catalog_rows
from hstlc.steps.deliverable import names_without_composite
from hstlc.steps.deliveryreadme import NAME as README
from hstlc.steps.deliveryreadme import readme
from hstlc.steps.deliveryreport import REPORT, Report, examine
from hstlc.steps.made import put_aside
from hstlc.steps.records import load_targets
from hstlc.steps.versions import load_deliveries, next_version, status, with_version, withdrawn

log = logging.getLogger(__name__)
FORMS = ('fits', 'ecsv', 'csv')
LIST_COLUMNS = ('file', 'bytes', 'sha256', 'version', 'status', 'superseded_by', 'delivered', 'change', 'exposures')


@dataclass(frozen=True)
class Item:
    """A composite of a delivery with its history, the delivered version last."""

    outcome: Outcome  # what the archive says of it
    delivery: Delivery  # its versions

    @property
    def version(self) -> DeliveredVersion:
        """What is delivered now."""
        return self.delivery.versions[-1]


def deliver(settings: Settings, today: str, draft: bool = False) -> str:
    """Write `delivery/` from the composites whose `deliver` is true, check it, and return the report.

    What was delivered is remembered in `records/deliveries/`: when the numbers of a composite change its version rises. Files of
    versions before are put aside. Nothing is written where nothing changed.

    Parameters
    ----------
    settings : Settings
        Of the home.
    today : str
        The day of new versions, ISO 8601.
    draft : bool
        Remember nothing: the next delivery gives the same versions again.

    Raises
    ------
    StateError
        A record is damaged, or the report has a FAIL; then nothing is remembered.
    UnreadableError
        A composite cannot be read.
    """
    paths = Paths(settings)
    outcomes = records.load_all(paths.outcome_records, Outcome)
    stats = records.load_all(paths.stats_records, Statistics)
    known = load_deliveries(paths)
    chosen = [one for stem, one in outcomes.items() if one.composite and one.product is not None and _wanted(stats, stem)]
    items = [_deliver(settings, outcome, known.get(outcome.stem), today) for outcome in chosen]
    others = [withdrawn(known[stem], today) for stem in sorted(set(known) - {item.outcome.stem for item in items})]
    deliveries = [*(item.delivery for item in items), *others]
    names = _write_collection(settings, items, deliveries, stats, today)
    _put_former_aside(paths, names)
    composites = {stem for stem, outcome in outcomes.items() if outcome.composite}
    found = examine(paths, [name for name in names if name != REPORT], names_without_composite(settings, composites), settings)
    write_text(paths.delivery / REPORT, found.text())
    log.info('delivery of %d composites, %s', len(items), found.summary())
    if found.failed:
        raise StateError(f'the delivery does not keep to the rules; it is not remembered\n{found.terminal()}')
    for delivery in () if draft else deliveries:
        records.save(paths.delivery_record(delivery.stem), delivery)
    return _said(paths, items, found, draft=draft)


def _wanted(stats: Mapping[str, Statistics], stem: str) -> bool:
    return stem in stats and stats[stem].deliver


def _deliver(settings: Settings, outcome: Outcome, known: Delivery | None, today: str) -> Item:
    """Write one light curve and its preview."""
    paths = Paths(settings)
    source = paths.absolute(outcome.product.path if outcome.product is not None else '')
    digest = data_digest(source)
    version = next_version(known, digest)
    target = paths.delivery / delivered_name(outcome.key, version)
    write_delivered(source, target, version, doi=settings.doi, reference=settings.reference)
    picture = source.with_suffix('.png')
    if picture.is_file():
        with replacing(paths.delivery / delivered_name(outcome.key, version, 'preview', 'png')) as part:
            shutil.copyfile(picture, part)
    return Item(outcome, with_version(known, outcome, _described(outcome, target, version, digest, today)))


def _described(outcome: Outcome, target: Path, version: int, digest: str, today: str) -> DeliveredVersion:
    return DeliveredVersion(
        version=version,
        name=target.name,
        day=today,
        bytes=target.stat().st_size,
        sha256=sha256(target),
        data_sha256=digest,
        rootnames=outcome.rootnames,
        cal_ver=tuple(dict.fromkeys(str(row['cal_ver']) for row in outcome.provenance if row.get('cal_ver'))),
        mjd_beg=outcome.mjd_beg,
        mjd_end=outcome.mjd_end,
        exptime_s=outcome.exptime_s,
        n_bins=outcome.n_bins,
        procver=__version__,
        change='',
    )


def _write_collection(
    settings: Settings, items: list[Item], deliveries: list[Delivery], stats: Mapping[str, Statistics], today: str
) -> list[str]:
    """Write catalog, read-me file and list; return the names of all files that belong to the delivery."""
    paths = Paths(settings)
    version = max((one.version for delivery in deliveries for one in delivery.versions), default=1)
    values = catalog_values(_catalog(paths, items, stats))
    for form in FORMS:
        write_catalog_form(paths.delivery / collection_name(version, 'cat', form), values)
    day = max((_last_change(delivery) for delivery in deliveries), default=today)
    write_text(paths.delivery / README, readme(settings, day=day, version=version, products=len(items)))
    listed = [name for item in items for name in _names(paths, item)]
    listed += [README, *(collection_name(version, 'cat', form) for form in FORMS)]
    list_name = collection_name(version, 'list', 'csv')
    write_text(paths.delivery / list_name, _list(paths, listed, items, deliveries))
    return [*listed, list_name, REPORT]


def _last_change(delivery: Delivery) -> str:
    return max(delivery.withdrawn or '', delivery.versions[-1].day)


def _names(paths: Paths, item: Item) -> list[str]:
    preview = delivered_name(item.outcome.key, item.version.version, 'preview', 'png')
    return [item.version.name, *([preview] if (paths.delivery / preview).is_file() else [])]


def _catalog(paths: Paths, items: list[Item], stats: Mapping[str, Statistics]) -> list[dict[str, object]]:
    targets = load_targets(paths.settings) if paths.targets.is_file() else ()
    rows = catalog_rows([item.outcome for item in items], stats, targets, '')
    by_stem = {item.outcome.stem: item.version for item in items}
    for row in rows:
        version = by_stem[row['obs_id']]
        row |= {'access_url': version.name, 'access_estsize': -(-version.bytes // 1000), 'sha256': version.sha256}
    return rows


def _list(paths: Paths, names: Iterable[str], items: list[Item], deliveries: list[Delivery]) -> str:
    """Return every file of the delivery with size, checksum and sources, and the versions that were delivered before."""
    delivered = {name: item.version for item in items for name in _names(paths, item)}
    files = [paths.delivery / name for name in sorted(names)]
    rows = [(file.name, file.stat().st_size, sha256(file), *_about(delivered.get(file.name), 'current', '')) for file in files]
    for delivery in deliveries:
        last = delivery.versions[-1]
        for one in delivery.versions:
            if (state := status(delivery, one)) != 'current':
                successor = last.name if one != last and delivery.withdrawn is None else ''
                rows.append((one.name, one.bytes, one.sha256, *_about(one, state, successor)))
    return csv_text([LIST_COLUMNS, *rows])


def _about(version: DeliveredVersion | None, state: str, successor: str) -> tuple[str, ...]:
    if version is None:
        return ('', state, successor, '', '', '')
    return (f'v{version.version}', state, successor, version.day, version.change, ' '.join(version.rootnames))


def _put_former_aside(paths: Paths, names: Iterable[str]) -> None:
    """Put files away that are no part of the delivery any more."""
    wanted = set(names)
    for path in sorted(paths.delivery.iterdir()):
        if path.name not in wanted and path.is_file():
            put_aside(paths, path)


def _said(paths: Paths, items: list[Item], found: Report, *, draft: bool) -> str:
    risen = [f'{item.version.name}: {item.version.change}' for item in items if item.version.version > 1]
    lines = [found.terminal(), *(['New versions so far:', *(f'  {line}' for line in risen)] if risen else [])]
    kind = 'Draft, not remembered' if draft else 'Delivery'
    return '\n'.join([*lines, f'{kind}: {len(items)} light curves in {paths.delivery}', f'Report: {paths.delivery / REPORT}'])
