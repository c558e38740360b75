"""Settings: where they come from, and what is said about wrong ones."""

import dataclasses
from pathlib import Path

import pytest

from hstlc.errors import SettingsError
from hstlc.paths import Paths
from hstlc.settings import Settings, load, names

FOLDERS = {
    'ingest_dir': 'ingest', 'filesystem_dir': 'filesystem', 'bad_data_dir': 'bad_data', 'outputs_dir': 'outputs',
    'composite_dir': 'composites', 'plot_dir': 'plots', 'log_dir': 'logs', 'download_dir': 'download', 'site_dir': 'site',
}  # fmt: skip


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / 'hstlc.toml'
    path.write_text(text)
    return path


def test_without_a_file_the_home_lies_beside_dodo(tmp_path):
    assert load({}, tmp_path).home == tmp_path / 'archive'


def test_the_environment_overrides_the_file(tmp_path):
    write(tmp_path, 'home = "mine"')
    assert load({}, tmp_path).home == tmp_path / 'mine'
    assert load({'HSTLC_HOME': str(tmp_path / 'other')}, tmp_path).home == tmp_path / 'other'


def test_the_named_file_comes_before_that_of_the_home_and_that_beside_dodo(tmp_path):
    write(tmp_path, 'title = "beside dodo"')
    environ = {'HSTLC_HOME': str(tmp_path / 'home')}
    assert load(environ, tmp_path).title == 'beside dodo'
    write(tmp_path / 'home', 'title = "in the home"')
    assert load(environ, tmp_path).title == 'in the home'
    named = write(tmp_path / 'elsewhere', 'title = "named"')
    assert load({**environ, 'HSTLC_CONFIG': str(named)}, tmp_path).title == 'named'


def test_folders_of_a_file_are_relative_to_it(tmp_path):
    named = write(tmp_path / 'elsewhere', 'home = "a"\nsite_dir = "../b"')
    settings = load({'HSTLC_CONFIG': str(named)}, tmp_path)
    assert (settings.home, settings.site_dir) == (tmp_path / 'elsewhere' / 'a', tmp_path / 'b')


def test_folders_of_a_file_in_the_home_are_relative_to_it_too(tmp_path):
    write(tmp_path / 'home', 'plot_dir = "../pictures"')
    assert load({'HSTLC_HOME': str(tmp_path / 'home')}, tmp_path / 'elsewhere').plot_dir == tmp_path / 'pictures'


@pytest.mark.parametrize(('setting', 'folder'), FOLDERS.items())
def test_each_folder_can_be_set_on_its_own(tmp_path, setting, folder):
    write(tmp_path, f'{setting} = "/somewhere/else"')
    changed, usual = Paths(load({}, tmp_path)), Paths(Settings(home=tmp_path / 'archive'))
    different = {name for name in FOLDERS.values() if getattr(changed, name) != getattr(usual, name)}
    assert getattr(changed, folder) == Path('/somewhere/else')
    assert different == ({'outputs', 'composites'} if folder == 'outputs' else {folder})


def test_an_unknown_key_names_the_nearest(tmp_path):
    path = write(tmp_path, 'ingest_dri = "x"')
    with pytest.raises(SettingsError, match="'ingest_dri'; did you mean 'ingest_dir'") as error:
        load({}, tmp_path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('step = "fast"', "'step' cannot be 'fast'; it must be a number"),
        ('step = 0', "'step' must be greater than 0"),
        ('step = true', "'step' cannot be True"),
        ('step = 0.5', "'step' must not be smaller than 'grid_step'"),
        ('num_cores = -1', "'num_cores' must be 0"),
        ('num_cores = 1.5', "'num_cores' cannot be 1.5; it must be a whole number"),
        ('airglow = "never"', 'it must be one of auto'),
        ('bad_proposals = ["x"]', 'a list of whole numbers'),
        ('home = 3', 'it must be a folder name'),
        ('title = ', 'is not valid TOML'),
    ],
)
def test_a_wrong_value_is_explained(tmp_path, text, message):
    write(tmp_path, text)
    with pytest.raises(SettingsError, match=message):
        load({}, tmp_path)


def test_a_named_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match='HSTLC_CONFIG names'):
        load({'HSTLC_CONFIG': str(tmp_path / 'nothing.toml')}, tmp_path)


def test_whole_numbers_serve_as_numbers(tmp_path):
    write(tmp_path, 'step = 3\nwmin = 1200')
    settings = load({}, tmp_path)
    assert (settings.step, settings.wmin) == (3.0, 1200.0)
    assert isinstance(settings.step, float)


def test_settings_are_frozen_and_their_subset_is_plain(tmp_path):
    settings = Settings(home=tmp_path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.step = 3.0
    assert settings.subset('home', 'bad_proposals') == {'home': str(tmp_path), 'bad_proposals': [13635]}
    assert set(FOLDERS) < set(names())
