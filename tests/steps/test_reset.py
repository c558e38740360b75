"""Reset: files go back, products go, rejected exposures stay, and nothing unknown is lost."""

import os

import pytest
from archives import accepted, composite, furnish, individual, rejected, statistics, touch
from tinydb import TinyDB

from hstlc.errors import SettingsError, StateError
from hstlc.model import InputFile
from hstlc.settings import Settings
from hstlc.steps.catalog import write_catalog
from hstlc.steps.home import check_home
from hstlc.steps.reset import plan, reset

ONE, BAD = accepted('lb4c10010'), rejected('lb4c30010')
TAG = accepted('odlm18040', files=(InputFile(name='odlm18040_tag.fits', bytes=3, sha256='0' * 64),))


@pytest.fixture
def paths(tmp_path):
    outcomes = [individual(ONE), composite(ONE)]
    paths = furnish(Settings(home=tmp_path), [ONE, BAD, TAG], outcomes, {outcomes[0].stem: statistics()})
    touch(paths.corrtag('GJ-436', 'odlm18040'))  # derived
    touch(paths.plots / 'pie_config_cos_fuv.html')
    touch(paths.site / 'targets' / 'gj-436.html')
    for folder in paths.folders():
        folder.mkdir(exist_ok=True, parents=True)
    paths.marker.touch()
    write_catalog(paths.settings)
    return paths


def run(paths, *, filesystem=False, database=False, table=''):
    scope = plan(paths.settings, filesystem=filesystem, database=database, table=table)
    return reset(paths.settings, scope)


def tables(paths):
    with TinyDB(paths.catalog) as database:
        return {name: len(database.table(name)) for name in ('metadata', 'outputs', 'bad_data', 'stats')}


def names(folder):
    return sorted(os.listdir(folder))


def test_a_plan_changes_nothing_and_says_what_will_happen(paths):
    before = sorted(paths.home.rglob('*'))
    scope = plan(paths.settings, filesystem=False, database=False, table='')
    assert sorted(paths.home.rglob('*')) == before
    assert f'go back to {paths.ingest}: 3.' in scope.describe()
    assert 'metadata, outputs, stats' in scope.describe()
    assert 'Rejected exposures, which stay as they are: 1.' in scope.describe()


def test_everything_goes_back_to_before_ingest(paths):
    run(paths)
    assert names(paths.ingest) == [
        'lb4c10010_corrtag_a.fits',
        'lb4c10010_x1d.fits',
        'odlm18040_tag.fits',
    ]  # without the derived corrtag
    assert names(paths.filesystem) == []
    assert names(paths.outputs) == ['composite']
    assert names(paths.composites) == names(paths.site) == []
    assert [path.name for path in paths.records.glob('*.json')] == ['lb4c30010.json']
    assert names(paths.bad_data) == ['lb4c30010_corrtag_a.fits', 'lb4c30010_x1d.fits']
    assert tables(paths) == {'metadata': 0, 'outputs': 0, 'bad_data': 1, 'stats': 0}
    assert not paths.put_aside.exists()


@pytest.mark.parametrize('waiting_is_newer', [True, False])
def test_of_two_files_of_one_name_the_newer_waits_and_the_other_is_put_aside(paths, waiting_is_newer):
    waiting = touch(paths.ingest / 'lb4c10010_x1d.fits', 'waiting')
    os.utime(waiting, ns=(0, 0) if not waiting_is_newer else (2**62, 2**62))
    said = run(paths)
    assert said.endswith(f'Files put aside in {paths.put_aside}: 1.')
    (aside,) = [path for path in paths.put_aside.rglob('*') if path.is_file()]
    contents = (waiting.read_text(), aside.read_text())
    assert contents == (('waiting', 'abc') if waiting_is_newer else ('abc', 'waiting'))


def test_a_copy_with_the_same_content_needs_no_second_one(paths):
    touch(paths.ingest / 'lb4c10010_x1d.fits', 'abc')
    run(paths)
    assert not paths.put_aside.exists()


OWN = (
    'outputs/GJ-436/notes.txt', 'filesystem/GJ-436/notes.txt', 'site/thesis.tex', 'plots/data.db', 'site/CNAME',
    'site/about/me.html', 'site/portrait.png', 'plots/talk.png', 'plots/periodogram_subset/best.txt', 'outputs/GJ-436/best.png',
)  # fmt: skip


@pytest.mark.parametrize('own', OWN)
def test_unknown_files_are_put_aside_not_removed(paths, own):
    touch(paths.home / own, 'precious')
    run(paths)
    assert (paths.put_aside / own).read_text() == 'precious'


def test_only_the_filesystem(paths):
    run(paths, filesystem=True)
    assert len(names(paths.ingest)) == 3
    assert paths.record('lb4c10010').exists()
    assert tables(paths)['metadata'] == 2


def test_only_the_database(paths):
    said = run(paths, database=True)
    assert 'doit reset --filesystem' in said
    assert names(paths.ingest) == []
    assert paths.curve('GJ-436', 'lb4c10010').exists()
    assert tables(paths) == {'metadata': 0, 'outputs': 0, 'bad_data': 1, 'stats': 0}


@pytest.mark.parametrize(
    ('table', 'left'),
    [
        ('production', {'metadata': 0, 'outputs': 0, 'bad_data': 1, 'stats': 0}),
        ('metadata', {'metadata': 0, 'outputs': 0, 'bad_data': 1, 'stats': 1}),
        ('stats', {'metadata': 2, 'outputs': 2, 'bad_data': 1, 'stats': 0}),
        ('bad_data', {'metadata': 2, 'outputs': 2, 'bad_data': 0, 'stats': 1}),
        ('all', {'metadata': 0, 'outputs': 0, 'bad_data': 0, 'stats': 0}),
    ],
)
def test_a_table_is_emptied_with_its_records(paths, table, left):
    run(paths, table=table)
    assert tables(paths) == left
    write_catalog(paths.settings)  # the next run does not bring the rows back
    assert tables(paths) == left
    assert paths.curve('GJ-436', 'lb4c10010').exists()


def test_outputs_are_emptied_of_products_not_of_exposures(paths):
    run(paths, table='outputs')
    with TinyDB(paths.catalog) as database:
        assert [row['individual_filename'] for row in database.table('outputs')] == [None, None]


def inputs(paths):
    """Return the contents of Hubble's files by name, wherever they are."""
    folders = (paths.ingest, paths.filesystem, paths.bad_data, paths.put_aside)
    files = [path for folder in folders for path in folder.rglob('*.fits') if path.is_file()]
    return sorted((path.name, path.read_text()) for path in files if path.name != 'odlm18040_corrtag.fits')  # which is derived


@pytest.mark.parametrize('table', ['', 'production', 'metadata', 'outputs', 'stats', 'bad_data', 'all'])
@pytest.mark.parametrize('filesystem', [False, True])
@pytest.mark.parametrize('database', [False, True])
def test_inputs_survive_every_combination_of_options(paths, filesystem, database, table):
    touch(paths.ingest / 'lb4c10010_x1d.fits', 'another one that waits')
    before = inputs(paths)
    assert len(before) == 6
    run(paths, filesystem=filesystem, database=database, table=table)
    assert inputs(paths) == before
    run(paths, filesystem=True)
    assert inputs(paths) == before


def test_a_home_that_is_not_ours_is_refused(paths):
    paths.marker.unlink()
    before = sorted(paths.home.rglob('*'))
    with pytest.raises(StateError, match='no archive of hstlc, it has no file'):
        run(paths)
    assert sorted(paths.home.rglob('*')) == before


@pytest.mark.parametrize('made', ['outputs', 'plot', 'site', 'composite'])
@pytest.mark.parametrize('kept', ['ingest', 'filesystem', 'bad_data', 'download'])
def test_inputs_cannot_lie_where_products_are_removed(tmp_path, made, kept):
    folders = {f'{made}_dir': tmp_path / 'data', f'{kept}_dir': tmp_path / 'data' / 'here'}
    with pytest.raises(SettingsError, match='cannot lie in'):
        check_home(Settings(home=tmp_path / 'home', **folders))
    (tmp_path / 'data').mkdir()
    (tmp_path / 'link').symlink_to(tmp_path / 'data')
    folders[f'{kept}_dir'] = tmp_path / 'link' / 'here'
    with pytest.raises(SettingsError, match='cannot lie in'):
        check_home(Settings(home=tmp_path / 'home', **folders))


def test_resetting_twice_is_resetting_once(paths):
    run(paths)
    before = {path: path.stat().st_mtime_ns for path in paths.home.rglob('*') if path.is_file()}
    run(paths)
    assert {path: path.stat().st_mtime_ns for path in paths.home.rglob('*') if path.is_file()} == before
