"""Templates and contexts to HTML. Autoescape is on and a name that a context lacks is an error."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hstlc.site import text

POLICY = '; '.join(  # Bokeh sets styles; nothing else needs to be unsafe
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
    )
)


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        auto_reload=False,
    )  # fmt: skip
    environment.globals['policy'] = POLICY
    environment.filters.update(
        number=text.number,
        count=text.count,
        day=text.day,
        moment=text.moment,
        duration=text.duration,
        size=text.size,
        clean=clean,
        sentence=sentence,
        order=order,
    )
    return environment


def clean(value: str) -> str:
    """Return text without characters that change how what follows is read: controls and marks of direction."""
    text_ = str(value)
    return text_ if text_.isprintable() else ''.join(character for character in text_ if character.isprintable())


def sentence(value: str) -> str:
    """Return text as a sentence: a capital at its beginning and a full stop at its end."""
    text_ = clean(value).strip()
    return text_[:1].upper() + text_[1:] + ('' if text_.endswith(('.', '!', '?')) else '.') if text_ else ''


def order(value: float | None) -> float | str:
    """Return by what a table sorts a number; one that is missing is empty."""
    return '' if value is None else value


def forget_templates() -> None:
    """Read templates anew from now on."""
    _environment.cache_clear()


def load_templates(folder: Path) -> Iterator[None]:
    """Read all templates of a folder, one after the other, now rather than when they are used."""
    environment = _environment(folder)
    for name in environment.list_templates(extensions=['html']):
        environment.get_template(name)
        yield


def render(folder: Path, template: str, context: Mapping[str, Any]) -> str:
    """Return the HTML of a template in `folder` with a context."""
    return _environment(folder).get_template(template).render(context)
