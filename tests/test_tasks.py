"""Doit drives the steps: the real tasks, reporter, catalog, prune and reset, on the steps of `miniature`."""

import dataclasses
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from hstlc import compute
from hstlc.paths import Paths
from hstlc.settings import Settings, names
from hstlc.tasks import building, config, exposures, index, lightcurves, requests, site
from hstlc.tasks.building import Step, fingerprint
from hstlc.tasks.filechanges import FileChanged
from hstlc.tasks.session import ON_REQUEST, make

TESTS = Path(__file__).parent
FIRST = {
    'aaaa01010': {'targname': 'GJ436'},
    'aaaa02010': {'targname': 'GJ436', 'day': 1},
    'bbbb01010': {'targname': 'WD0308'},
    'cccc01010': {'targname': 'JUNK', 'bad': True},
}
GJ436 = 'hlsp_hstlc_hst_cos-fuv_gj436_g130m_1291_psa_v1_sci'


class Archive:
    """A home, and doit on it."""

    def __init__(self, home):
        self.home = home

    def put(self, **files):
        (self.home / 'ingest').mkdir(parents=True, exist_ok=True)
        for rootname, facts in files.items():
            (self.home / 'ingest' / f'{rootname}_corrtag.fits').write_text(json.dumps(facts))
        return self

    @property
    def command(self):
        return [sys.executable, '-m', 'doit', '-f', str(TESTS / 'miniature_dodo.py')]

    @property
    def environ(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith('HSTLC_')}
        return {**kept, 'HSTLC_HOME': str(self.home)}

    def doit(self, *arguments, code=0):
        done = subprocess.run(
            [*self.command, *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=300,  # of a busy machine
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def files(self, *folders):
        """Return time, size and hash of every file but logs."""
        tops = [self.home / folder for folder in folders] or [self.home]
        found = [path for top in tops for path in top.rglob('*') if path.is_file() and path.parent.name != 'logs']
        return {str(path.relative_to(self.home)): (path.stat().st_mtime_ns, path.stat().st_size, digest(path)) for path in found}

    def products(self):
        """Return the hash of everything that is made."""
        kinds = ('outputs', 'plots', 'site', 'records/lightcurves', 'records/stats')
        return {name: facts[2] for name, facts in self.files(*kinds).items()} | {'catalog': digest(self.home / 'hstlc.json')}

    def changed(self, before):
        after = self.files()
        return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / 'home').put(**FIRST)


@pytest.fixture
def done(archive):
    archive.doit()
    return archive


def test_a_run_makes_everything_and_a_second_one_nothing(archive):
    said = archive.doit()
    assert 'Exposures: 3 accepted, 1 rejected (Short Exposure 1)' in said
    before = archive.files()
    assert {f'outputs/composite/{GJ436}.fits', 'outputs/GJ436/aaaa01010_curve.fits', 'hstlc.json', 'site/index.html'} <= set(before)
    said = archive.doit()
    assert 'nothing to do' in said
    assert archive.changed(before) == set()
    assert len(list((archive.home / 'logs').iterdir())) == 2


def test_a_run_without_work_imports_nothing_heavy_and_starts_no_process(done):
    command = [sys.executable, '-X', 'importtime', *done.command[1:], '-n', '2']
    told = subprocess.run(command, env=done.environ, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    assert 'nothing to do' in told.stdout
    imported = {line.rpartition('|')[2].strip() for line in told.stderr.splitlines()}
    assert 'hstlc.tasks.site' in imported
    assert not imported & {'numpy', 'scipy', 'astropy', 'matplotlib', 'bokeh', 'jinja2', 'distributed', 'asyncio'}
    assert 'multiprocessing.popen_fork' not in imported


def test_one_more_exposure_runs_only_its_own_chain(done):
    before = done.files()
    done.put(bbbb02010={'targname': 'WD0308', 'day': 2}).doit()
    changed = done.changed(before)
    assert 'outputs/WD0308/bbbb02010_curve.fits' in changed
    assert 'outputs/composite/hlsp_hstlc_hst_cos-fuv_wd0308_g130m_1291_psa_v1_sci.fits' in changed
    assert {'records/listings/wd0308.json', 'site/index.html', 'hstlc.json'} <= changed
    assert not {name for name in changed if 'aaaa' in name or 'gj436' in name or 'bbbb01010' in name}


def test_removed_products_come_back_byte_for_byte(done):
    before = done.products()
    for name in (
        'outputs/GJ436/aaaa01010_curve.fits',
        'outputs/GJ436/aaaa02010_dynspec.fits.gz',
        f'outputs/composite/{GJ436}.fits',
    ):
        (done.home / name).unlink()
    for name in ('hstlc.json', 'site/index.html', 'site/guide/index.html', 'site/targets/gj436.html', 'records/targets.json'):
        (done.home / name).unlink()
    done.doit()
    assert done.products() == before


def test_a_product_that_was_cut_short_is_made_again(done):
    before = done.products()
    (done.home / 'outputs/GJ436/aaaa01010_curve.fits').write_text('')
    done.doit()
    assert done.products() == before


def test_reset_and_run_gives_the_same_again(done):
    before = done.products()
    done.doit('reset', '--yes')
    assert not list((done.home / 'outputs').rglob('*.fits'))
    assert not list((done.home / 'records' / 'listings').iterdir())
    assert done.doit().count('3 accepted') == 1
    assert done.products() == before


def test_reset_asks_first(done):
    before = done.files()
    assert 'doit reset --yes' in done.doit('reset', code=1)
    assert done.changed(before) == set()


def test_reset_takes_a_table(done):
    assert 'Emptied: stats' in done.doit('reset', '--yes', '--table', 'stats')
    assert not list((done.home / 'records' / 'stats').iterdir())
    assert list((done.home / 'outputs').rglob('*.fits'))


def test_a_failing_step_leaves_the_others_running(archive):
    archive.put(dddd01010={'targname': 'GJ436', 'fail': True}, dddd02010={'targname': 'WD0308', 'crash': True})
    said = archive.doit(code=2)
    assert 'lightcurve:dddd01010 failed: ' in said
    assert 'cannot be used; replace it' in said
    assert 'ZeroDivisionError: a bug; please report it' in said
    assert '2 failed' in said
    assert 'Traceback' not in said
    (log,) = (archive.home / 'logs').iterdir()
    assert log.read_text().count('Traceback') == 2
    made = archive.files()
    assert {'hstlc.json', 'site/index.html', 'site/guide/index.html', f'outputs/composite/{GJ436}.fits'} <= set(made)
    assert 'lightcurve:dddd01010 failed' in archive.doit(code=2)  # tried again until it is mended
    archive.put(dddd01010={'targname': 'GJ436'}, dddd02010={'targname': 'WD0308'}).doit()


def test_a_redelivered_exposure_replaces_what_was_made_of_it(done):
    before = done.products()
    done.put(aaaa02010={'targname': 'GJ436', 'day': 1, 'better': True}).doit()
    after = done.products()
    changed = {name for name in before if before[name] != after[name]}
    assert {'outputs/GJ436/aaaa02010_curve.fits', f'outputs/composite/{GJ436}.fits'} <= changed
    assert 'outputs/GJ436/aaaa01010_curve.fits' not in changed


def test_what_belongs_to_a_rejected_exposure_is_put_aside(done):
    done.put(bbbb01010={'targname': 'WD0308', 'bad': True}).doit()
    left = set(done.files())
    assert not {
        name for name in left if ('bbbb01010' in name or 'wd0308' in name) and name.split('/')[0] in ('outputs', 'plots', 'site')
    }
    assert 'put_aside/outputs/WD0308/bbbb01010_curve.fits' in left
    assert 'bbbb01010_curve.fits' not in (done.home / 'hstlc.json').read_text()
    assert 'nothing to do' in done.doit()


def test_only_steps_that_use_a_setting_run_again_when_it_changes(done):
    (done.home / 'hstlc.toml').write_text('title = "Another"')
    before = done.files()
    done.doit()
    assert done.changed(before) <= {'.doit.db'}  # the miniature's pages hold no title
    (done.home / 'hstlc.toml').write_text('step = 4')
    done.doit()
    assert 'step 4.0' in (done.home / 'outputs/GJ436/aaaa01010_curve.fits').read_text()


def test_an_unknown_task_is_reported(done):
    assert "there is no task 'lightcurve:nosuch'" in done.doit('lightcurve:nosuch', code=2)
    assert 'nosuch' in done.doit('nosuch', code=3)


def test_one_task_by_name_from_a_clean_start(archive):
    archive.doit('lightcurve:aaaa01010')
    made = archive.files()
    assert 'outputs/GJ436/aaaa01010_curve.fits' in made
    assert 'outputs/GJ436/aaaa02010_curve.fits' not in made
    assert (archive.home / 'logs').iterdir().__next__().name.startswith('lightcurve-aaaa01010_')


def test_one_process_makes_the_same_as_many(archive, tmp_path):
    archive.doit('-n', '3')
    other = Archive(tmp_path / 'other').put(**FIRST)
    (tmp_path / 'other' / 'hstlc.toml').write_text('num_cores = 1')
    other.doit()
    assert archive.products() == other.products()


def test_clean_removes_what_can_be_made_again_and_forget_forgets(done):
    before = done.products()
    done.doit('clean')
    left = set(done.files())
    assert not {name for name in left if name.startswith(('outputs/', 'plots/', 'site/', 'records/lightcurves', 'hstlc.json'))}
    assert 'filesystem/GJ436/aaaa01010_corrtag.fits' in left
    assert 'records/aaaa01010.json' in left
    done.doit()
    assert done.products() == before
    files = done.files('outputs', 'site', 'plots', 'records')
    done.doit('forget')
    assert ' made' in done.doit()
    assert done.files('outputs', 'site', 'plots', 'records') == files  # made again, found equal, left alone


def test_a_second_run_says_who_holds_the_lock(done):
    code = (
        f'from hstlc.lock import Lock; from pathlib import Path; Lock(Path({str(done.home / ".lock")!r})).take(); print(); input()'
    )
    with subprocess.Popen([sys.executable, '-c', code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=TESTS.parent) as holder:
        holder.stdout.readline()
        said = done.doit(code=2)
        assert f'another run is going on in {done.home}: process {holder.pid}' in said
        assert 'Traceback' not in said
        assert 'lightcurve' in done.doit('list')  # looking is always possible
        holder.communicate()
    done.doit()


def test_a_killed_run_loses_little(archive):
    archive.put(**{f'eeee{number:02}010': {'targname': 'WD0308', 'sleep': 0.2} for number in range(20)})
    running = subprocess.Popen(archive.command, env=archive.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    curves = archive.home / 'outputs' / 'WD0308'
    wait_for(lambda: len(list(curves.glob('*_curve.fits'))) > 15)
    running.kill()
    running.communicate()
    said = archive.doit()
    made = next(line for line in said.splitlines() if line.startswith('lightcurve'))
    assert int(made.split()[1]) < 20


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_ends_in_order_and_the_next_goes_on(archive, number):
    archive.put(**{f'eeee{index:02}010': {'targname': 'WD0308', 'sleep': 0.2} for index in range(10)})
    with subprocess.Popen(
        archive.command, env=archive.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        wait_for(lambda: list((archive.home / 'outputs').glob('WD0308/*')))
        running.send_signal(number)
        said, _ = running.communicate(timeout=20)
    assert running.returncode != 0
    assert 'Stopped before the end' in said
    assert 'Traceback' not in said
    assert not (archive.home / '.lock').exists()
    assert not list(archive.home.rglob('*.part'))
    archive.doit()


def wait_for(condition):
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail('waited 20 s in vain')


def test_a_damaged_record_ends_the_run_with_one_sentence(done):
    (done.home / 'records' / 'aaaa01010.json').write_text('{')
    said = done.doit(code=2)
    assert 'aaaa01010.json is damaged' in said
    assert 'Traceback' not in said


def test_a_foreign_folder_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / 'thesis.tex').touch()
    assert 'choose an empty folder as home' in Archive(tmp_path).doit(code=3)
    assert os.listdir(tmp_path) == ['thesis.tex']


def test_a_wrong_setting_is_explained_without_traceback(archive):
    (archive.home / 'hstlc.toml').write_text('stepp = 2')
    said = archive.doit(code=3)
    assert "there is no setting 'stepp'; did you mean 'step'" in said
    assert 'Traceback' not in said


def test_list_says_what_each_task_does_and_creates_nothing(tmp_path):
    home = tmp_path / 'nothing'
    said = Archive(home).doit('list')
    assert not home.exists()
    stages = [stage for stage in (*config.STAGES, *ON_REQUEST) if not stage.startswith('_')]
    lines = {line.split()[0]: line for line in said.splitlines()}
    assert sorted(lines) == sorted(stages)
    assert all(line.rstrip().endswith(('.', ').')) for line in lines.values())


STEPS = {
    f'{module.__name__.rpartition(".")[2]}.{name}': step
    for module in (exposures, lightcurves, site, index, requests)
    for name, step in vars(module).items()
    if isinstance(step, Step)
}


@pytest.mark.parametrize('name', STEPS)
def test_every_step_exists_and_uses_settings_that_exist(name):
    assert callable(compute.find(STEPS[name].function))
    assert set(STEPS[name].settings) <= set(names())


def test_steps_run_again_when_a_table_that_they_read_changes(monkeypatch, tmp_path):
    monkeypatch.setattr(building, 'current', lambda: SimpleNamespace(settings=Settings(home=tmp_path)))
    used, digests = building._used.__wrapped__, {}
    for text in ('name', 'another name'):
        monkeypatch.setattr(building, 'packaged', lambda name, text=text: text)
        digests[text] = {name: building._md5(used(step)) for name, step in STEPS.items()}
    changed = {name for name in STEPS if digests['name'][name] != digests['another name'][name]}
    assert changed == {'exposures.LIGHTCURVE', 'lightcurves.COMPOSITE', 'lightcurves.STATS'}


def test_tasks_name_the_files_that_steps_write(tmp_path):
    from archives import accepted, individual

    from hstlc.steps import plots, summaries

    paths, outcome = Paths(Settings(home=tmp_path)), individual(accepted('lb4c10010'))
    assert site.plot_targets(paths, outcome.stem, outcome.product.path) == [
        str(path) for path in plots.plot_targets(paths, outcome)
    ]
    assert set(index.SUMMARY_NAMES) == set(summaries.summary_names())


def test_a_file_changed_when_its_time_or_size_did(tmp_path):
    path, checker = tmp_path / 'x', FileChanged()
    path.write_text('one')
    state = json.loads(json.dumps(checker.get_state(str(path), None)))  # as doit stores it
    assert checker.get_state(str(path), state) is None
    assert not checker.check_modified(str(path), checker.info(str(path)), state)
    time_ns = path.stat().st_mtime_ns
    path.write_text('three')
    os.utime(path, ns=(time_ns, time_ns))
    assert checker.check_modified(str(path), checker.info(str(path)), state)
    path.write_text('two')
    os.utime(path, ns=(time_ns + 1, time_ns + 1))
    assert checker.check_modified(str(path), checker.info(str(path)), state)


def test_files_are_looked_up_in_a_list_until_their_folder_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(FileChanged, 'FRESH_S', -1)
    checker, files = FileChanged(), [str(tmp_path / str(number)) for number in range(100)]
    for file in files:
        Path(file).touch()
    assert all(map(checker.exists, files))
    assert not checker.exists(str(tmp_path / 'new'))
    (tmp_path / 'new').touch()
    os.utime(tmp_path, ns=(1, 1))  # the clock of files is coarse
    assert checker.exists(str(tmp_path / 'new'))
    Path(files[0]).unlink()
    assert not checker.exists(files[0])


def test_a_fingerprint_sees_names_sizes_and_times(tmp_path):
    (tmp_path / 'a').mkdir()
    seen = {fingerprint(str(tmp_path))}
    for content in ('1', '22'):
        (tmp_path / 'a' / 'x').write_text(content)
        seen.add(fingerprint(str(tmp_path)))
    os.utime(tmp_path / 'a' / 'x', ns=(5, 5))
    seen.add(fingerprint(str(tmp_path)))
    (tmp_path / 'a' / 'x').rename(tmp_path / 'a' / 'y')
    seen.add(fingerprint(str(tmp_path)))
    assert len(seen) == 5
    assert fingerprint(str(tmp_path / 'nothing')) == fingerprint(str(tmp_path / 'nowhere'))


@pytest.mark.parametrize(
    ('line', 'words', 'requested'),
    [
        ('-f x/dodo.py -n 2', (), None),
        ('lightcurve:a corrtag_extract=yes', ('lightcurve:a',), None),
        ('reset --table metadata --yes', ('reset',), 'reset'),
        ('-f reset run demo', ('run', 'demo'), 'demo'),
    ],
)
def test_the_command_line_is_understood(tmp_path, line, words, requested):
    session = make({}, line.split(), tmp_path, tmp_path)
    assert (session.words, session.requested) == (words, requested)


def test_folders_of_the_environment_are_relative_to_where_doit_is_called(tmp_path):
    session = make({'HSTLC_HOME': 'here'}, [], tmp_path / 'dodo', tmp_path / 'called')
    assert session.settings.home == tmp_path / 'called' / 'here'
    assert dataclasses.replace(session, words=('list',)).only_looks
