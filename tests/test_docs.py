"""The guide says all there is: every setting, column, flag, warning, reason, task; and its links lead somewhere."""

import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from inspect import getdoc, signature
from pathlib import Path

import pytest
from archive_builders import exposure, light_curve
from archives import accepted, composite, individual, rejected, statistics

import hstlc
from hstlc import __version__, catalog, settings
from hstlc.__main__ import parser
from hstlc.files.columns import COLUMNS
from hstlc.files.headers import light_curve_cards, primary_cards
from hstlc.files.products import PROVENANCE_COLUMNS
from hstlc.model import QUALITY_MEANINGS, Quality, Reason, Statistics
from hstlc.settings import CHOICES, Settings
from hstlc.simulate.archive import WRITERS
from hstlc.site.words import WARNINGS
from hstlc.tasks import download, requests

ROOT = Path(__file__).parents[1]
CONTENT = ROOT / 'content'
PAGES = sorted(path.relative_to(CONTENT).as_posix() for path in CONTENT.rglob('*.md'))
CODE = re.compile(r'`([^`\n]+)`')
FENCED = re.compile(r'^ *```.*?^ *```', re.DOTALL | re.MULTILINE)
LINK = re.compile(r'\[[^\]]*\]\(([^)\s]+)\)')
CODES = re.compile(r"""['"](W_[A-Z0-9]+)['"]""")
WORDS_FOR_CODES = 'words.py'  # sentences for the site, also for codes that no step emits yet
NUMBERED = re.compile(r'[A-Z]+\d+')


def page(name):
    return (CONTENT / name).read_text(encoding='utf-8')


def marked(name):
    """Return everything that a page sets in code type, split at commas and blanks."""
    return {part for item in CODE.findall(FENCED.sub('', page(name))) for part in re.split(r'[\s,]+', item)}


def rows(name):
    """Return the cells of every table row of a page."""
    lines = (line.strip() for line in page(name).splitlines())
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in lines if line.startswith('|')]


def first_cells(name):
    return {item for cells in rows(name) for item in CODE.findall(cells[0])}


def sources():
    return sorted((ROOT / 'hstlc').rglob('*.py'))


def emitted_codes():
    """Return every W_ code that a module other than the site's words names as a string."""
    return {code for path in sources() if path.name != WORDS_FOR_CODES for code in CODES.findall(path.read_text(encoding='utf-8'))}


def task_names():
    """Return the tasks whose creators are in hstlc/tasks."""
    texts = [path.read_text(encoding='utf-8') for path in sorted((ROOT / 'hstlc' / 'tasks').glob('*.py'))]
    return {name for text in texts for name in re.findall(r'^def task_(\w+)\(', text, re.MULTILINE)}


@pytest.mark.parametrize('name', settings.names())
def test_every_setting_is_described(name):
    assert name in first_cells('settings.md')


def test_stated_defaults_are_the_defaults():
    stated = {
        CODE.findall(cells[0])[0]: CODE.findall(cells[1])
        for cells in rows('settings.md')
        if len(cells) == 3 and CODE.match(cells[0])
    }
    checked = 0
    for item in fields(Settings):
        if item.name == 'home' or item.default is None or item.name not in stated:
            continue
        value = tomllib.loads(f'x = {stated[item.name][0]}')['x']
        assert (tuple(value) if isinstance(value, list) else value) == item.default, item.name
        checked += 1
    assert checked >= 15


@pytest.mark.parametrize(('name', 'choice'), [(name, choice) for name, choices in CHOICES.items() for choice in choices])
def test_every_choice_of_a_setting_is_described(name, choice):
    row = next(cells for cells in rows('settings.md') if cells[0] == f'`{name}`')
    assert choice in {item.strip("'") for item in CODE.findall(' '.join(row))}


def test_light_curve_columns_are_described_in_their_order():
    described = [CODE.findall(cells[0])[0] for cells in rows('products.md') if CODE.fullmatch(cells[0])]
    names = [column.name for column in COLUMNS]
    start = described.index(names[0])
    assert described[start : start + len(names)] == names


def test_units_of_columns_are_stated():
    stated = {CODE.findall(cells[0])[0]: cells[1] for cells in rows('products.md') if len(cells) == 3 and CODE.fullmatch(cells[0])}
    plain = str.maketrans({'⁻': '-', '¹': '1', '²': '2', 'Å': 'A'})
    for column in COLUMNS:
        assert stated[column.name].translate(plain) == (column.unit or '').replace('Angstrom', 'A'), column.name


@pytest.mark.parametrize('name', [name for name, _, _ in PROVENANCE_COLUMNS])
def test_every_provenance_column_is_described(name):
    assert name in first_cells('products.md')


def test_every_header_keyword_is_described():
    lc = light_curve([exposure('lone', start=55555.0, exptime=301.0)])
    keywords = {card[0] for card in (*primary_cards(lc, 'x.fits', '10.1/x'), *light_curve_cards(lc))}
    wanted = {keyword for keyword in keywords if not NUMBERED.fullmatch(keyword)} - {'FILENAME', ''}
    assert {'MJDREF', 'PROPOSID', 'DOI', 'HSTPOS'} <= wanted
    assert wanted - marked('products.md') == set()


@pytest.mark.parametrize('flag', Quality)
def test_every_flag_is_described_with_its_bit(flag):
    assert flag in QUALITY_MEANINGS
    assert [str(int(flag)), f'`{flag.name}`'] in [cells[:2] for cells in rows('flags.md')]


def test_every_warning_that_a_step_emits_is_described_and_no_other():
    assert {'W_NOGTI', 'W_NOX1D', 'W_BKG'} <= emitted_codes()
    described = {item for item in first_cells('flags.md') if item.startswith('W_')}
    assert described == emitted_codes()


def test_every_warning_that_a_step_emits_has_words_on_the_site():
    assert emitted_codes() - set(WARNINGS) == set()


@pytest.mark.parametrize('reason', Reason)
def test_every_reason_is_described(reason):
    assert f'`{reason.value}`' in {cells[1] for cells in rows('excluded.md') if len(cells) == 3}


@pytest.mark.parametrize('field', [item.name for item in fields(Statistics)])
def test_every_statistic_is_defined(field):
    assert field in first_cells('statistics.md')


def test_every_column_of_the_catalog_is_described():
    good, bad = accepted('lone12345'), rejected('ltwo12345', Reason.NO_EVENTS)
    curves = [individual(good), composite(good)]
    tables = catalog.tables(
        {one.rootname: catalog.about_exposure(one) for one in (good, bad)},
        {one.stem: catalog.about_curve(one) for one in curves},
        {one.stem: catalog.about_statistics(statistics()) for one in curves},
    )
    for name in catalog.tables({}, {}, {}):
        part = page('catalog.md').split(f'\n## {name}\n')[1].split('\n## ')[0]
        assert tables[name], name
        assert set(next(iter(tables[name].values()))) - set(CODE.findall(part)) == set(), name


def test_every_task_is_described():
    assert {'_open', 'lightcurve', 'demo'} <= task_names()
    assert task_names() - first_cells('commands.md') == set()


def test_every_task_is_one_that_dodo_offers():
    offered = set(re.findall(r'\btask_(\w+)', (ROOT / 'dodo.py').read_text(encoding='utf-8')))
    assert offered == task_names()


@pytest.mark.parametrize('name', [name for name in hstlc.__all__ if not name.startswith('__')])
def test_every_function_is_described_with_its_options(name):
    assert f'hstlc.{name}(' in page('python.md')
    options = {key for key, one in signature(getattr(hstlc, name)).parameters.items() if one.kind is one.KEYWORD_ONLY}
    assert options
    assert options <= first_cells('python.md')


def test_every_command_without_an_archive_is_described_with_its_options():
    commands = next(action for action in parser()._actions if action.dest == 'command').choices
    assert {'init', 'check', 'extract'} <= set(commands)
    described = page('commands.md').split('\n## Without an archive\n')[1].split('\n## ')[0]
    said = {part for item in CODE.findall(described) for part in item.split()}
    options = {option for command in commands.values() for action in command._actions for option in action.option_strings}
    assert {*commands, *options} - {'-h', '--help'} - said == set()


@pytest.mark.parametrize('options', [download.OPTIONS, requests._RESET_OPTIONS], ids=['download', 'reset'])
def test_every_option_of_a_task_is_described(options):
    said = {item.split('=')[0] for name in ('commands.md', 'download.md') for item in (*marked(name), *page(name).split())}
    assert {f'--{option["long"]}' for option in options} - said == set()


def test_options_and_tables_of_reset_are_described():
    assert {f'--{option["long"]}' for option in requests._RESET_OPTIONS} <= {item.split('=')[0] for item in marked('commands.md')}
    assert set(requests.TABLES) <= marked('commands.md')


def test_every_source_of_flux_that_can_occur_is_described():
    made = {name for path in sources() for name in re.findall(r'\bFluxSource\.([A-Z0-9]+)', path.read_text(encoding='utf-8'))}
    assert {'X1D', 'NONE'} <= made <= marked('products.md')


@pytest.mark.parametrize('name', [*PAGES, '../README.md', '../CHANGELOG.md'])
def test_relative_links_lead_somewhere(name):
    here = (CONTENT / name).resolve().parent
    links = [link for link in LINK.findall(page(name)) if not re.match(r'[a-z]+:|<|#', link)]
    assert [link for link in links if not (here / link.split('#')[0]).exists()] == []


def test_no_page_is_missing_from_the_navigation():
    text = (ROOT / 'mkdocs.yml').read_text(encoding='utf-8')
    assert [name for name in PAGES if f': {name}\n' not in text] == []


def test_the_guide_has_the_change_log_of_the_project():
    assert page('changelog.md') == (ROOT / 'CHANGELOG.md').read_text(encoding='utf-8')


def test_version_is_stated():
    assert f'## {__version__} ' in page('changelog.md')
    assert f'\nversion: {__version__}\n' in (ROOT / 'CITATION.cff').read_text(encoding='utf-8')


def test_readme_has_the_two_commands():
    readme = (ROOT / 'README.md').read_text(encoding='utf-8')
    assert '\npip install . && doit demo\n' in readme
    assert '\npip install ".[test]" && pytest -n auto\n' in readme


def test_mkdocs_finds_nothing_to_complain_about(tmp_path):
    # not --quiet: with it mkdocs does not count the warnings that --strict is about
    command = [sys.executable, '-m', 'mkdocs', 'build', '--strict', '--site-dir', str(tmp_path / 'guide')]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    made = {path.relative_to(tmp_path / 'guide').as_posix() for path in (tmp_path / 'guide').rglob('*.html')}
    assert {name.removesuffix('.md') + '.html' for name in PAGES} <= made
    reference = (tmp_path / 'guide' / 'api' / 'types.html').read_text(encoding='utf-8')
    assert 'left edge of the first time bin, seconds since t0' in reference  # the comment behind DynamicSpectrum.start_s


def documented():
    """Return the dotted names whose docstrings the pages of the reference show."""
    texts = [path.read_text(encoding='utf-8') for path in (CONTENT / 'api').glob('*.md')]
    return {name for text in texts for name in re.findall(r'^::: (\S+)', text, re.MULTILINE)}


def modules(folder):
    return {f'hstlc.{folder}.{path.stem}' for path in (ROOT / 'hstlc' / folder).glob('[!_]*.py')}


def test_the_reference_has_every_function_type_and_module_of_science():
    functions = {f'hstlc.{name}' for name in hstlc.__all__ if not name.startswith('__')}
    writers = {f'{one.__module__}.{one.__name__}' for one in WRITERS.values()}
    wanted = functions | writers | modules('science') | modules('model') - {'hstlc.model.arrays'}
    assert wanted - documented() == set()


@pytest.mark.parametrize('one', [hstlc.read, hstlc.composite, hstlc.dynamic_spectrum, *WRITERS.values()])
def test_functions_of_the_reference_describe_what_they_take_and_return(one):
    described = {name for names in re.findall(r'^(\w+(?:, \w+)*) :', getdoc(one), re.MULTILINE) for name in names.split(', ')}
    assert {name for name, item in signature(one).parameters.items() if item.kind is not item.VAR_KEYWORD} - described == set()
    assert 'Returns\n-------' in getdoc(one)
