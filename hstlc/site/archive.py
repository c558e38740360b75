"""Everything that pages say, read once: records, targets, outcomes and statistics, and what belongs to what."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from hstlc.model import Outcome, Record, Statistics, Status, Target


@dataclass(frozen=True)
class Archive:
    """The archive as its pages see it."""

    title: str
    contact: str
    doi: str
    interesting: float  # poisson_factor from which a light curve is listed as interesting
    records: Mapping[str, Record]  # by rootname
    targets: tuple[Target, ...]
    outcomes: Mapping[str, Outcome]  # by stem
    stats: Mapping[str, Statistics]  # by stem

    @cached_property
    def by_rootname(self) -> dict[str, Target]:
        """The target of each exposure."""
        return {rootname: target for target in self.targets for rootname in target.rootnames}

    @cached_property
    def by_header_name(self) -> dict[str, Target]:
        """The target of each name that its accepted exposures carry."""
        names: dict[str, Target] = {}
        for rootname, target in self.by_rootname.items():
            record = self.records.get(rootname)
            if record is not None and record.exposure is not None:
                names.setdefault(record.exposure.targname, target)
        return {**{target.name: target for target in self.targets}, **names}

    def target_of(self, record: Record) -> Target | None:
        """Return the target of an exposure; of a rejected one by its name, where that is known."""
        found = self.by_rootname.get(record.rootname)
        if found is None and record.exposure is not None:
            found = self.by_header_name.get(record.exposure.targname)
        return found

    @cached_property
    def curves(self) -> dict[str, tuple[Outcome, ...]]:
        """The light curves of each target, by its slug: composites first, then in the order of time."""
        found: dict[str, list[Outcome]] = {target.slug: [] for target in self.targets}
        for outcome in self.outcomes.values():
            target = self.by_rootname.get(outcome.rootnames[0]) if outcome.rootnames else None
            if target is not None:
                found[target.slug].append(outcome)
        return {slug: tuple(sorted(outcomes, key=self._order)) for slug, outcomes in found.items()}

    def _order(self, outcome: Outcome) -> tuple[bool, str, float, str]:
        key = outcome.key
        configuration = f'{key.instrume} {key.detector} {key.opt_elem} {key.cenwave} {key.aperture}'
        return (not outcome.composite, configuration, self.start(outcome) or 0.0, outcome.stem)

    def start(self, outcome: Outcome) -> float | None:
        """Return when a light curve begins, MJD; without one, when its exposure began."""
        if outcome.mjd_beg is not None:
            return outcome.mjd_beg
        record = self.records.get(outcome.rootnames[0]) if outcome.rootnames else None
        return record.exposure.expstart_mjd if record is not None and record.exposure is not None else None

    @cached_property
    def rejected(self) -> tuple[Record, ...]:
        """The exposures that failed the quality checks."""
        return tuple(record for record in self.records.values() if record.status is Status.REJECTED)

    @cached_property
    def rejected_of(self) -> dict[str, tuple[Record, ...]]:
        """The rejected exposures of each target, by its slug."""
        found: dict[str, list[Record]] = {}
        for record in self.rejected:
            target = self.target_of(record)
            if target is not None:
                found.setdefault(target.slug, []).append(record)
        return {slug: tuple(records) for slug, records in found.items()}

    def about(self, target: Target) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the stems of a target's light curves, and the rootnames of its rejected exposures."""
        curves = tuple(outcome.stem for outcome in self.curves.get(target.slug, ()))
        return curves, tuple(record.rootname for record in self.rejected_of.get(target.slug, ()))

    @cached_property
    def strays(self) -> tuple[str, ...]:
        """The rootnames of rejected exposures that belong to no target."""
        return tuple(record.rootname for record in self.rejected if self.target_of(record) is None)
