"""Runs a page of content/tutorials: its blocks of Python, shell and changes, in their order, in a folder of its own.

A block `text` right behind another one is what that one prints. `python tests/tutorials.py` runs all pages (or those named),
writes what they print into them, and puts the pictures that they save into content/images/tutorials.
"""

import contextlib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

COLOURS = 64  # of a picture in the guide: a third of its size
ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / 'content' / 'tutorials'
PICTURES = ROOT / 'content' / 'images' / 'tutorials'
BLOCK = re.compile(r'^```(python|sh|diff|text)\n(.*?)^```$', re.DOTALL | re.MULTILINE)
PROGRESS = re.compile(r'^\w+ +\d+ of \d+.*\n', re.MULTILINE)  # lines that a slow run has more of
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
COPIED = ('hstlc', 'site_templates', 'content', 'dodo.py', 'mkdocs.yml')


@dataclass(frozen=True)
class Block:
    """A block that is run, and what the page says that it prints; None where the page does not say."""

    kind: str
    code: str
    says: str | None
    line: int


def blocks(page):
    """Return the blocks of a page that are run."""
    text = page.read_text(encoding='utf-8')
    found = [(one[1], one[2], text[: one.start()].count('\n') + 1) for one in BLOCK.finditer(text)]
    following = [*found[1:], ('', '', 0)]
    return [
        Block(kind, code, after[1] if after[0] == 'text' else None, line)
        for (kind, code, line), after in zip(found, following, strict=True)
        if kind != 'text'
    ]


class Reader:
    """Does what a page says: in a folder, in one Python session, with a copy of the project where the page changes it."""

    def __init__(self, folder, page, home=None):
        self.folder = self.work = folder
        self.page = page
        self.names = {'__name__': page.stem}
        self.own_project = any(block.kind == 'diff' for block in blocks(page))
        self.project = folder / 'hstlc' if self.own_project else ROOT
        if self.own_project:
            copy_project(self.project)
            self.work = self.project
        kept = {name: value for name, value in os.environ.items() if not name.startswith('HSTLC_')}
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ['PATH']))
        self.environ = {**kept, 'PATH': path, 'PYTHONPATH': str(self.project), 'MPLBACKEND': 'Agg', 'COLUMNS': '120'}
        if home is not None:
            self.environ['HSTLC_HOME'] = str(home)

    def run(self, block):
        """Return what a block prints."""
        if block.kind == 'diff':
            return self._shell('patch --strip=1 --fuzz=0 --silent --no-backup-if-mismatch', block.code)
        if block.kind == 'sh':
            said = self._shell(f'set -e\n{block.code}\npwd >{self.folder}/.where\n')
            self.work = Path((self.folder / '.where').read_text().strip())
            return said
        if self.own_project:
            return self._shell('python -W error -', block.code)
        return self._python(block)

    def _shell(self, command, given=None):
        done = subprocess.run(
            ['bash', '-c', command], input=given or '', cwd=self.work, env=self.environ,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f'{command}\n{done.stdout}{done.stderr}'
        said = done.stdout.replace(str(self.folder), '...').replace(str(self.folder.parent), '...')
        return PROGRESS.sub('', said)

    def _python(self, block):
        said = io.StringIO()
        code = compile('\n' * block.line + block.code, str(self.page), 'exec')
        with contextlib.chdir(self.work), contextlib.redirect_stdout(said):
            exec(code, self.names)
        return said.getvalue().replace(str(self.folder), '...')


def copy_project(target):
    """Copy what runs, without what it has made."""
    target.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns('__pycache__', 'images'))
        else:
            shutil.copy(source, target / name)


def agrees(said, block):
    """Whether a block printed what the page says; `...` stands for anything."""
    return block.says is None or doctest.OutputChecker().check_output(block.says, said, LOOSE)


def archive_of(top):
    """Return the archive that the page folder.md makes, on which page.md builds."""
    return top / 'folder' / 'my-archive' / 'archive'


def run_page(page, top):
    """Run a page in a folder below `top`; yield its blocks and what they print."""
    folder = top / page.stem
    folder.mkdir()
    reader = Reader(folder, page, archive_of(top) if page.stem == 'page' else None)
    for block in blocks(page):
        yield block, reader.run(block)


def write_page(page, top):
    """Run a page, and write what it says and draws."""
    text = page.read_text(encoding='utf-8')
    for block, said in run_page(page, top):
        if not agrees(said, block):
            text = text.replace(f'```\n\n```text\n{block.says}```', f'```\n\n```text\n{said}```', 1)
    for picture in sorted((top / page.stem).glob('tutorial-*.png')):
        drawn = Image.open(picture).convert('RGB').quantize(COLOURS)
        drawn.save(PICTURES / picture.name.removeprefix('tutorial-'), optimize=True)
    page.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    sys.path.insert(0, str(ROOT))
    os.environ['MPLBACKEND'] = 'Agg'
    PICTURES.mkdir(parents=True, exist_ok=True)
    names = sys.argv[1:] or sorted(page.stem for page in PAGES.glob('*.md'))
    with tempfile.TemporaryDirectory() as made:
        for name in ['folder', *names] if 'page' in names and 'folder' not in names else names:
            write_page(PAGES / f'{name}.md', Path(made))
