"""The rules that MAST sets for the names of High Level Science Products, as far as names can show them."""

import re

from hstlc.model import Finding

MAX_NAME = 90
MAX_FIELDS = 9
FIELDS = (
    # what it is, longest, pattern
    ('the first field', 4, r'hlsp'),
    ('the project', 20, r'[a-z0-9][a-z0-9-]*'),
    ('the observatory', 20, r'[a-z0-9][a-z0-9-]*'),
    ('the instrument', 20, r'[a-z0-9][a-z0-9-]*'),
    ('the target', 30, r'[a-z0-9]([a-z0-9+.-]*[a-z0-9])?'),
    ('the optical element', 20, r'[a-z0-9]([a-z0-9+.-]*[a-z0-9])?'),
    ('the version', 9, r'v\d+(\.\d+){0,2}'),
    ('the product type', 16, r'[a-z0-9-]+'),
)
ENDINGS = ('fits', 'png', 'csv', 'ecsv', 'md', 'txt')
READ_ME = re.compile(r'hlsp_[a-z0-9-]+_readme\.(md|txt)')


def name_findings(name: str) -> list[Finding]:
    """Return what is wrong with the name of a file in a delivery; nothing where it keeps to the rules.

    A name has at most nine fields between underscores; each has its alphabet and length. Read-me files have their own form.
    """
    if READ_ME.fullmatch(name):
        return []
    stem, _, ending = name.rpartition('.')
    fields = stem.split('_')
    wrong = [f'the ending .{ending} is not one of {", ".join(ENDINGS)}'] if ending not in ENDINGS else []
    if len(name) > MAX_NAME:
        wrong.append(f'the name has {len(name)} characters, more than {MAX_NAME}')
    if not len(FIELDS) <= len(fields) <= MAX_FIELDS:
        wrong.append(f'the name has {len(fields)} fields, not {len(FIELDS)} to {MAX_FIELDS}')
        return [Finding.fail(text) for text in wrong]
    last = len(FIELDS) - 2  # version and product type are always the last two
    for (what, longest, pattern), field in zip(FIELDS, (*fields[:last], *fields[-2:]), strict=True):
        if not re.fullmatch(pattern, field):
            wrong.append(f'{what} cannot be {field!r}')
        if len(field) > longest:
            wrong.append(f'{what} has {len(field)} characters, more than {longest}')
    return [Finding.fail(text) for text in wrong]


def version_of(name: str) -> str | None:
    """Return the version field of a name that keeps to the rules."""
    fields = name.rpartition('.')[0].split('_')
    return fields[-2] if len(fields) >= len(FIELDS) else None
