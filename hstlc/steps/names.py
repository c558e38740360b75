"""Names: a name service is asked which targets may be one object; what it says is a proposal, which a person takes over or not."""

import logging
from collections.abc import Mapping, Sequence

from hstlc.errors import ArchiveError
from hstlc.files.aliases import load_aliases
from hstlc.files.output import write_text
from hstlc.files.textforms import csv_text
from hstlc.mast.names import TOGETHER, Identity, NamesCache, ask_sesame, plain
from hstlc.model import Target
from hstlc.paths import Paths
from hstlc.science.targetnames import canonical_name
from hstlc.settings import Settings
from hstlc.steps.records import load_targets
from hstlc.steps.transfer import now

log = logging.getLogger(__name__)
HEAD = '# Proposed by the name service. Copy the lines that you agree with into {aliases}.\n'


def find_names(settings: Settings) -> str:
    """Ask what is not in the cache yet, and write the proposals; return what to say.

    Raises
    ------
    ArchiveError
        The service does not answer; what it said before is kept and used.
    StateError
        The targets are not known yet.
    """
    paths = Paths(settings)
    aliases = load_aliases(paths)
    names = {target.name: _names(target, aliases) for target in load_targets(settings) if not target.moving}
    cache = NamesCache(paths.download / 'names_cache.jsonl')
    failure = _ask(settings, cache, sorted({name for group in names.values() for name in group} - cache.known.keys()))
    proposals = propose(names, cache.known)
    path = paths.download / 'names_proposed.csv'
    write_text(path, HEAD.format(aliases=settings.aliases) + csv_text([('alias', 'name'), *proposals]))
    if failure is not None:
        raise failure
    known = sum(bool(cache.known[name].aliases) for group in names.values() for name in group if name in cache.known)
    return f'{known} names are known to the service; {len(proposals)} proposals in {path}'


def _ask(settings: Settings, cache: NamesCache, names: Sequence[str]) -> ArchiveError | None:
    """Ask in parts, so that what was answered is kept when the service fails."""
    for k in range(0, len(names), TOGETHER):
        part = names[k : k + TOGETHER]
        try:
            cache.add(
                ask_sesame(settings.sesame_url, part, timeout_s=settings.download_timeout, date=now(), contact=settings.contact)
            )
        except ArchiveError as error:
            log.warning('%s', error)
            return error
    return None


def _names(target: Target, aliases: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted({target.name, *(canonical_name(name, aliases) for name in target.aliases)}))


def propose(names: Mapping[str, Sequence[str]], known: Mapping[str, Identity]) -> list[tuple[str, str]]:
    """Return pairs of names of different targets that the service calls one object: the later name, then the one to keep.

    Parameters
    ----------
    names : mapping
        Shown name of each target to all its names.
    known : mapping
        What the service said, by name.
    """
    first: dict[str, str] = {}  # identity to the target that has it
    pairs = set()
    for shown in sorted(names, key=lambda name: (len(name), name)):
        main = {plain(known[name].aliases[0]) for name in names[shown] if name in known and known[name].aliases}
        keep = next((first[identity] for identity in sorted(main) if identity in first), None)
        if keep is not None:
            pairs |= {(name, keep) for name in names[shown]}
        first.update(dict.fromkeys(main, keep or shown))
    return sorted(pairs)
