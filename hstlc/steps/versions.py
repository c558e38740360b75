"""Versions of what was delivered: when the numbers of a delivered composite change, its version rises."""

from dataclasses import replace
from typing import Any

from hstlc.files import records
from hstlc.model import DeliveredVersion, Delivery, Outcome
from hstlc.paths import Paths


def load_deliveries(paths: Paths) -> dict[str, Delivery]:
    """Return what was ever delivered, by the name of the composite."""
    return records.load_all(paths.delivery_records, Delivery)


def next_version(known: Delivery | None, data_sha256: str) -> int:
    """Return the version under which a composite is delivered: the last one as long as its numbers stay the same."""
    if known is None or not known.versions:
        return 1
    last = known.versions[-1]
    return last.version if last.data_sha256 == data_sha256 and known.withdrawn is None else last.version + 1


def with_version(known: Delivery | None, outcome: Outcome, found: DeliveredVersion) -> Delivery:
    """Return the history with a version: a new one is added, the same one keeps its day and what it changed."""
    versions = known.versions if known is not None else ()
    if versions and versions[-1].version == found.version:
        last = versions[-1]
        versions = (*versions[:-1], replace(found, day=last.day, change=last.change))
    else:
        previous = versions[-1] if versions else None
        versions = (*versions, replace(found, change=what_changed(previous, found, known)))
    return Delivery(stem=outcome.stem, key=outcome.key, versions=versions)


def what_changed(previous: DeliveredVersion | None, found: DeliveredVersion, known: Delivery | None) -> str:
    """Return in words why a version differs from the one before."""
    if previous is None:
        return 'first delivery'
    added = sorted(set(found.rootnames) - set(previous.rootnames))
    gone = sorted(set(previous.rootnames) - set(found.rootnames))
    parts = [f'exposures added: {" ".join(added)}'] if added else []
    parts += [f'exposures left out: {" ".join(gone)}'] if gone else []
    if found.cal_ver != previous.cal_ver and not (added or gone):
        parts.append(f'recalibrated data: {_versions(found)} after {_versions(previous)}')
    if found.procver != previous.procver:
        parts.append(f'made by hstlc {found.procver} after {previous.procver}')
    if known is not None and known.withdrawn is not None:
        parts.append(f'delivered again, withdrawn since {known.withdrawn}')
    return '; '.join(parts) or 'the same exposures made anew: their data, reference files or settings changed'


def _versions(version: DeliveredVersion) -> str:
    return ', '.join(version.cal_ver) or 'an unknown version'


def withdrawn(known: Delivery, day: str) -> Delivery:
    """Return the history of a composite that is not delivered any more."""
    return known if known.withdrawn is not None else replace(known, withdrawn=day)


def history(paths: Paths, stem: str) -> list[dict[str, Any]]:
    """Return the versions of a composite for its page, the newest first; none where it was never delivered.

    Each has `version` ('v2'), `day`, `name`, `change`, `sha256`, `bytes`, `exposures` (number), `status`: 'current', 'superseded'
    or 'withdrawn'. JSON-safe.
    """
    if not paths.delivery_record(stem).is_file():
        return []
    delivery = records.load(paths.delivery_record(stem), Delivery)
    return [
        {
            'version': f'v{one.version}',
            'day': one.day,
            'name': one.name,
            'change': one.change,
            'sha256': one.sha256,
            'bytes': one.bytes,
            'exposures': len(one.rootnames),
            'status': status(delivery, one),
        }
        for one in reversed(delivery.versions)
    ]


def status(delivery: Delivery, version: DeliveredVersion) -> str:
    """Return 'current', 'superseded' or 'withdrawn'."""
    if version != delivery.versions[-1]:
        return 'superseded'
    return 'withdrawn' if delivery.withdrawn is not None else 'current'
