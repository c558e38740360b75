"""What the program never does, whatever it reads: run data as code, ask a shell, talk in the open, tell secrets."""

import ast
import dataclasses
import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest
from doit.dependency import Dependency, SqliteDB
from downloading import config_folder, environ
from packaging.requirements import Requirement
from packaging.version import Version

from hstlc.mast.addresses import require_secure
from hstlc.settings import Settings
from hstlc.steps.publish import without_password

ROOT = Path(__file__).parents[1]
SOURCES = sorted([ROOT / 'dodo.py', *(ROOT / 'hstlc').rglob('*.py')])
RUNS_DATA = {
    'pickle',
    '_pickle',
    'cPickle',
    'marshal',
    'shelve',
    'dill',
    'cloudpickle',
    'joblib',
    'yaml',
    'dbm',
    'jsonpickle',
    'code',
}
RUNS_TEXT = {'eval', 'exec', 'compile', '__import__'}
ASKS_SHELL = {
    'os.system', 'os.popen', 'subprocess.getoutput', 'subprocess.getstatusoutput', 'pty.spawn', 'os.spawnl', 'os.execl',
    'asyncio.create_subprocess_shell',
}  # fmt: skip
UNGUARDED = {
    'requests.get', 'requests.post', 'requests.request', 'requests.Session', 'requests.session', 'urllib.request.urlopen',
    'urllib.request.urlretrieve', 'http.client.HTTPConnection', 'socket.socket', 'tempfile.mktemp',
}  # fmt: skip
NAMESPACES = ('http://www.w3.org/', 'http://www.sitemaps.org/', 'http://www.ivoa.net/', 'http://127.0.0.1')


def breaches(text):
    """Return what a source does that none should, as (line, what)."""
    return [(node.lineno, what) for node in ast.walk(ast.parse(text)) for what in _of(node)]


def _of(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if alias.name.split('.')[0] in RUNS_DATA]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if (node.module or '').split('.')[0] in RUNS_DATA else []
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if 'http://' in node.value and not _is_namespace(node.value) else []
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return ['a command line as action'] if any(_is_key(key, 'actions') and _has_text(value) for key, value in pairs) else []
    return _of_call(node) if isinstance(node, ast.Call) else []


def _of_call(node):
    name = ast.unparse(node.func)
    found = [name] if name in RUNS_TEXT | ASKS_SHELL | UNGUARDED else []
    for keyword in node.keywords:
        value = ast.unparse(keyword.value)
        forbidden = {'shell': value != 'False', 'allow_pickle': value != 'False', 'verify': value == 'False'}
        found += [f'{keyword.arg}={value}'] if forbidden.get(keyword.arg) else []
        found += ['a command line as action'] if keyword.arg == 'actions' and _has_text(keyword.value) else []
    if name.startswith('subprocess.') and node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr | ast.BinOp):
        found.append('a command as text')
    return found


def _is_key(node, name):
    return isinstance(node, ast.Constant) and node.value == name


def _has_text(node):
    """Whether a list of actions holds a text, which doit would give to a shell."""
    return isinstance(node, ast.List) and any(isinstance(item, ast.Constant | ast.JoinedStr | ast.BinOp) for item in node.elts)


def _is_namespace(text):
    return all(part.startswith(tuple(one.removeprefix('http://') for one in NAMESPACES)) for part in text.split('http://')[1:])


@pytest.mark.parametrize('path', SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_source_runs_what_it_reads(path):
    assert breaches(path.read_text(encoding='utf-8')) == []


DANGERS = """
import pickle
from pickle import loads
import yaml
import shelve
from marshal import load
eval(text)
exec(text)
os.system(name)
subprocess.run(["ls", name], shell=True)
subprocess.run(f"ls {name}")
subprocess.run("ls " + name)
np.load(path, allow_pickle=True)
session.get(url, verify=False)
requests.get(url)
urllib.request.urlopen(url)
URL = "http://example.org"
task = {"actions": [f"ls {name}"]}
task(actions=["ls"])
"""


@pytest.mark.parametrize('line', DANGERS.strip().splitlines())
def test_the_look_at_the_sources_sees(line):
    assert breaches(line) != []


@pytest.mark.parametrize('line', ['re.compile(x)', 'subprocess.run([sys.executable, name])', 'X = "http://www.w3.org/2005/Atom"'])
def test_the_look_at_the_sources_passes(line):
    assert breaches(line) == []


def test_services_are_asked_over_https():
    addresses = [item.default for item in dataclasses.fields(Settings) if item.name.endswith('_url') and item.default]
    assert len(addresses) >= 3
    assert all(require_secure(address).startswith('https://') for address in addresses)


def test_doit_keeps_its_state_as_json(tmp_path):
    """As hstlc configures it; its other codec would run what it reads."""
    text = (ROOT / 'hstlc' / 'tasks' / 'config.py').read_text(encoding='utf-8')
    assert "'backend': 'sqlite3'" in text
    assert 'codec' not in text
    state = Dependency(SqliteDB, str(tmp_path / 'state'))
    state.backend.set('task', 'deps:', ['a', 'b'])
    state.close()
    with closing(sqlite3.connect(tmp_path / 'state')) as database:
        ((task, content),) = database.execute('select task_id, task_data from doit')
    assert task == 'task'
    assert json.loads(content)['deps:'] == ['a', 'b']


OLD_TABLES = """
import loopback
from astropy.time import Time
from astropy.utils import iers
attempts = []
loopback.install(attempts)
iers.LeapSeconds._today = classmethod(lambda cls: iers.iers.Time('2099-01-01'))
{call}
print('attempts', attempts)
"""
CALLS = {
    'dates of headers': 'from hstlc.files.headers import iso_time; iso_time(60000.0)',
    'barycentric times': (
        'import numpy as np; from hstlc.science.times import bjd_offsets; bjd_offsets(np.arange(9.0), 60000.0, 10.0, 20.0, None)'
    ),
    'what astropy does left to itself': 'Time(60000.0, format="mjd").tdb',
}


@pytest.mark.parametrize('name', CALLS)
def test_a_run_asks_nobody_when_its_tables_of_leap_seconds_are_old(name, tmp_path):
    script = OLD_TABLES.format(call=CALLS[name])
    known = {**environ(tmp_path / 'home'), 'PYTHONPATH': os.pathsep.join((str(ROOT), str(ROOT / 'tests')))}
    config_folder(tmp_path / 'home').mkdir()
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', script], env=known, capture_output=True, text=True, check=True)
    asked = done.stdout.splitlines()[-1] != 'attempts []'
    assert asked == (name == 'what astropy does left to itself'), done.stdout


# The first version without the last fault that concerns hstlc. What it uses otherwise has none known, or only in parts not used
# (the server of bokeh).
SOUND = {
    'requests': '2.32.4',  # CVE-2024-47081: passwords of .netrc to other hosts
    'urllib3': '2.6.3',  # CVE-2025-66418, CVE-2025-66471, CVE-2026-21441: unpacking without bounds
    'jinja2': '3.1.6',  # CVE-2025-27516: out of a template
    'astropy': '5.3.3',  # CVE-2023-41334: code by a format of graphs
}


@pytest.mark.parametrize('name', SOUND)
def test_dependencies_are_not_older_than_their_last_fault(name):
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project']
    (requirement,) = (one for one in map(Requirement, project['dependencies']) if one.name == name)
    (least,) = (one.version for one in requirement.specifier if one.operator == '>=')
    assert Version(least) >= Version(SOUND[name])
    assert Version(version(name)) >= Version(SOUND[name])


def test_a_place_to_publish_is_shown_without_password():
    assert without_password('git:https://me:secret@host.org/a/b.git#pages') == 'git:https://host.org/a/b.git#pages'
    assert without_password("fatal: 'https://token@host.org/x'") == "fatal: 'https://host.org/x'"
    assert without_password('me@host.org:folder') == 'me@host.org:folder'  # no password: ssh
