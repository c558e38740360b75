"""Which exposures are one target: by their names, then by their positions."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

from hstlc.model import Floats, Pointing, Target
from hstlc.names import file_form
from hstlc.science.groups import by_start
from hstlc.science.targetnames import canonical_name, forms

JOIN_ARCSEC = 2.0  # the nearest truly different pair of the original's targets is 17 arcsec apart
FAR_ARCSEC = 60.0  # same name, further apart: a generic name such as UPWIND
ARCSEC = np.pi / 180 / 3600  # rad

# A name with one of these means a part of an object or a place beside it: equal position is not equal meaning.
_POINTING = re.compile(
    r"""(?<![A-Z])(?:OFFSET|OFF|POS(?:ITION)?|KNOT|FILAMENT|FIL|LOBE|SKY|NUC(?:LEUS)?|SLEW|OBJECT|OBJ|FIELD|REGION|NORTH|SOUTH|EAST|WEST
    |CENT(?:ER|RE|RAL)|CORE|JET|HALO|SHELL|(?:EAST|WEST|NORTH|SOUTH)?SHOCK|LIMB|ARC|TAIL|RING|CLOUD|BLANK|BACKGROUND|BKG)(?:[A-Z]|\d+|[A-Z]\d+)?(?![A-Z0-9])""",
    re.VERBOSE,
)
_COMPONENT = re.compile(r'(?<=[\d-])(?:[A-Z]|[A-D]{2,3})$')  # TWA3A, RW-AUR-A, GJ65AB


@dataclass(frozen=True)
class _Named:
    """All exposures of one canonical name."""

    name: str
    exposures: tuple[Pointing, ...]  # in order of their start
    positions: Floats  # (n, 3) distinct unit vectors
    moving: bool

    @property
    def spread_arcsec(self) -> float:
        """Largest distance between two positions."""
        return _arcsec(float(pdist(self.positions).max())) if len(self.positions) > 1 else 0.0

    @property
    def joinable(self) -> bool:
        """Whether the position tells which object it is."""
        fixed = not self.moving and len(self.positions) > 0
        return fixed and not _POINTING.search(self.name) and self.spread_arcsec <= FAR_ARCSEC


@dataclass(frozen=True)
class _Near:
    """Two names at one position; in order of separation, then of names."""

    arcsec: float
    one: str
    other: str


def _arcsec(chord: float) -> float:
    return float(2 * np.arcsin(min(chord / 2, 1.0)) / ARCSEC)


def _unit_vectors(exposures: Sequence[Pointing]) -> Floats:
    positions = sorted(
        {(e.ra_targ_deg, e.dec_targ_deg) for e in exposures if e.ra_targ_deg is not None and e.dec_targ_deg is not None}
    )
    ra, dec = np.radians(np.array(positions, float).reshape(-1, 2)).T
    return np.column_stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])


def _by_name(exposures: Iterable[Pointing], aliases: Mapping[str, str]) -> dict[str, _Named]:
    groups: dict[str, list[Pointing]] = defaultdict(list)
    known: dict[str, str] = {}
    for exposure in exposures:
        header = exposure.header_targname
        if header not in known:
            known[header] = canonical_name(header, aliases)
        groups[known[header]].append(exposure)
    return {
        name: _Named(name, by_start(members), _unit_vectors(members), any(item.moving_target for item in members))
        for name, members in sorted(groups.items())
    }


def _near_pairs(groups: Mapping[str, _Named]) -> list[_Near]:
    joinable = [group for group in groups.values() if group.joinable]
    if len(joinable) < 2:
        return []
    owners = [group.name for group in joinable for _ in group.positions]
    vectors = np.concatenate([group.positions for group in joinable])
    nearest: dict[tuple[str, str], float] = {}
    for i, j in cKDTree(vectors).query_pairs(2 * np.sin((JOIN_ARCSEC + 1e-6) * ARCSEC / 2)):
        one, other = sorted((owners[i], owners[j]))
        if one != other:
            separation = _arcsec(float(np.linalg.norm(vectors[i] - vectors[j])))
            nearest[one, other] = min(separation, nearest.get((one, other), np.inf))
    return sorted((_Near(arcsec, *pair) for pair, arcsec in nearest.items()), key=lambda near: (near.arcsec, near.one, near.other))


def _clusters(groups: Mapping[str, _Named]) -> list[tuple[set[str], list[_Near]]]:
    """Join names from the nearest pair on, never two different component letters; the order of exposures plays no part."""
    cluster_of: dict[str, tuple[set[str], list[_Near]]] = {name: ({name}, []) for name in groups}
    for near in _near_pairs(groups):
        one, other = cluster_of[near.one], cluster_of[near.other]
        if one is other or len(_components(one[0] | other[0])) > 1:
            continue
        joined = (one[0] | other[0], [*one[1], *other[1], near])
        cluster_of.update(dict.fromkeys(joined[0], joined))
    return list({id(cluster): cluster for cluster in cluster_of.values()}.values())


def _components(names: Iterable[str]) -> set[str]:
    return {match[0] for name in names if (match := _COMPONENT.search(name))}


def find_targets(exposures: Iterable[Pointing], aliases: Mapping[str, str]) -> tuple[Target, ...]:
    """Return which exposures are one target, in the order of the targets' names.

    Exposures of equal canonical name are one target; so are fixed targets within 2 arcsec under different names, unless a name
    means a part of an object or a place beside it (OFFSET, KNOT ...) or the names end in different component letters. The
    result does not depend on their order.

    Parameters
    ----------
    exposures : iterable of Pointing
        From `hstlc.science.groups.pointings`.
    aliases : mapping
        As `canonical_name` takes them.
    """
    groups = _by_name(exposures, aliases)
    targets = [_target([groups[name] for name in sorted(names)], near, aliases) for names, near in _clusters(groups)]
    return tuple(sorted(targets, key=lambda target: target.name))


def _target(groups: Sequence[_Named], near: Sequence[_Near], aliases: Mapping[str, str]) -> Target:
    exposures = by_start(exposure for group in groups for exposure in group.exposures)
    name = _shown_name([group.name for group in groups], aliases)
    moving = any(group.moving for group in groups)
    placed = [] if moving else [item for item in exposures if item.ra_targ_deg is not None and item.dec_targ_deg is not None]
    return Target(
        name=name,
        slug=file_form(name),
        aliases=tuple(sorted({exposure.header_targname for exposure in exposures})),
        rootnames=tuple(exposure.rootname for exposure in exposures),
        ra_deg=placed[-1].ra_targ_deg if placed else None,  # the latest: nearest to today's, should the target move
        dec_deg=placed[-1].dec_targ_deg if placed else None,
        moving=moving,
        joins=(*_name_sentences(groups, aliases), *_position_sentences(groups, near)),
    )


def _shown_name(names: Sequence[str], aliases: Mapping[str, str]) -> str:
    given = [name for name in names if name in aliases.values()]
    return min(given or names, key=lambda name: (len(name), name))


def _name_sentences(groups: Sequence[_Named], aliases: Mapping[str, str]) -> list[str]:
    headers = sorted({(item.header_targname, group.name) for group in groups for item in group.exposures})

    def how(header: str) -> str:
        return 'by the table of names' if any(form in aliases for form in forms(header, aliases)[:-1]) else 'by rule'

    return [f'{header} = {name}: same name {how(header)}' for header, name in headers if header != name]


def _position_sentences(groups: Sequence[_Named], near: Sequence[_Near]) -> list[str]:
    joins = [f'{pair.one} = {pair.other}: {pair.arcsec:.2f} arcsec apart' for pair in near]
    far = [group for group in groups if not group.moving and group.spread_arcsec > FAR_ARCSEC]
    flags = [f'{group.name}: positions up to {group.spread_arcsec:.0f} arcsec apart under one name, kept together' for group in far]
    return sorted(joins) + flags
