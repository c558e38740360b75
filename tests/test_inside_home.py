"""Nothing outside of the home is written, whatever headers say and wherever links lead."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from astropy.io import fits
from builders import make_exposure

from hstlc.errors import StateError
from hstlc.files.output import move
from hstlc.files.reference import Library, linearity
from hstlc.model import GroupKey
from hstlc.names import composite_stem, delivered_name, directory_name, file_form
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.simulate import cos
from hstlc.simulate.source import Constant, Source
from hstlc.simulate.spectrum import Spectrum
from hstlc.steps.home import check_home, open_home
from hstlc.steps.inside import check_links

ROOT = Path(__file__).parents[1]
UP = '../../../../escaped'
HOSTILE = {
    'lins00001': {'TARGNAME': UP, 'OPT_ELEM': 'G230L/../..', 'APERTURE': '/PSA', 'ROOTNAME': '../up', 'FILENAME': '/escaped.fits'},
    'lins00002': {
        'TARGNAME': '/escaped',
        'ASN_ID': UP,
        'FLUXTAB': 'lref$../../../secret_phot.fits',
        'TDSTAB': 'lref$/secret_tds.fits',
    },
    'lins00003': {'TARGNAME': '..', 'PR_INV_L': UP, 'CAL_VER': UP, 'APERTURE': 'x' * 68},
    'lins00004': {'TARGNAME': 'Abc 1 Composite'},
    'lins00005': {'TARGNAME': 'ABC 1 composite', 'RA_TARG': 200.0},
    'lins00006': {'TARGNAME': 'composite', 'APERTURE': 'P/SA'},
    'lins00007': {'TARGNAME': 'composite', 'APERTURE': 'P-SA'},
}
LINKED = 'lins00008'


def state(folder, without):
    """Return name, kind, mode, time and content of everything in a folder but a part of it."""
    found = {}
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if Path(top, name) != without]
        for path in (Path(top, name) for name in (*folders, *names)):
            info = path.lstat()
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
            found[str(path)] = (info.st_mode, info.st_mtime_ns if path.is_file() else None, content)
    return found


def write(folder, rootname):
    source = Source('SIM-1', 148.0, 12.5, Spectrum(6e-15, -1.0), Constant(), 'STAR')
    cos.write_nuv(folder, rootname, source, exptime_s=4.0, seed=5, start_mjd=57000.0 + int(rootname[-1]), dark=1e-5, x1d=False)
    return folder / f'{rootname}_corrtag.fits'


def doit(home, *words):
    environ = {name: value for name, value in os.environ.items() if not name.startswith('HSTLC_')}
    command = [sys.executable, '-m', 'doit', '-f', str(ROOT / 'dodo.py'), *words]
    return subprocess.run(
        command, env={**environ, 'HSTLC_HOME': str(home)}, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    """A home deep in a folder with other things, after a run on hostile exposures; and the state of the others before."""
    world = tmp_path_factory.mktemp('world')
    home = world / 'a' / 'b' / 'home'
    ingest = home / 'ingest'
    ingest.mkdir(parents=True)
    (world / 'elsewhere').mkdir()
    (world / 'secret_phot.fits').write_text('a secret')
    for rootname, cards in HOSTILE.items():
        with fits.open(write(ingest, rootname), mode='update') as hdus:
            hdus[0].header.update(cards)
    linked = write(world / 'elsewhere', LINKED)
    (ingest / linked.name).symlink_to('../../../../elsewhere/' + linked.name)
    before = state(world, home)
    done = doit(home, 'pages')
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'Exposures: 8 accepted' in done.stdout
    return SimpleNamespace(folder=world, home=home, before=before, linked=linked)


def test_hostile_headers_write_nothing_outside(world):
    assert state(world.folder, world.home) == world.before
    assert not (Path('/') / 'escaped').exists()


def test_every_file_lies_where_its_folder_says(world):
    for path in world.home.rglob('*'):
        if path.name != world.linked.name:
            assert path.resolve() == path
        assert len(path.name) < 200
        assert path.name.isprintable()
    assert len(list((world.home / 'filesystem').glob('*/*_corrtag.fits'))) == 8
    assert len(list((world.home / 'records' / 'lightcurves').glob('lins*.json'))) == 8
    composites = list((world.home / 'outputs' / 'composite').glob('*_g230l_2950_p-sa*_v1_sci.fits'))
    assert len(composites) == 2  # P/SA and P-SA do not meet


def test_a_link_in_ingest_stays_a_link_to_its_file(world):
    (kept,) = (world.home / 'filesystem').rglob(world.linked.name)
    assert kept.is_symlink()
    assert os.path.isabs(os.readlink(kept))
    assert os.path.samefile(kept, world.linked)
    assert not (world.home / 'ingest' / world.linked.name).is_symlink()


def test_a_second_home_link_is_refused_and_nothing_written(world, tmp_path):
    home = tmp_path / 'home'
    shutil.copytree(world.home, home, symlinks=True)
    outside = tmp_path / 'outside'
    outside.mkdir()
    folder = next(path for path in (home / 'outputs').iterdir() if path.name != 'composite')
    shutil.rmtree(folder)
    folder.symlink_to(outside)
    done = doit(home)
    assert done.returncode == 3
    assert f'{folder} is a link to {outside}' in done.stdout + done.stderr
    assert list(outside.iterdir()) == []


@pytest.fixture
def furnished(tmp_path):
    settings = Settings(home=tmp_path / 'home')
    open_home(settings)
    (tmp_path / 'outside').mkdir()
    return settings


@pytest.mark.parametrize(
    'name',
    ['outputs', 'outputs/GJ-436', 'outputs/composite', 'filesystem/GJ-436', 'records', 'records/stats', 'records/x', 'site',
     'site/targets', 'plots/assets', 'logs', 'bad_data', 'put_aside', 'references', 'references/hst', 'references/hst/cos',
     'delivery', 'download'],
)  # fmt: skip
def test_folders_that_lead_out_are_refused(furnished, name):
    place = furnished.home / name
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(furnished.home.parent / 'outside')
    with pytest.raises(StateError, match='outside of the archive'):
        check_home(furnished)


@pytest.mark.parametrize('name', ['.lock', '.doit.db', 'hstlc.json', '.hstlc-catalog', '.hstlc-home', 'download/references.jsonl'])
def test_files_that_lead_out_are_refused(furnished, name):
    place = furnished.home / name
    place.unlink(missing_ok=True)
    place.symlink_to(furnished.home.parent / 'outside' / 'victim')
    with pytest.raises(StateError, match='outside of the archive'):
        check_links(Paths(furnished))


def test_links_that_a_person_may_want_are_allowed(furnished, tmp_path):
    check_home(furnished)
    (tmp_path / 'link').symlink_to(furnished.home)
    check_home(Settings(home=tmp_path / 'link'))
    (furnished.home / 'filesystem' / 'GJ-436').mkdir()
    (furnished.home / 'outputs' / 'GJ-436').symlink_to('../filesystem/GJ-436')
    (furnished.home / 'filesystem' / 'GJ-436' / 'x_tag.fits').symlink_to('/elsewhere/x_tag.fits')
    (tmp_path / 'chosen').symlink_to(tmp_path / 'outside')
    check_home(Settings(home=furnished.home, plot_dir=tmp_path / 'chosen'))


def test_links_are_moved_as_links(tmp_path):
    (tmp_path / 'there').write_text('content')
    (tmp_path / 'in').mkdir()
    link = tmp_path / 'in' / 'x'
    link.symlink_to('../there')
    move(link, tmp_path / 'deep' / 'er' / 'x')
    assert not link.is_symlink()
    assert (tmp_path / 'deep' / 'er' / 'x').read_text() == 'content'
    assert (tmp_path / 'there').read_text() == 'content'
    assert sorted(path.name for path in (tmp_path / 'deep' / 'er').iterdir()) == ['x']


def test_reference_files_are_looked_for_in_their_folders_alone(tmp_path):
    folder = tmp_path / 'references'
    folder.mkdir()
    columns = [
        fits.Column('DETECTOR', '8A', array=['ANY']),
        fits.Column('TAU', 'D', array=[1.0]),
        fits.Column('GLOBAL_LIMIT', 'D', array=[1.0]),
    ]
    for place in (tmp_path / 'x_lin.fits', folder / 'x_lin.fits'):
        fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(place)
    named = {
        'A': 'oref$../x_lin.fits',
        'B': f'oref${tmp_path}/x_lin.fits',
        'C': 'oref$x_lin.fits',
        'D': 'oref$a,b.fits',
        'E': 'x' * 400,
    }
    books = Library(SimpleNamespace(keyword=lambda name, default=None: named.get(name, default)), (folder,))
    found = {name: books.read(name, lambda hdus: linearity(hdus, 'FUV')) for name in named}
    assert [name for name, value in found.items() if value is not None] == ['C']
    assert books.lacking() == ('A(unusable)', 'B(unusable)', 'D(unusable)', 'E(unusable)')


NAMES = [
    'a/b',
    'a-b',
    'a\\b',
    'a b',
    '../a',
    '/a',
    '..',
    '.',
    'A',
    'é',
    'a\x00b',
    'a\nb',
    '‮a',
    '\uff41',
    'ﬁ',
    'x' * 300,
    'x' * 301,
    '-',
    '',
    '🚀',
    'con',
]


def test_names_of_files_are_plain_short_and_different():
    folders = [directory_name(name) for name in NAMES]
    stems = [composite_stem(key(opt_elem=name)) for name in NAMES] + [
        composite_stem(key(aperture=name)) for name in NAMES if name != 'A'
    ]
    forms = [file_form(name) for name in NAMES]
    for name in (*folders, *stems, *forms):
        assert Path(name).name == name
        assert name not in ('', '.', '..')
        assert len(name.encode()) < 200
        assert not set(name) & set('/\\\x00\n')
    assert len(set(folders)) == len(NAMES)
    assert len({name.lower() for name in stems}) == len(stems)
    assert len({name.lower() for name in forms}) == len(NAMES)
    assert all(Path(delivered_name(key(aperture=name), 1)).name == delivered_name(key(aperture=name), 1) for name in NAMES)


def key(**changes):
    return replace(GroupKey.of(make_exposure()), **{'cenwave': 1, **changes})
