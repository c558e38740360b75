"""Which exposures make one composite light curve: those of a target in one configuration of the instrument."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from hstlc.model import Exposure, GroupKey, Pointing, Record, Status, Target

Dated = TypeVar('Dated', Exposure, Pointing)


def composite_groups(records: Iterable[Record], targets: Iterable[Target]) -> dict[GroupKey, tuple[str, ...]]:
    """Return the exposures of each composite light curve: rootnames in order of EXPSTART, then of the rootname.

    Parameters
    ----------
    records : iterable of Record
        Only accepted ones are taken.
    targets : iterable of Target
        As `find_targets` gives them for these records; an exposure of no target is in no composite.
    """
    target_of = {rootname: target.name for target in targets for rootname in target.rootnames}
    groups: dict[GroupKey, list[str]] = defaultdict(list)
    for exposure in by_start(accepted(records)):
        if exposure.rootname in target_of:
            groups[_group_key(exposure, target_of[exposure.rootname])].append(exposure.rootname)
    ordered = sorted(groups.items(), key=lambda item: _order(item[0]))
    return {key: tuple(rootnames) for key, rootnames in ordered}


def _group_key(exposure: Exposure, targname: str) -> GroupKey:
    return GroupKey(
        instrume=exposure.instrume,
        detector=exposure.detector.strip().upper(),
        targname=targname.strip().upper(),
        opt_elem=exposure.opt_elem.strip().upper(),
        cenwave=exposure.cenwave,
        aperture=exposure.aperture.strip().upper(),
    )


def _order(key: GroupKey) -> tuple[str, str, str, str, int, str]:
    return key.targname, key.instrume, key.detector, key.opt_elem, key.cenwave, key.aperture


def by_start(exposures: Iterable[Dated]) -> tuple[Dated, ...]:
    """Return exposures in order of their start, then of the rootname."""
    return tuple(sorted(exposures, key=lambda exposure: (exposure.expstart_mjd, exposure.rootname)))


def accepted(records: Iterable[Record]) -> list[Exposure]:
    """Return the exposures that were accepted."""
    return [record.exposure for record in records if record.status is Status.ACCEPTED and record.exposure is not None]


def pointings(records: Iterable[Record]) -> list[Pointing]:
    """Return of the exposures that were accepted what `find_targets` needs."""
    return [
        Pointing(item.rootname, item.header_targname, item.expstart_mjd, item.ra_targ_deg, item.dec_targ_deg, item.moving_target)
        for item in accepted(records)
    ]
