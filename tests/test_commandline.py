"""What a person types: misspelt tasks, the order of `doit list`, and `python -m hstlc check`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from doit.exceptions import InvalidDodoFile

from hstlc.tasks.commandline import COMMANDS, NAMED, STAGES, refuse_misspelt

ROOT = Path(__file__).parents[1]


def doit(home, *words):
    command = [sys.executable, '-m', 'doit', '-f', str(ROOT / 'dodo.py'), *words] if words[0] not in COMMANDS else None
    command = command or [sys.executable, '-m', 'doit', words[0], '-f', str(ROOT / 'dodo.py'), *words[1:]]
    environ = {**os.environ, 'HSTLC_HOME': str(home)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ, cwd=ROOT)


def test_list_shows_the_tasks_of_a_run_in_its_order_then_those_on_request(tmp_path):
    said = doit(tmp_path / 'home', 'list').stdout
    assert [line.split()[0] for line in said.splitlines()] == [*STAGES[1:], *NAMED]
    requests = [line.split()[0] for line in said.splitlines() if '(on request' in line]
    assert requests == list(NAMED)


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


def test_help_of_a_misspelt_task_is_refused_too():
    with pytest.raises(SystemExit, match='did you mean lightcurve'):
        refuse_misspelt(('help', 'lightcurv'))


@pytest.mark.parametrize('words', [(), ('list',), ('help', 'list'), ('help', 'task'), ('stats:x',), ('mine',), ('run', '_open')])
def test_names_and_what_is_unlike_any_name_are_left_to_doit(words):
    refuse_misspelt(words)


def test_the_names_are_those_of_dodo():
    offered = re.findall(r'\btask_(\w+)', (ROOT / 'dodo.py').read_text(encoding='utf-8'))
    assert sorted(offered) == sorted((*STAGES, *NAMED))
