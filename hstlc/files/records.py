"""Records: frozen dataclasses of `hstlc.model` as JSON files, and back."""

import dataclasses
import functools
import json
import math
import types
from collections.abc import Callable, Mapping, Sequence, Set
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from hstlc.errors import StateError
from hstlc.files.output import write_text

VERSION = 1
T = TypeVar('T')


def save(path: Path, record: Any) -> None:
    """Write a dataclass as JSON; the file keeps its time where the content is the same."""
    write_text(path, to_json({'version': VERSION, **to_plain(record)}))


def to_json(value: Any) -> str:
    """Return JSON text: sorted nowhere, indented, one newline at the end, never NaN."""
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + '\n'


def load(path: Path, kind: type[T]) -> T:
    """Read a dataclass of `kind` from a JSON file.

    Raises
    ------
    StateError
        The file is not JSON, or was written by a newer hstlc.
    """
    return parse(path.read_bytes(), path, kind)


def parse(text: str | bytes, path: Path | str, kind: type[T]) -> T:
    """Return the dataclass of `kind` that is the text of a JSON file.

    Raises
    ------
    StateError
        As `load`; names `path`.
    """
    try:
        values = json.loads(text)
        version = values.pop('version', 0)
        if version > VERSION:
            raise StateError(f'{path} was written by a newer hstlc (record version {version}); update hstlc')
        return cast(T, from_plain(values, kind))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StateError(f'{path} is damaged ({error}); move it away and ingest its exposure again') from error


def load_all(folder: Path, kind: type[T], without: Sequence[str] = ()) -> dict[str, T]:
    """Read every record of a folder, by file name without '.json', in the order of the names.

    Raises
    ------
    StateError
        As `load`.
    """
    names = sorted(path.stem for path in folder.glob('*.json')) if folder.is_dir() else []
    return {name: load(folder / f'{name}.json', kind) for name in names if name not in without}


def to_plain(value: Any) -> Any:
    """Return dataclasses, tuples and enums as what JSON knows; NaN becomes None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def from_plain(value: Any, kind: Any) -> Any:
    """Return what `to_plain` was given."""
    convert = _converter(kind)
    return value if convert is None else convert(value)


@functools.cache
def _converter(kind: Any) -> Callable[[Any], Any] | None:
    """Return what turns JSON into a kind of value, made once for each kind; None where JSON has it as it is."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = _converter(next(item for item in get_args(kind) if item is not type(None)))
        return inner if inner in (None, _float) else lambda value: None if value is None else inner(value)
    if origin is tuple:
        return _tuple_converter(get_args(kind))
    if dataclasses.is_dataclass(kind):
        converters = {name: _converter(hint) for name, hint in get_type_hints(kind).items()}
        needed = [(name, convert) for name, convert in converters.items() if convert is not None]
        return partial(_dataclass, kind, converters.keys(), needed)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return _float if kind is float else None


def _float(value: Any) -> float | None:
    return value if value is None or type(value) is float else float(value)


def _tuple_converter(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(kinds) == 2 and kinds[1] is ...:
        inner = _converter(kinds[0])
        return tuple if inner is None else lambda value: tuple([inner(item) for item in value])
    return lambda value: tuple(from_plain(item, kind) for item, kind in zip(value, kinds, strict=True))


def _dataclass(kind: Any, names: Set[str], needed: Sequence[tuple[str, Callable[[Any], Any]]], values: Mapping[str, Any]) -> Any:
    known = dict(values) if values.keys() <= names else {name: value for name, value in values.items() if name in names}
    for name, convert in needed:
        if name in known:
            known[name] = convert(known[name])
    return kind(**known)
