"""Records of a folder: read once in a process, and again when they change."""

import os
from dataclasses import dataclass

import pytest

from hstlc.errors import StateError
from hstlc.files import records


@dataclass(frozen=True)
class Note:
    text: str


def test_a_process_reads_one_version_of_a_record_once(tmp_path):
    for name in ('b', 'a-b', 'a'):
        records.save(tmp_path / f'{name}.json', Note(name))
    first = records.load_all(tmp_path, Note)
    assert first == {name: Note(name) for name in ('a-b', 'a', 'b')}
    assert list(first) == [path.stem for path in sorted(tmp_path.glob('*.json'))]
    assert list(records.load_all(tmp_path, Note, without=('a',))) == ['a-b', 'b']
    info = (tmp_path / 'b.json').stat()
    records.save(tmp_path / 'b.json', Note('c'))
    os.utime(tmp_path / 'b.json', ns=(info.st_atime_ns, info.st_mtime_ns))  # of the same size and time: another file by its number
    again = records.load_all(tmp_path, Note)
    assert again['b'] == Note('c')
    assert again['a'] is first['a']
    (tmp_path / 'a.json').unlink()
    assert list(records.load_all(tmp_path, Note)) == ['a-b', 'b']


def test_a_record_that_became_damaged_is_no_longer_known(tmp_path):
    records.save(tmp_path / 'a.json', Note('a'))
    records.load_all(tmp_path, Note)
    (tmp_path / 'a.json').write_text('{')
    with pytest.raises(StateError, match='is damaged'):
        records.load_all(tmp_path, Note)


def test_a_folder_that_is_not_there_has_no_records(tmp_path):
    assert records.load_all(tmp_path / 'none', Note) == {}
