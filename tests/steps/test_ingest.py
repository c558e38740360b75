"""Ingest: every file ends in filesystem/ or bad_data/, with a record that says why; nothing is lost."""

import os
import shutil

import pytest
from astropy.io import fits

from hstlc.errors import InputError
from hstlc.files import records
from hstlc.model import Reason, Record, Status
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.simulate import cos, stis
from hstlc.simulate.archive import write_archive
from hstlc.simulate.source import Constant, Source
from hstlc.simulate.spectrum import Spectrum
from hstlc.steps.ingest import ingest_exposure
from hstlc.steps.waiting import waiting

STAR = Source('SIM-STAR-7', 50.0, -10.0, Spectrum(2e-15), Constant(), 'STAR')
TODAY = '2026-01-01'


@pytest.fixture
def home(tmp_path):
    settings = Settings(home=tmp_path / 'home')
    Paths(settings).ingest.mkdir(parents=True)
    return settings


def ingest_all(settings):
    for rootname, names in waiting(settings).items():
        ingest_exposure(settings, rootname, names, TODAY)
    return {path.stem: records.load(path, Record) for path in Paths(settings).records.glob('*.json')}


def all_files(settings):
    paths = Paths(settings)
    folders = (paths.ingest, paths.filesystem, paths.bad_data, paths.put_aside)
    return sorted(path.name for folder in folders for path in folder.rglob('*') if path.is_file())


@pytest.fixture(scope='module')
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp('demo')
    return folder, {truth.rootname: truth for truth in write_archive(folder, size='demo')}


def test_each_simulated_fault_has_its_reason_and_nothing_is_lost(home, demo):
    folder, truths = demo
    paths = Paths(home)
    shutil.copytree(folder / 'ingest', paths.ingest, dirs_exist_ok=True)
    before = sorted(path.name for path in paths.ingest.iterdir())
    found = ingest_all(home)
    assert set(found) == set(truths)
    for rootname, record in found.items():
        expected = truths[rootname].expected.split(':')[0]
        assert (record.rejections[0].reason if record.rejections else 'accepted') == expected, rootname
        folder = paths.absolute(record.path)
        assert folder == (paths.bad_data if record.rejections else paths.input_folder(record.exposure.targname))
        assert (folder / record.filename).is_file() or record.filename.endswith('_corrtag.fits')
    assert all_files(home) == before
    assert not list(paths.ingest.iterdir())


def test_a_second_ingest_of_the_same_content_changes_no_file(home):
    paths = Paths(home)
    cos.write_fuv(paths.ingest, 'lsim50a1q', STAR, exptime_s=10.0, seed=1)
    shutil.copytree(paths.ingest, home.home / 'again')
    ingest_all(home)
    times = {path: path.stat().st_mtime_ns for path in paths.filesystem.rglob('*.fits')}
    for path in (home.home / 'again').iterdir():
        shutil.move(path, paths.ingest)
    ingest_all(home)
    assert {path: path.stat().st_mtime_ns for path in paths.filesystem.rglob('*.fits')} == times
    assert not paths.put_aside.exists()
    assert not list(paths.ingest.iterdir())


def test_a_recalibrated_exposure_replaces_the_old_one_which_is_put_aside(home):
    paths = Paths(home)
    cos.write_fuv(paths.ingest, 'lsim50a1q', STAR, exptime_s=10.0, seed=1)
    old = ingest_all(home)['lsim50a1q']
    cos.write_fuv(paths.ingest, 'lsim50a1q', STAR, exptime_s=10.0, seed=2)
    new = ingest_all(home)['lsim50a1q']
    assert new.path == old.path
    assert new.exposure.files != old.exposure.files
    assert sorted(path.name for path in paths.put_aside.iterdir()) == sorted(item.name for item in old.exposure.files)


def test_an_x1d_that_comes_later_joins_its_exposure(home):
    paths = Paths(home)
    stis.write_first_order(home.home / 'made', 'osim50010', STAR, exptime_s=10.0, seed=1)
    shutil.move(home.home / 'made/osim50010_x1d.fits', paths.ingest)
    assert waiting(home) == {}
    shutil.move(home.home / 'made/osim50010_tag.fits', paths.ingest)
    shutil.move(paths.ingest / 'osim50010_x1d.fits', home.home / 'made')
    assert len(ingest_all(home)['osim50010'].exposure.files) == 1
    shutil.move(home.home / 'made/osim50010_x1d.fits', paths.ingest)
    assert [item.name for item in ingest_all(home)['osim50010'].exposure.files] == ['osim50010_tag.fits', 'osim50010_x1d.fits']


def test_a_raw_tag_wins_over_a_delivered_corrtag(home):
    paths = Paths(home)
    stis.write_first_order(paths.ingest, 'osim50010', STAR, exptime_s=10.0, seed=1)
    (paths.ingest / 'osim50010_corrtag.fits').write_bytes(b'an old product')
    record = ingest_all(home)['osim50010']
    assert record.status is Status.ACCEPTED
    assert [item.name for item in record.exposure.files] == ['osim50010_tag.fits', 'osim50010_x1d.fits']
    assert (paths.put_aside / 'osim50010_corrtag.fits').read_bytes() == b'an old product'


def test_the_operator_excludes_accepts_and_changes_his_mind(home):
    paths = Paths(home)
    cos.write_fuv(paths.ingest, 'lsim50a1q', STAR, exptime_s=10.0, seed=1)
    cos.write_fuv(paths.ingest, 'lsim50a2q', STAR, exptime_s=10.0, seed=2, events={'EXPFLAG': 'INTERRUPT'})
    paths.operator_list.write_text('rootname,action,reason\nlsim50a1q,exclude,shutter moved\nlsim50a2q,accept,good by eye\n')
    found = ingest_all(home)
    assert (found['lsim50a1q'].status, found['lsim50a1q'].rejections[0].reason) == (Status.REJECTED, Reason.EXCLUDED)
    assert (found['lsim50a2q'].status, found['lsim50a2q'].message) == (Status.ACCEPTED, 'good by eye')
    assert waiting(home) == {}
    paths.operator_list.write_text('rootname,action,reason\nlsim50a1q,exclude,shutter stuck\nlsim50a2q,accept,good by eye\n')
    assert waiting(home) == {'lsim50a1q': ()}
    assert ingest_all(home)['lsim50a1q'].message == 'shutter stuck'
    paths.operator_list.unlink()
    assert waiting(home) == {'lsim50a1q': (), 'lsim50a2q': ()}
    found = ingest_all(home)
    assert (found['lsim50a1q'].status, found['lsim50a2q'].status) == (Status.ACCEPTED, Status.REJECTED)
    assert waiting(home) == {}
    assert all(path.name.startswith('lsim50a2q') for path in paths.bad_data.iterdir())


@pytest.mark.parametrize('line', ['lsim50a1q,ban,why', 'lsim50a1q,exclude,', ',exclude,why'])
def test_a_bad_operator_list_names_its_line(home, line):
    Paths(home).operator_list.write_text(f'rootname,action,reason\n{line}\n')
    with pytest.raises(InputError, match=r'operator.csv, line 2'):
        waiting(home)


def test_a_missing_keyword_or_column_is_unreadable_with_its_name(home):
    paths = Paths(home)
    cos.write_fuv(paths.ingest, 'lsim50a1q', STAR, exptime_s=10.0, seed=1, segments=('FUVA',))
    with fits.open(paths.ingest / 'lsim50a1q_corrtag_a.fits', mode='update') as hdus:
        hdus['EVENTS'].columns['EPSILON'].name = 'SOMETHING'
    record = ingest_all(home)['lsim50a1q']
    assert record.rejections[0].reason is Reason.UNREADABLE
    assert 'EPSILON' in record.message
    assert str(home.home) not in record.message
    assert record.filename == 'lsim50a1q_corrtag_a.fits'


def test_a_target_name_cannot_leave_the_home(home):
    from dataclasses import replace

    paths = Paths(home)
    cos.write_fuv(paths.ingest, 'lsim50a1q', replace(STAR, name='../../ESCAPE'), exptime_s=10.0, seed=1, segments=('FUVA',))
    record = ingest_all(home)['lsim50a1q']
    folder = os.path.realpath(paths.absolute(record.path))
    assert os.path.dirname(folder) == os.path.realpath(paths.filesystem)


def test_a_crash_between_record_and_move_is_mended_by_the_next_run(home, monkeypatch):
    import hstlc.steps.ingest as module

    paths = Paths(home)
    cos.write_fuv(paths.ingest, 'lsim50a1q', STAR, exptime_s=10.0, seed=1)
    real, moved = module.move, []

    def dies(source, target):
        if moved:
            raise KeyboardInterrupt
        moved.append(target)
        real(source, target)

    monkeypatch.setattr(module, 'move', dies)
    with pytest.raises(KeyboardInterrupt):
        ingest_all(home)
    monkeypatch.setattr(module, 'move', real)
    record = ingest_all(home)['lsim50a1q']
    assert len(record.exposure.files) == 3
    assert len(list(paths.absolute(record.path).iterdir())) == 3
    assert not paths.put_aside.exists()


def test_an_exposure_of_an_instrument_test_is_accepted_with_a_warning(home):
    cos.write_fuv(Paths(home).ingest, 'lsim50a1q', STAR, exptime_s=10.0, seed=1, segments=('FUVA',), proposid=16829)
    record = ingest_all(home)['lsim50a1q']
    assert record.status is Status.ACCEPTED
    assert 'W_PROPOSAL' in record.warnings


def damage(path, change):
    with fits.open(path, mode='update') as hdus:
        change(hdus)


def no_rows(hdus):
    hdus['EVENTS'].data = hdus['EVENTS'].data[:0]


def set_time(value):
    def change(hdus):
        hdus['EVENTS'].data['TIME'] = value(hdus['EVENTS'].data['TIME'])

    return change


def set_gti(hdus):
    hdus['GTI'].data['START'], hdus['GTI'].data['STOP'] = 5000.0, 5010.0


def drop_keyword(hdus):
    del hdus[0].header['OPT_ELEM']


@pytest.mark.parametrize(
    ('change', 'reason', 'words'),
    [
        (no_rows, Reason.NO_EVENTS, 'the event list is empty'),
        (set_time(lambda time: time * float('nan')), Reason.UNREADABLE, 'not numbers'),
        (set_time(lambda time: -1.0 - time), Reason.NO_EVENTS, 'none of them in good time'),
        (set_gti, Reason.NO_EVENTS, 'none of them in good time'),
        (drop_keyword, Reason.UNREADABLE, 'no keyword OPT_ELEM'),
    ],
)
def test_bad_content_has_a_clear_reason(home, change, reason, words):
    paths = Paths(home)
    cos.write_fuv(paths.ingest, 'lsim50a1q', STAR, exptime_s=10.0, seed=1, segments=('FUVA',))
    damage(paths.ingest / 'lsim50a1q_corrtag_a.fits', change)
    record = ingest_all(home)['lsim50a1q']
    assert record.rejections[0].reason is reason
    assert words in record.rejections[0].detail
    assert all_files(home) == ['lsim50a1q_corrtag_a.fits', 'lsim50a1q_x1d.fits']
