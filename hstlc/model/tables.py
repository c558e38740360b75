"""Rows of the tables that come with hstlc."""

from dataclasses import dataclass
from enum import StrEnum


class BandKind(StrEnum):
    """What a band holds."""

    LINE = 'line'  # an emission line
    CONTINUUM = 'continuum'  # a piece of continuum


class ProposalAction(StrEnum):
    """What to do with the exposures of a programme."""

    REJECT = 'reject'  # its exposures are rejected
    WARN = 'warn'  # they are accepted with a warning


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """A named part of the spectrum: whole-Angstrom windows (lo, hi), vacuum wavelengths, summed together."""

    name: str  # shown with its light curve
    kind: BandKind  # line or continuum
    windows_aa: tuple[tuple[float, float], ...]  # (lower, upper), ascending


@dataclass(frozen=True, kw_only=True, slots=True)
class BadProposal:
    """A programme whose exposures are not, or perhaps not, fit for light curves."""

    proposid: int  # its number
    action: ProposalAction  # whether its exposures are rejected
    why: str  # shown to people
