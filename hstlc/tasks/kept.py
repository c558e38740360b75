"""What tasks need of every record as it was last read, kept in doit's own database: a run without work opens no record.

A record counts as unchanged while its time and size are. The files stay the truth: without these rows they are read again.
"""

import sqlite3
from collections.abc import Iterable

Row = tuple[int, int, str]  # time and size of the file, what it said
TABLE = 'records_1'  # another number when tasks need more of a record
CREATE = f'create table if not exists {TABLE} (name text primary key, time_ns integer, size integer, said text)'
_rows: dict[str, Row] = {}  # of the runs before
_news: dict[str, Row | None] = {}  # to be written; None: the record is gone


def recall(connection: sqlite3.Connection) -> bool:
    """Read what the runs before kept; return whether the database is sound."""
    cursor = connection.cursor()
    cursor.row_factory = None
    _rows.clear()
    _news.clear()
    try:
        if cursor.execute('select 1 from sqlite_master where name = ?', (TABLE,)).fetchone():
            _rows.update((row[0], row[1:]) for row in cursor.execute(f'select name, time_ns, size, said from {TABLE}'))
    except sqlite3.DatabaseError:
        return False
    return True


def said(name: str, time_ns: int, size: int) -> str | None:
    """Return what a record said, None where it has changed since or was never read."""
    known = _rows.pop(name, None)  # a run asks once
    return known[2] if known is not None and known[:2] == (time_ns, size) else None


def keep(name: str, time_ns: int, size: int, text: str) -> None:
    """Note what a record says that was read from its file."""
    _news[name] = (time_ns, size, text)


def forget_others(folder: str, names: Iterable[str]) -> None:
    """Note that the records of a folder are these and no others."""
    gone = {name for name in _rows if name.startswith(f'{folder}/')}.difference(names)
    _news.update(dict.fromkeys(gone))


def write(connection: sqlite3.Connection) -> None:
    """Write what is new; the caller commits."""
    if not _news:
        return
    connection.execute(CREATE)
    connection.executemany(f'delete from {TABLE} where name = ?', [(name,) for name, row in _news.items() if row is None])
    rows = [(name, *row) for name, row in _news.items() if row is not None]
    connection.executemany(f'insert or replace into {TABLE} values (?, ?, ?, ?)', rows)
    _news.clear()
