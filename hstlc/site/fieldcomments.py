"""For the guide's reference: the comment behind a field of a class describes it, as numpydoc's section of attributes would."""

import ast
import re
from typing import Any

import griffe

COMMENT = re.compile(r'\s*#\s*(.+)')


class FieldComments(griffe.Extension):
    """Completes the docstrings of classes as griffe reads them; mkdocs.yml names it."""

    def on_class(self, *, cls: griffe.Class, **_: Any) -> None:
        """Move the fields and properties of a class, with types and comments, into its docstring."""
        fields = [one for name, one in cls.members.items() if isinstance(one, griffe.Attribute) and not name.startswith('_')]
        lines = [f'{one.name} : {_kind(one)}\n    {description(one)}' for one in fields]
        if lines:
            text = cls.docstring.value if cls.docstring else cls.name
            cls.docstring = griffe.Docstring('\n'.join([text, '\nAttributes\n----------', *lines]), parent=cls, parser='numpy')
        for one in fields:
            cls.del_member(one.name)  # it has its line in the table


def _kind(field: griffe.Attribute) -> str:
    return str(field.annotation) if field.annotation is not None else str(field.value)  # members of an enumeration have values


def description(field: griffe.Attribute) -> str:
    """Return the comment behind a field, or the first line of a property's docstring; empty where there is neither."""
    if field.docstring is not None:
        return field.docstring.value.split('\n')[0]
    statement = ast.parse(field.source).body[0]
    behind = field.source.split('\n')[-1].encode()[statement.end_col_offset :].decode()  # ast counts bytes
    found = COMMENT.match(behind)
    return found[1] if found else ''
