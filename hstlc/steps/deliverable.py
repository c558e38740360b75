"""Which composites are delivered: the rule of the statistics, unless a setting decides otherwise."""

from dataclasses import replace

from hstlc.model import Statistics
from hstlc.settings import Settings


def chosen_by_name(settings: Settings, stem: str) -> bool | None:
    """Return what the settings `deliver_also` and `deliver_never` say of a composite, None where they do not name it.

    Names may end in '.fits'. Where both name it, it is not delivered.
    """
    if stem in _stems(settings.deliver_never):
        return False
    return True if stem in _stems(settings.deliver_also) else None


def _stems(names: tuple[str, ...]) -> set[str]:
    return {name.removesuffix('.fits') for name in names}


def decided(settings: Settings, stem: str, found: Statistics) -> Statistics:
    """Return statistics with the settings' decision on delivery; the note says that it was one."""
    choice = chosen_by_name(settings, stem)
    if choice is None or choice == found.deliver:
        return found
    setting = 'deliver_also' if choice else 'deliver_never'
    said = f'{"delivered" if choice else "not delivered"}: the setting {setting} names it'
    return replace(found, deliver=choice, note='; '.join(part for part in (found.note, said) if part))


def names_without_composite(settings: Settings, stems: set[str]) -> list[str]:
    """Return the names in the two settings that no composite of the archive has."""
    return sorted((_stems(settings.deliver_also) | _stems(settings.deliver_never)) - stems)
