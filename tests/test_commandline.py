"""What a person types: misspelt tasks, the order of `doit list`, and `python -m hstlc check`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from doit.exceptions import InvalidDodoFile

from hstlc.__main__ import main
from hstlc.errors import InputError
from hstlc.settings import Settings
from hstlc.simulate import cos, faults
from hstlc.simulate.source import Source
from hstlc.steps.serve import serve_site
from hstlc.tasks import commandline
from hstlc.tasks.commandline import COMMANDS, STAGES, refuse_misspelt, says_yes
from hstlc.tasks.session import ON_REQUEST

ROOT = Path(__file__).parents[1]


def doit(home, *words):
    command = [sys.executable, '-m', 'doit', '-f', str(ROOT / 'dodo.py'), *words] if words[0] not in COMMANDS else None
    command = command or [sys.executable, '-m', 'doit', words[0], '-f', str(ROOT / 'dodo.py'), *words[1:]]
    environ = {**os.environ, 'HSTLC_HOME': str(home)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ, cwd=ROOT)


def test_list_shows_the_tasks_of_a_run_in_its_order_then_those_on_request(tmp_path):
    said = doit(tmp_path / 'home', 'list').stdout
    assert [line.split()[0] for line in said.splitlines()] == [*STAGES[1:], *ON_REQUEST]
    requests = [line.split()[0] for line in said.splitlines() if '(on request' in line]
    assert requests == list(ON_REQUEST)


def test_a_misspelt_task_is_one_line_that_names_the_right_one(tmp_path):
    done = doit(tmp_path / 'home', 'lightcurv')
    assert done.returncode == 3
    assert (done.stdout + done.stderr).strip().splitlines() == [
        "ERROR: there is no task or command 'lightcurv'; did you mean lightcurve? `doit list` shows all tasks"
    ]
    assert not (tmp_path / 'home').exists()


@pytest.mark.parametrize(
    ('words', 'right'),
    [
        (('stat',), 'stats'), (('ligthcurve:ld9m10ujq',), 'lightcurve'), (('lsit',), 'list'), (('forget', 'compsite'), 'composite'),
        (('run', 'page'), 'pages'),
    ],
)  # fmt: skip
def test_what_resembles_a_name_is_refused(words, right):
    with pytest.raises(InvalidDodoFile, match=rf'did you mean {right}\?'):
        refuse_misspelt(words)


def test_a_misspelt_option_is_one_line_with_those_that_there_are(tmp_path):
    done = doit(tmp_path / 'home', 'download', '--targt=GJ436')
    assert done.returncode == 3
    said = (done.stdout + done.stderr).strip()
    assert 'option --targt not recognized' in said
    assert '--dry-run, --limit, --target, --program' in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (('download', '--limit=few'), "--limit cannot be 'few'; it must be a whole number"),
        (('serve', '--port=x'), "--port cannot be 'x'; it must be a whole number"),
        (('reset', '--table=x'), "--table cannot be 'x'; it must be one of production, metadata, outputs, stats, bad_data, all"),
    ],
)
def test_an_option_that_cannot_be_is_one_line_that_says_what_it_can_be(words, said, tmp_path):
    done = doit(tmp_path / 'home', *words)
    assert done.returncode == 3
    assert (done.stdout + done.stderr).strip() == f'ERROR: {said}'


@pytest.mark.parametrize(
    ('name', 'where'),
    [('ingest:foo', '`doit list --all ingest` shows those of ingest'), ('nothing-like-it', '`doit list` shows all tasks')],
)
def test_info_on_a_task_that_is_not_there_is_one_line(name, where, tmp_path):
    done = doit(tmp_path / 'home', 'info', name)
    assert done.returncode == 3
    said = (done.stdout + done.stderr).strip().splitlines()
    assert said == [f"ERROR: there is no task '{name}'; {where}"]


@pytest.mark.parametrize(('said', 'meant'), [('yes', True), ('no', False), (None, False)])
def test_a_variable_says_yes_or_no(said, meant, monkeypatch):
    monkeypatch.setattr(commandline, 'get_var', lambda name, default: said)
    assert says_yes('draft') is meant


def test_a_variable_that_says_neither_is_refused(tmp_path):
    done = doit(tmp_path / 'home', 'corrtag', 'corrtag_extract=ja')
    assert done.returncode != 0
    assert 'corrtag_extract=ja: it is either yes or no' in done.stdout + done.stderr
    assert 'Traceback' not in done.stdout + done.stderr


@pytest.mark.parametrize('port', [-1, 0, 65536, 99999])
def test_a_port_that_cannot_be_is_refused(port, tmp_path):
    with pytest.raises(InputError, match=f'there is no port {port}'):
        serve_site(Settings(home=tmp_path), port)


def test_help_of_a_misspelt_task_is_refused_too():
    with pytest.raises(SystemExit, match='did you mean lightcurve'):
        refuse_misspelt(('help', 'lightcurv'))


@pytest.mark.parametrize('words', [(), ('list',), ('help', 'list'), ('help', 'task'), ('stats:x',), ('mine',), ('run', '_open')])
def test_names_and_what_is_unlike_any_name_are_left_to_doit(words):
    refuse_misspelt(words)


def test_the_names_are_those_of_dodo():
    offered = re.findall(r'\btask_(\w+)', (ROOT / 'dodo.py').read_text(encoding='utf-8'))
    assert sorted(offered) == sorted((*STAGES, *ON_REQUEST))


@pytest.fixture(scope='module')
def delivered(tmp_path_factory):
    """Return a folder of two exposures: one is good, one too short; of the good one the x1d is missing."""
    folder = tmp_path_factory.mktemp('delivered')
    cos.write_fuv(folder, 'lsim50a1q', Source('SIM-STAR-5'), exptime_s=20.0, seed=1, x1d=False)
    cos.write_fuv(folder, 'lsim50a2q', Source('SIM-STAR-5'), exptime_s=0.5, seed=1)
    return folder


def test_check_says_what_passes_and_why_not_and_moves_nothing(delivered, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in delivered.iterdir()}
    assert main(['check', str(delivered)]) == 1
    good, short = capsys.readouterr().out.splitlines()
    assert good == 'lsim50a1q  accepted  SIM-STAR-5, COS FUV G130M/1291, 20.0 s, no x1d beside it'
    assert short.startswith('lsim50a2q  rejected  Short Exposure: 0.512 s of good time, at least 1 s are needed')
    assert {path: path.stat().st_mtime_ns for path in delivered.iterdir()} == before
    assert list(tmp_path.iterdir()) == []
    assert main(['check', str(delivered / 'lsim50a1q_corrtag_b.fits')]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_check_takes_what_a_pattern_of_the_shell_names(tmp_path, capsys):
    """A spectrum stands for its exposure, and is no event list alone."""
    truth = cos.write_fuv(tmp_path, 'lsim50b1q', Source('SIM-STAR-5'), seed=1, exptime_s=20.0)
    x1d = tmp_path / 'lsim50b1q_x1d.fits'
    assert main(['check', *(str(tmp_path / name) for name in truth.files), str(x1d)]) == 0
    said = capsys.readouterr().out
    assert said.startswith('lsim50b1q  accepted')
    assert len(said.splitlines()) == 1
    assert main(['check', str(x1d)]) == 0
    assert capsys.readouterr().out == said
    for name in truth.files:
        if name != x1d.name:
            (tmp_path / name).unlink()
    assert main(['check', str(x1d)]) == 1
    assert 'is no event file' in capsys.readouterr().err


def test_check_judges_by_the_settings(delivered, capsys, monkeypatch, tmp_path):
    (tmp_path / 'hstlc.toml').write_text('min_exptime = 0.1\n')
    monkeypatch.chdir(tmp_path)
    assert main(['check', str(delivered)]) == 0
    assert 'rejected' not in capsys.readouterr().out


def test_check_of_a_damaged_file_is_a_verdict(delivered, capsys, tmp_path):
    path = tmp_path / 'lsim50a1q_corrtag_a.fits'
    path.write_bytes((delivered / path.name).read_bytes())
    faults.truncate(path)
    assert main(['check', str(path)]) == 1
    assert 'lsim50a1q  rejected  Unreadable: lsim50a1q_corrtag_a.fits' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('name', 'said'), [('nothere', 'is not there'), ('', 'holds no event file'), ('x.txt', 'is no event file')]
)
def test_check_of_nothing_is_one_line(name, said, capsys, tmp_path):
    (tmp_path / 'x.txt').touch()
    assert main(['check', str(tmp_path / name)]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


def test_without_a_command_the_help_is_shown(capsys):
    assert main([]) == 2
    assert {'init', 'check', 'extract'} <= set(capsys.readouterr().out.split())


def test_init_prepares_a_folder_in_which_an_archive_can_begin(tmp_path, capsys):
    assert main(['init', str(tmp_path / 'mine')]) == 0
    assert (tmp_path / 'mine' / 'dodo.py').read_bytes() == (ROOT / 'dodo.py').read_bytes()
    assert (tmp_path / 'mine' / 'archive' / 'ingest').is_dir()
    assert str(tmp_path / 'mine' / 'archive' / 'ingest') in capsys.readouterr().out
    (tmp_path / 'mine' / 'dodo.py').write_text('# mine')
    assert main(['init', str(tmp_path / 'mine')]) == 1
    assert 'is there already and differs' in capsys.readouterr().err


def test_an_empty_archive_says_what_to_do(tmp_path):
    home = tmp_path / 'home'
    done = doit(home, 'ingest')
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == (
        f'The archive is empty: put event lists and their x1d files into {home}/ingest, or look at a demo: doit demo'
    )
    (home / 'records').mkdir(exist_ok=True)
    (home / 'records' / 'lone12345.json').write_text('{}')
    assert 'is empty' not in doit(home, 'lightcurve').stdout
