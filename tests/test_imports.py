"""The package keeps to the table of import directions, and each dependency has one door."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / 'hstlc'
MODULES = {path.relative_to(ROOT).as_posix(): path for path in sorted(PACKAGE.rglob('*.py'))}

# a part may import parts of a lower rank; parts of one rank do not import one another
RANK = {
    'errors': 0, 'model': 1, 'settings': 2, 'names': 2, 'parts': 2, 'paths': 3,
    'science': 4, 'files': 4, 'mast': 4, 'figures': 4, 'site': 4, 'simulate': 4, 'catalog': 4,
    'logs': 4, 'permissions': 4, 'lock': 4, 'processes': 4, 'progress': 4,
    'compute': 5, 'steps': 6, 'api': 7, 'tasks': 7, 'reporter': 7, '__main__': 8, '__init__': 9,
}  # fmt: skip
ALSO = {('simulate', 'files'), ('reporter', 'tasks'), ('tasks', 'reporter')}
DOORS = {
    'astropy.io.fits': {'files', 'simulate'},
    'tinydb': {'catalog'},
    'doit': {'tasks', 'reporter'},
    'jinja2': {'site'},
    'bokeh': {'figures'},
    'matplotlib': {'figures'},
    'dask': {'compute'},
    'distributed': {'compute'},
    'astroquery': {'mast'},
    'requests': {'mast'},
    'livereload': {'steps'},
    'griffe': {'site'},
}
IMPURE = {'os', 'pathlib', 'logging', 'time', 'datetime', 'subprocess', 'shutil', 'tempfile', 'socket', 'io', 'sys'}
VAGUE = {'utils', 'util', 'helpers', 'helper', 'common', 'misc'}


def part(name: str) -> str:
    """Return the part of the package that a file belongs to."""
    return Path(name).parts[1].removesuffix('.py')


def imported(path: Path) -> set[str]:
    """Return the dotted names that a file imports, at the top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: relative import'
            found |= {f'{node.module}.{alias.name}' for alias in node.names}
    return found


def own_parts(path: Path) -> set[str]:
    names = {name.split('.')[1] for name in imported(path) if name.startswith('hstlc.')}
    return names & set(RANK)


def test_every_part_has_its_place():
    assert {part(name) for name in MODULES} <= set(RANK) | {'__init__'}


@pytest.mark.parametrize('name', MODULES)
def test_imports_point_downwards(name):
    here = part(name)
    for other in own_parts(MODULES[name]) - {here}:
        assert RANK[other] < RANK[here] or (here, other) in ALSO, f'{name} imports hstlc.{other}'


@pytest.mark.parametrize('name', MODULES)
def test_each_dependency_has_one_door(name):
    for dotted in imported(MODULES[name]):
        for door, parts in DOORS.items():
            if dotted == door or dotted.startswith(f'{door}.'):
                assert part(name) in parts, f'{name} imports {dotted}'


@pytest.mark.parametrize('name', [name for name in MODULES if part(name) == 'science'])
def test_science_is_pure(name):
    tops = {dotted.split('.')[0] for dotted in imported(MODULES[name])}
    assert not tops & IMPURE
    tree = ast.parse(MODULES[name].read_text(encoding='utf-8'))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & {'open', 'input', 'print'}


@pytest.mark.parametrize('name', MODULES)
def test_house_rules(name):
    assert Path(name).stem not in VAGUE
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding='utf-8'))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f'{name}:{node.lineno} catches everything'
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            assert not {getattr(kind, 'id', '') for kind in kinds} & {'Exception', 'BaseException'}, f'{name}:{node.lineno}'
        if isinstance(node, ast.Call):
            assert getattr(node.func, 'id', '') != 'print', f'{name}:{node.lineno} prints'
