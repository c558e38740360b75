"""Packaged tables and the operator's names."""

from itertools import pairwise
from pathlib import Path

import pytest

from hstlc.errors import InputError
from hstlc.files.aliases import load_aliases, merge, read_aliases
from hstlc.files.operator import read_operator_list
from hstlc.files.tables import load_bad_proposals, load_bands
from hstlc.model import BandKind, ProposalAction
from hstlc.paths import Paths
from hstlc.settings import Settings

# NIST vacuum wavelengths, Angstrom
LINES = {
    'C III 1176': [1174.933, 1175.711, 1176.370],
    'Si III 1206': [1206.500],
    'N V 1239/1243': [1238.821, 1242.804],
    'C II 1335': [1334.532, 1335.708],
    'Si IV 1394/1403': [1393.755, 1402.770],
    'C IV 1548/1551': [1548.195, 1550.772],
    'He II 1640': [1640.474],
    'Mg II 2796/2803': [2796.352, 2803.531],
}


def test_bands_hold_their_lines():
    bands = {band.name: band for band in load_bands()}
    assert {name for name, band in bands.items() if band.kind is BandKind.LINE} == set(LINES)
    for name, wavelengths in LINES.items():
        for wavelength in wavelengths:
            assert sum(lo + 0.5 <= wavelength <= hi - 0.5 for lo, hi in bands[name].windows_aa) == 1, (name, wavelength)


def test_bands_are_whole_angstroms_apart_from_each_other():
    windows = sorted(window for band in load_bands() for window in band.windows_aa)
    assert all(lo == int(lo) and hi == int(hi) and lo < hi for lo, hi in windows)
    assert all(one[1] <= other[0] for one, other in pairwise(windows))
    assert any(band.kind is BandKind.CONTINUUM and band.windows_aa[0][0] > 1800 for band in load_bands())


def test_bad_proposals():
    table = load_bad_proposals()
    rejected = tuple(number for number, row in table.items() if row.action is ProposalAction.REJECT)
    assert rejected == Settings(home=Path('/nowhere')).bad_proposals
    assert table[16431].action is ProposalAction.WARN
    assert all(row.why for row in table.values())


def test_operator_wins(tmp_path):
    (tmp_path / 'target_aliases.csv').write_text(
        '\ufeffalias,name\n# comment\n\nEUROPA2, europa special\nGWLIB,GW-LIB\n', encoding='utf-8'
    )
    aliases = load_aliases(Paths(Settings(home=tmp_path)))
    assert aliases['EUROPA2'] == 'EUROPA-SPECIAL'
    assert aliases['EUROPA3'] == 'EUROPA'
    assert aliases['GWLIB'] == 'GW-LIB'
    assert 'GW-LIB' not in aliases  # the packaged GW-LIB -> GWLIB would go round in a circle


def test_without_operator_there_is_the_packaged_table(tmp_path):
    assert load_aliases(Paths(Settings(home=tmp_path)))['MARS-2'] == 'MARS'


def test_merge_keeps_what_the_operator_does_not_name():
    assert merge({'A': 'B', 'C': 'D'}, {'A': 'X'}) == {'A': 'X', 'C': 'D'}


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('alias,name\nA\n', r'line 2: expected alias,name'),
        ('alias,name\nA,B,C\n', r'line 2: expected alias,name'),
        ('alias,name\n,B\n', r'line 2: expected alias,name'),
        ('alias,name\n\nA,B\nA,C\n', r'line 4: A is B in line 3'),
        ('A,B\nB,A\n', r'line 1: A -> B -> A goes round in a circle'),
        ('A,B\nB,C\nC,B\n', r'goes round in a circle'),
    ],
)
def test_errors_name_file_and_line(tmp_path, text, message):
    path = tmp_path / 'mine.csv'
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_aliases(path)
    assert str(path) in str(caught.value)


def test_other_encodings_are_refused(tmp_path):
    path = tmp_path / 'mine.csv'
    path.write_bytes('É,B'.encode('latin-1'))
    with pytest.raises(InputError, match='UTF-8'):
        read_aliases(path)


def test_a_chain_is_no_circle(tmp_path):
    path = tmp_path / 'mine.csv'
    path.write_text('A,B\nB,C\nC,C\n')
    assert read_aliases(path) == {'A': 'B', 'B': 'C', 'C': 'C'}


@pytest.mark.parametrize(
    'content', [b'rootname,action,reason\n\xff', b'x' * 10_000_001, b'rootname,action,reason\n"' + b'y' * 200_000]
)
@pytest.mark.parametrize('read', [read_aliases, read_operator_list])
def test_operators_tables_that_are_none(tmp_path, content, read):
    path = tmp_path / 'table.csv'
    path.write_bytes(content)
    with pytest.raises(InputError, match=r'table\.csv'):
        read(path)


def test_an_operators_list_may_begin_with_a_mark_of_its_encoding(tmp_path):
    path = tmp_path / 'operator.csv'
    path.write_text('rootname,action,reason\nLEXP01A1Q,exclude,"lamp, in the slit"\n', encoding='utf-8-sig')
    assert read_operator_list(path)['lexp01a1q'].reason == 'lamp, in the slit'
