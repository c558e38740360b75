"""Text that wants to be more than text: in headers of FITS files, in records, in settings."""

import dataclasses
import os
import subprocess
import sys
from collections import Counter
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree

import pytest
from archive_builders import archive
from astropy.io import fits
from site_making import make_pages, write_records, write_targets
from site_visits import read_page

from hstlc.files import records
from hstlc.model import Outcome, Statistics, Status
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.simulate.archive import write_archive
from hstlc.steps.check import check_site
from hstlc.steps.records import load_records

ROOT = Path(__file__).parents[2]
SCRIPT = '<script>alert(1)</script>'
QUOTES = '"\'></title></textarea><img src=x onerror=alert(2)>`${alert(3)}`'
UP = '../../../../outside'
LONG = '<b>' + 'A' * 5000
RAW = b'A\x00B\xe2\x80\xaeC\xe2\x80\x8f<i>'  # NUL, and marks that turn the direction of reading
PLACE = 'RAWTEXTRAWTEXT'
EVERYTHING = f'{SCRIPT}{QUOTES} {UP}\x00\x1b[31m\u202e\u200f\u2028]]>--><!--{LONG}'
AS_SHOWN = '[31m]]>--><!--<b>AAA'  # what is left of its middle without characters that are not printed


def look_at(visit, home):
    """Read every page that was made, and open some of each kind; nothing may execute, be asked for elsewhere, or stick out."""
    pages = [page for folder in ('site', 'plots', 'outputs') for page in sorted((home / folder).rglob('*.html'))]
    assert len(pages) > 10
    for page in pages:
        read_page(page)
    one, opened = visit(home), Counter()
    for page in pages:
        opened[page.parent] += 1
        if opened[page.parent] > 3 and page.parent != home / 'site':
            continue
        one.open(page.relative_to(home))
        one.page.set_viewport_size({'width': 360 + 920 * (pages.index(page) % 2), 'height': 800})
        beyond = one.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
        assert beyond <= 0, page
        assert one.errors == [], page


def check_files(home, others=()):
    """Every file lies in the site's folder under a plain name, and what machines read is well-formed."""
    assert sorted(place.name for place in home.parent.iterdir()) == sorted([home.name, *others])
    site = home / 'site'
    for file in site.rglob('*'):
        assert site in file.resolve().parents
        assert file.name.isascii()
        assert not set(file.name) & set('<>"\'&`\\ '), file
        assert len(file.name) < 200
    for name in ('feed.xml', 'catalog.xml'):
        ElementTree.parse(site / name)
    for file in site.rglob('*.js'):
        if 'assets' not in file.parts:
            assert '<' not in file.read_text(encoding='utf-8'), file


# --- from the header of a FITS file to the page


def harm(path, targname):
    """Write hostile text into the header of a file; what FITS does not allow, into its bytes."""
    with fits.open(path, mode='update') as hdus:
        header = hdus[0].header
        header['TARGNAME'] = targname
        header['PR_INV_L'], header['PR_INV_F'], header['CAL_VER'] = QUOTES[:60], SCRIPT, SCRIPT + '"'
        header['LIFE_ADJ'], header['CRDS_CTX'], header['ASN_ID'] = QUOTES[:60], UP, UP
        header['PROPTTL1'] = SCRIPT
        if path.name.startswith('lsim08b1q'):
            header['APERTURE'] = '<svg/onload=alert(4)>'
            header['OPT_ELEM'] = f'">{SCRIPT}'
            header.set('PR_INV_L', LONG, '')
        header.add_comment(SCRIPT)
        header.add_history(QUOTES[:60])
    content = path.read_bytes()
    path.write_bytes(content.replace(PLACE.encode(), RAW.ljust(len(PLACE), b'.')))


@pytest.mark.filterwarnings('ignore:Card is too long')
def test_hostile_headers_are_text_on_every_page(tmp_path, visit):
    home = tmp_path / 'inside' / 'home'
    write_archive(home, size='tiny')
    names = {'lsim08b1q': QUOTES[:60], 'lsim03b1q': SCRIPT + UP, 'lsim90a6q': PLACE}
    for path in sorted((home / 'ingest').iterdir()):
        rootname = path.name.partition('_')[0]
        if rootname in names:
            harm(path, names[rootname])
        else:
            path.unlink()
    (home / 'hstlc.toml').write_text(
        "title = '''<script>alert(5)</script>\u202e&\"'''\n"
        "contact = '</footer><script>alert(6)</script>../'\ndoi = '10.1/<b>{\"x'\n",
        encoding='utf-8',
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith('HSTLC_')}
    done = subprocess.run(
        [sys.executable, '-m', 'doit', '-f', str(ROOT / 'dodo.py'), 'index'],
        env={**kept, 'HSTLC_HOME': str(home)}, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = load_records(Settings(home=home))
    assert {name: one.status for name, one in found.items() if name in names} == {
        **dict.fromkeys(names, Status.ACCEPTED), 'lsim90a6q': Status.REJECTED,
    }  # fmt: skip
    check_files(home)
    look_at(visit, home)
    html = ''.join(page.read_text(encoding='utf-8') for page in (home / 'site').rglob('*.html'))
    for shown in ('&lt;SCRIPT&gt;ALERT(1)&lt;/SCRIPT&gt;../../../../OUTSIDE', '&lt;SVG/ONLOAD=ALERT(4)&gt;', 'A' * 5000):
        assert shown in html
    assert not set(html) & set('\x00\u202e\u200f')


# --- from records and settings to the page

OURS = {'rootname', 'rootnames', 'stem', 'slug', 'path', 'sha256', 'input_sha256', 'telescop', 'detector', 'ingest_date', 'range'}

KEPT = {'hlsp_hstlc_hst_cos-fuv_gj-436_g130m_1291_psa_v1_sci', 'lgj001abq_curve', 'osa101abq_curve', 'osb101abq_curve'}


def harmed(value):
    """Return a record in which every text says EVERYTHING, but for names that the program itself gives."""
    if dataclasses.is_dataclass(value):
        changes = {
            one.name: harmed(getattr(value, one.name)) for one in dataclasses.fields(value) if one.init and one.name not in OURS
        }
        return dataclasses.replace(value, **changes)
    if isinstance(value, dict):
        return {name: one if name in OURS else harmed(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return tuple(harmed(one) for one in value)
    return EVERYTHING if isinstance(value, str) and not isinstance(value, Enum) else value


@pytest.fixture(scope='module')
def poisoned(tmp_path_factory):
    """An archive all of whose records and settings say the worst wherever they can."""
    home = tmp_path_factory.mktemp('poisoned') / 'home'
    settings = Settings(home=home, title=EVERYTHING, contact=EVERYTHING, doi=EVERYTHING)
    write_records(settings)
    paths = Paths(settings)
    for stem in set(records.load_all(paths.outcome_records, Outcome)) - KEPT:
        paths.outcome(stem).unlink()
    for place, found, more in (
        (paths.record, load_records(settings), {'message': 'x', 'warnings': ('W_X',)}),
        (paths.outcome, records.load_all(paths.outcome_records, Outcome), {'left_out': ('x',)}),
        (paths.stats, records.load_all(paths.stats_records, Statistics), {'note': 'x', 'x_note': 'x', 'x_interest': 50.0}),
    ):
        for name, one in found.items():
            records.save(place(name), harmed(dataclasses.replace(one, **more)))
    targets = [harmed(target) for target in archive()[1]]
    write_targets(paths, targets)
    make_pages(settings)
    (paths.site / 'guide').mkdir()
    (paths.site / 'guide/index.html').write_text('the guide says nothing of records')
    return settings


def test_hostile_records_and_settings_are_text_on_every_page(poisoned, visit):
    check_files(poisoned.home)
    check_site(poisoned)
    look_at(visit, poisoned.home)


def test_what_was_hostile_is_shown(poisoned, visit):
    one = visit(poisoned.home / 'site')
    for name in ('index.html', 'targets/gj-436.html', 'tables/rejected.html', 'lightcurves/lgj001abq_curve.html', 'browse.html'):
        page = one.open(name)
        assert AS_SHOWN in page.inner_text('main').replace('\n', ''), name
        assert page.title().count('<script>alert(1)</script>') >= 1


def test_a_search_for_hostile_text_finds_it_and_stays_text(poisoned, visit):
    one = visit(poisoned.home / 'site')
    page = one.open('index.html')
    page.fill('#q', SCRIPT + QUOTES)
    page.press('#q', 'Enter')
    page.wait_for_selector('#browse-table[data-ready=yes]')
    assert page.locator('#browse-table tbody a[href^="targets"]').count() == 1  # the others are individual light curves
    page.goto(
        f'{one.start}/browse.html#q=%3Cimg%20src=x%20onerror=alert(1)%3E&instrument=%3Cb%3E&order=__proto__-x&set=constructor'
    )
    page.wait_for_selector('#browse-table[data-ready=yes]')
    page.reload()
    page.wait_for_selector('#browse-table[data-ready=yes]')
