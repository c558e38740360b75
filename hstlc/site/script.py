"""Data as classic scripts: what a page can load from a folder, where requests are forbidden."""

import json
from typing import Any

UNSAFE = {'<': '\\u003c', '>': '\\u003e', '&': '\\u0026', '\u2028': '\\u2028', '\u2029': '\\u2029'}


def classic_script(name: str, value: Any) -> str:
    """Return a script that sets `window.<name>`; text in it can end neither the script nor a string.

    Raises
    ------
    ValueError
        The value holds NaN or infinity, which JSON does not know.
    """
    return f'window.{name} = {safe_json(value)};\n'


def large_script(name: str, value: Any) -> str:
    """Return what `classic_script` does in the form that browsers read faster where there is much of it: JSON in a string."""
    return f'window.{name} = JSON.parse({safe_json(safe_json(value))});\n'


def safe_json(value: Any) -> str:
    """Return compact ASCII JSON without any character that means something to HTML."""
    text = json.dumps(value, allow_nan=False, separators=(',', ':'))
    for character, escaped in UNSAFE.items():
        text = text.replace(character, escaped)
    return text
