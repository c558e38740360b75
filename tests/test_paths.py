"""File names: built from keys, safe, and never the same for different names."""

import re
from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hstlc.model import GroupKey, Instrument
from hstlc.names import MAX_DIRECTORY, MAX_TARGET, NOT_A_TARGET, composite_stem, directory_name, file_form
from hstlc.paths import Paths, shared
from hstlc.settings import Settings

NASTY = [
    'GJ-436', 'GJ 436', 'GJ/436', 'GJ436', '../GJ436', '.GJ436', 'gj_436', 'V*V1', 'V-V1', '\N{GREEK SMALL LETTER ALPHA} Cen',
    'Cen', '12345', '1', '', ' ', '-',
    'a' * 100, 'a' * 99, 'NGC-1399-' + 'x' * 40, 'NGC-1399-' + 'x' * 39 + 'y', '\N{SNOWMAN}', '\N{COMET}', 'composite', 'COMPOSITE',
    'x\ny', 'x\0y', 'BD+33-2642', 'BD-33-2642', 'a.', 'a..', 'a', 'CON', 'a:b', 'a?b', '2MASS J1207-39',
]  # fmt: skip


def test_known_names_stay_as_they_are():
    assert file_form('GJ-436') == 'gj-436'
    assert file_form('BD+33-2642') == 'bd+33-2642'
    assert directory_name('GJ-436') == 'GJ-436'


def test_different_names_never_meet():
    for one, other in combinations(NASTY, 2):
        assert file_form(one) != file_form(other) or one.strip().lower() == other.strip().lower(), (one, other)
        assert directory_name(one) != directory_name(other) or one.strip() == other.strip(), (one, other)


def test_a_target_is_never_called_as_a_task_of_other_pages():
    assert re.fullmatch('index-[0-9a-f]{4}', file_form('INDEX'))
    assert {file_form(name) for name in NOT_A_TARGET}.isdisjoint(NOT_A_TARGET)


@given(st.text(max_size=120))
def test_a_file_form_is_safe(name):
    form = file_form(name)
    assert 2 <= len(form) <= MAX_TARGET
    assert re.fullmatch(r'[a-z0-9]([a-z0-9+.-]*[a-z0-9])?', form)
    assert '--' not in form
    assert re.search('[a-z]', form)


@given(st.text(max_size=120))
def test_a_directory_name_is_one_safe_folder(name):
    directory = directory_name(name)
    assert directory not in ('', '.', '..')
    assert '/' not in directory
    assert not directory.startswith('.')
    assert len(directory.encode()) <= MAX_DIRECTORY
    assert directory.lower() != 'composite'  # the folder of composites


@given(st.text(max_size=60), st.text(max_size=60))
def test_directories_of_different_names_differ(one, other):
    if one.strip() != other.strip():
        assert directory_name(one) != directory_name(other)


def key(**changes):
    values = {
        'instrume': Instrument.STIS, 'detector': 'FUV-MAMA', 'targname': 'GJ-436', 'opt_elem': 'E140M', 'cenwave': 1425,
        'aperture': '0.2X0.06',
    }  # fmt: skip
    return GroupKey(**(values | changes))


def test_the_name_of_a_composite():
    assert composite_stem(key()) == 'hlsp_hstlc_hst_stis-fuv-mama_gj-436_e140m_1425_0.2x0.06_v1_sci'


def test_everything_of_a_key_shows_in_the_name():
    changes = [{}, {'targname': 'GJ-437'}, {'opt_elem': 'E140H'}, {'cenwave': 0}, {'aperture': '0.2X0.2'}, {'detector': 'NUV-MAMA'}]
    assert len({composite_stem(key(**change)) for change in changes}) == len(changes)


def test_files_lie_in_the_home(tmp_path):
    paths = Paths(Settings(home=tmp_path))
    places = [paths.record('a'), paths.curve('T', 'a'), paths.composite(key()), paths.catalog, *paths.folders()]
    assert all(place.is_relative_to(tmp_path) for place in places)


def test_relative_and_absolute_are_inverse(tmp_path):
    paths = Paths(Settings(home=tmp_path, outputs_dir=Path('/elsewhere')))
    for place in (paths.record('a'), paths.curve('T', 'a')):
        assert paths.absolute(paths.relative(place)) == place
    assert paths.relative(paths.record('a')) == 'records/a.json'


def test_the_dodo_file_is_found():
    assert shared('dodo.py').is_file()
