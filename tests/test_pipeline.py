"""The whole path on simulated FITS files: doit as a person runs it, with the real steps."""

import shutil
import sys
from pathlib import Path

import pytest
from astropy.io import fits
from astropy.table import Table
from test_tasks import Archive
from tinydb import TinyDB

from hstlc.simulate.archive import write_archive

ROOT = Path(__file__).parents[1]
LATE = 'lsim03b1q'  # an exposure that arrives later
LATE_TARGET = 'sim-white-dwarf-1'
PLOTS = ('exposures_by_date', 'exptime_histogram', 'opt_elem', 'pie_config_cos_nuv')
WHAT_LISTS_THINGS = {  # of all files, an exposure changes these and its own, its composite's and its target's
    '.doit.db', '.hstlc-catalog', 'hstlc.json', 'records/targets.json', 'plots/boring_hstlc.html', 'site/data/catalog.js',
    *(f'{folder}/{name}.js' for folder in ('plots/assets/data', 'site/data') for name in PLOTS),
    *(f'site/catalog.{kind}' for kind in ('json', 'csv', 'ecsv', 'fits', 'xml')),
    *(f'site/{name}' for name in ('index.html', 'browse.html', 'summaries.html', 'feed.xml', 'manifest.json')),
    *(f'site/tables/{name}.html' for name in ('boring', 'composites', 'individual')),
}  # fmt: skip


class Real(Archive):
    command = [sys.executable, '-m', 'doit', '-f', str(ROOT / 'dodo.py')]


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    """A home after its first run, with one exposure held back."""
    home = tmp_path_factory.mktemp('pipeline') / 'home'
    write_archive(home, size='tiny')
    (home.parent / 'late').mkdir()
    for path in (home / 'ingest').glob(f'{LATE}*'):
        shutil.move(path, home.parent / 'late')
    archive = Real(home)
    archive.said = archive.doit()
    return archive


def test_the_first_run_makes_light_curves_catalog_and_site(archive):
    assert 'Exposures: 4 accepted, 1 rejected (Short Exposure 1)' in archive.said
    assert 'failed' not in archive.said
    with TinyDB(archive.home / 'hstlc.json') as database:
        outputs = list(database.table('outputs'))
        assert len(database.table('metadata')) == len(outputs) == 4
    for row in outputs:
        path = archive.home / row['individual_path'] / row['individual_filename']
        with fits.open(path, checksum=True) as hdus:
            assert [hdu.name for hdu in hdus] == ['PRIMARY', 'LIGHTCURVE', 'GTI', 'PROVENANCE']
        assert len(Table.read(path, hdu='LIGHTCURVE')) >= 10
    assert (archive.home / 'site' / 'index.html').is_file()


def test_then_the_archive_is_kept_up_to_date(archive):
    before = archive.files()
    assert 'nothing to do' in archive.doit()
    assert archive.changed(before) == set()

    for path in (archive.home.parent / 'late').iterdir():
        shutil.copy2(path, archive.home / 'ingest')
    archive.doit()
    changed = archive.changed(before)
    assert {name for name in changed if not (LATE in name or LATE_TARGET in name)} == WHAT_LISTS_THINGS
    for kind in ('filesystem', 'outputs', 'records', 'records/lightcurves', 'records/stats', 'site/products', 'site/lightcurves'):
        assert any(name.startswith(f'{kind}/') and LATE in name for name in changed), kind
    assert any(name.startswith('outputs/composite/') for name in changed)
    assert f'site/targets/{LATE_TARGET}.html' in changed
    products = archive.products()

    shutil.rmtree(archive.home / 'outputs')
    archive.doit()
    assert archive.products() == products

    archive.doit('reset', '--yes')
    assert not list((archive.home / 'filesystem').rglob('*.fits'))
    archive.doit()
    assert archive.products() == products


def test_then_it_is_delivered(archive):
    said = archive.doit('deliver')
    assert ' 0 FAIL' in said
    delivered = archive.files('delivery')
    assert any(name.endswith('_lc.fits') for name in delivered)
    curve = next((archive.home / 'outputs').rglob('*_curve.fits'))
    curve.write_bytes(curve.read_bytes().replace(b'LIGHTCURVE', b'LIGHTHOUSE'))
    told = archive.doit()  # pages may show what was delivered
    assert f'{curve} was changed by hand: it is made again' in told
    assert archive.doit('deliver').count('_v1_lc.fits') == said.count('_v1_lc.fits') > 0
    assert archive.files('delivery') == delivered
    assert 'nothing to do' in archive.doit()


def test_a_dead_link_on_a_page_that_lists_light_curves_is_told(archive):
    page = archive.home / 'site/tables/mine-2.html'
    page.write_text('<p><a href="individual.html">there</a> <a href="nowhere.html">not there</a></p>')
    said = archive.doit('check', code=2)
    page.unlink()
    assert 'tables/mine-2.html: nowhere.html' in said
    assert 'individual' not in said.partition('failed:')[2]
    archive.doit('check')
