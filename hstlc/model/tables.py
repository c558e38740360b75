"""Rows of the tables that come with hstlc."""

from dataclasses import dataclass
from enum import StrEnum


class BandKind(StrEnum):
    """What a band holds."""

    LINE = 'line'
    CONTINUUM = 'continuum'


class ProposalAction(StrEnum):
    """What to do with the exposures of a programme."""

    REJECT = 'reject'
    WARN = 'warn'


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """A named part of the spectrum: whole-Angstrom windows (lo, hi), vacuum wavelengths, summed together."""

    name: str
    kind: BandKind
    windows_aa: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BadProposal:
    """A programme whose exposures are not, or perhaps not, fit for light curves."""

    proposid: int
    action: ProposalAction
    why: str
