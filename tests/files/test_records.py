"""Records of a folder: read once in a process, and again when they change."""

from dataclasses import dataclass

import pytest

from hstlc.errors import StateError
from hstlc.files import records


@dataclass(frozen=True)
class Note:
    text: str


def test_a_record_that_became_damaged_is_no_longer_known(tmp_path):
    records.save(tmp_path / 'a.json', Note('a'))
    records.load_all(tmp_path, Note)
    (tmp_path / 'a.json').write_text('{')
    with pytest.raises(StateError, match='is damaged'):
        records.load_all(tmp_path, Note)


def test_a_folder_that_is_not_there_has_no_records(tmp_path):
    assert records.load_all(tmp_path / 'none', Note) == {}


def test_records_of_a_folder_come_in_the_order_of_their_names(tmp_path):
    for name in ('b', 'a-b', 'a'):
        records.save(tmp_path / f'{name}.json', Note(name))
    assert list(records.load_all(tmp_path, Note)) == ['a', 'a-b', 'b']
    assert list(records.load_all(tmp_path, Note, without=('a',))) == ['a-b', 'b']
    assert records.load_all(tmp_path / 'nothing', Note) == {}
