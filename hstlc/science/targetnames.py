"""Names of targets: the form under which an exposure is kept, by rule and by table."""

import re
from collections.abc import Callable, Mapping

# Endings that a proposer adds when the same object is planned again.
_ADMINISTRATIVE = re.compile(
    r'-(?:COPY\d*|UPDAT(?:E|ED)?|REPEAT|REVISIT|REVISED|TWEAK|SECOND|LONGVISIT|SHORTVISIT)$|-(?:VISIT-?|EPOCH)\d+(?=-|$)'
)
# CATALOGUE-DESIGNATION, where the hyphen only separates. The designation is a number, perhaps after J or B, perhaps with a letter
# or two behind it.
_CATALOGUE = re.compile(r'(\d?[A-Z]{1,5})-([JB]?\d[\d.+-]*[A-Z]{0,2})')
_CATALOGUE_J = re.compile(r'(\d?[A-Z]{1,5}\d{2,4})-(J\d[\d.+-]*[A-Z]{0,2})')
_VARIABLE = re.compile(r'(V\d{3,4})-([A-Z]{3})')  # V471-TAU
_SANDULEAK = re.compile(r'SK-\d[\d-]*[A-Z]?')  # all of the LMC's zones are south: no sign is lost

# Here the hyphen is the sign of a declination zone, or part of the number's own form.
_SIGNED = frozenset({'4C', 'BD', 'CD', 'CPD', 'COD', 'MCG', 'LP', 'L', 'LS'})
# Here the number counts pointings, not objects of a catalogue.
_NOT_CATALOGUES = frozenset(
    {'ARIEL', 'CERES', 'COMET', 'DIONE', 'EARTH', 'ENCEL', 'EUROP', 'IO', 'JUP', 'LUNA', 'MARS', 'MIMAS', 'MOON', 'NEP', 'OBJ',
     'OFF', 'PLUTO', 'POS', 'RHEA', 'SAT', 'SKY', 'SLEW', 'STAR', 'TITAN', 'URAN', 'VENUS', 'VESTA'}
)  # fmt: skip


def tidy(header_targname: str) -> str:
    """Return a name in the form that tables use: stripped, upper case, blanks as hyphens (rule R0)."""
    return re.sub(r'\s+', '-', header_targname.strip().upper())


def _drop_administrative(name: str) -> str:
    return _ADMINISTRATIVE.sub('', name)


def _drop_leading_name(name: str) -> str:
    return name.removeprefix('NAME-')


def _join_sanduleak(name: str) -> str:
    return name.replace('-', '') if _SANDULEAK.fullmatch(name) else name


def _join_catalogue(name: str) -> str:
    match = _CATALOGUE.fullmatch(name) or _CATALOGUE_J.fullmatch(name)
    if not match or match[1] in _SIGNED | _NOT_CATALOGUES:
        return name
    return match[1] + match[2]


def _join_variable(name: str) -> str:
    match = _VARIABLE.fullmatch(name)
    return match[1] + match[2] if match else name


RULES: tuple[Callable[[str], str], ...] = (
    _drop_administrative,
    _drop_leading_name,
    _join_sanduleak,
    _join_catalogue,
    _join_variable,
)


def canonical_name(header_targname: str, aliases: Mapping[str, str]) -> str:
    """Return the name under which exposures of a target are kept: by the table where it knows the name, else by rule.

    Parameters
    ----------
    header_targname : str
        TARGNAME as the header writes it.
    aliases : mapping
        Alias to name, both as `tidy` gives them, without circles (`hstlc.files.aliases` sees to that). The table is asked again
        after every rule, and names that it gives are final.

    Returns
    -------
    str
        The name; `canonical_name` leaves it as it is.
    """
    return forms(header_targname, aliases)[-1]


def forms(header_targname: str, aliases: Mapping[str, str]) -> list[str]:
    """Return every form of a name on its way to the last, the canonical one."""
    path = [tidy(header_targname)]
    while (name := _next(path[-1], aliases)) not in path:
        path.append(name)
    return path


def _next(name: str, aliases: Mapping[str, str]) -> str:
    if name in aliases:
        return aliases[name]
    if name in aliases.values():
        return name
    return next((new for rule in RULES if (new := rule(name)) and new != name), name)
