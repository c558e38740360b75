"""Files that are not what they should be: one clear reason each, or a light curve without what they lack."""

import shutil

import numpy as np
import pytest
from astropy.io import fits

import hstlc
from hstlc.errors import InputError
from hstlc.simulate import cos, stis
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import Spectrum

STAR = Source('STAR', spectrum=Spectrum(1e-14))
EVENTS, X1D = 'lsim88a1q_corrtag_a.fits', 'lsim88a1q_x1d.fits'


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp('whole')
    cos.write_fuv(folder, 'lsim88a1q', STAR, exptime_s=12.0, seed=1, segments=('FUVA',))
    stis.write_first_order(folder, 'osim88010', STAR, exptime_s=12.0, seed=1)
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    return tmp_path


def edit(path, change):
    with fits.open(path, mode='update') as hdus:
        change(hdus)


def cut(part):
    def change(path):
        path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])

    return change


def editing(change):
    return lambda path: edit(path, change)


def rename(extension, column):
    def change(hdus):
        hdus[extension].columns[column].name = 'OTHER'

    return editing(change)


def without(keyword):
    def change(hdus):
        for hdu in hdus:
            hdu.header.pop(keyword, None)

    return editing(change)


def rows(extension, number):
    def change(hdus):
        hdus[extension].data = hdus[extension].data[:number]

    return editing(change)


def values(extension, column, value):
    def change(hdus):
        hdus[extension].data[column] = value(hdus[extension].data[column])

    return editing(change)


def values_of(hdu, start, stop):
    hdu.data['START'], hdu.data['STOP'] = start, stop


@pytest.mark.parametrize(
    ('name', 'damage', 'words'),
    [
        (EVENTS, cut(0.9), 'cannot be read as an event list'),
        (EVENTS, cut(0.01), 'cannot be read as an event list'),
        (EVENTS, rename('EVENTS', 'XFULL'), 'no column of numbers XFULL'),
        (EVENTS, without('OPT_ELEM'), 'no keyword OPT_ELEM'),
        (EVENTS, without('EXPSTART'), 'no keyword EXPSTART'),
        (EVENTS, values('EVENTS', 'TIME', lambda time: time * np.nan), 'not numbers'),
        ('osim88010_tag.fits', rename('EVENTS', 'AXIS1'), 'no column of numbers AXIS1'),
        ('osim88010_tag.fits', cut(0.5), 'not whole'),
    ],
)
def test_an_event_list_that_cannot_be_used_is_named_with_its_fault(folder, name, damage, words):
    damage(folder / name)
    with pytest.raises(InputError, match=words) as caught:
        hstlc.read(folder / name)
    assert name in str(caught.value)


def test_a_product_of_another_kind_is_not_taken_for_events(folder):
    shutil.copy(folder / X1D, folder / EVENTS)
    with pytest.raises(InputError, match='no EVENTS table; is it a TIME-TAG event list'):
        hstlc.read(folder / EVENTS)


@pytest.mark.parametrize(
    ('damage', 'empty'),
    [
        (rows('EVENTS', 0), True),
        (values('EVENTS', 'TIME', lambda time: -1.0 - time), True),
        (editing(lambda hdus: values_of(hdus['GTI'], 5000.0, 5010.0)), True),
        (values('GTI', 'START', lambda start: start + 5000.0), False),
    ],
    ids=['no events', 'negative times', 'good time elsewhere', 'good time backwards'],
)
def test_nothing_in_good_time_is_no_counts_and_no_crash(folder, damage, empty):
    """The quality checks reject such an exposure at ingest (No events); read alone it is empty, or says that nothing is left."""
    damage(folder / EVENTS)
    if empty:
        table = hstlc.read(folder / EVENTS)
        assert table['GROSS'].sum() == 0
        assert np.all(table['NET_ERR_HI'] > 0)
    else:
        with pytest.raises(InputError, match='no good time is left'):
            hstlc.read(folder / EVENTS)


@pytest.mark.parametrize(
    'damage',
    [
        cut(0.3),
        rows('SCI', 0),
        rename('SCI', 'NET'),
        editing(lambda hdus: hdus[0].header.set('ROOTNAME', 'lother1aq')),
        lambda path: shutil.copy(path.with_name(EVENTS), path),
    ],
    ids=['truncated', 'no rows', 'no column', 'of another exposure', 'another product'],
)
def test_an_x1d_that_cannot_be_used_is_as_if_it_were_not_there(folder, damage):
    damage(folder / X1D)
    spectrum = hstlc.dynamic_spectrum(folder / EVENTS)
    assert 'W_X1D' in spectrum.warnings
    assert 'W_NOX1D' in spectrum.warnings
    table = hstlc.read(folder / EVENTS)
    assert np.all(np.isnan(table['FLUX']))
    assert table['NET'].mean() > 0


def test_an_x1d_without_flux_gives_counts_alone(folder):
    edit(folder / X1D, lambda hdus: hdus['SCI'].data.__setitem__('FLUX', 0.0))
    table = hstlc.read(folder / EVENTS)
    assert np.all(np.isnan(table['FLUX']))
    assert table['NET'].mean() > 0


@pytest.mark.parametrize(
    ('damage', 'position'),
    [
        (rows('TIMELINE', 0), 'GEOCENTER'),
        (values('TIMELINE', 'LONGITUDE', lambda value: 0 * value), 'TIMELINE'),
        (rename('TIMELINE', 'LATITUDE'), 'GEOCENTER'),
    ],
)
def test_a_timeline_that_cannot_be_used_puts_hubble_at_the_centre_of_the_earth(folder, damage, position):
    damage(folder / EVENTS)
    table = hstlc.read(folder / EVENTS)
    assert table.meta['HSTPOS'] == position
    assert np.all(np.isfinite(table['BJD_TDB']))


def test_good_time_without_rows_is_the_exposure_time(folder):
    rows('GTI', 0)(folder / EVENTS)
    assert hstlc.read(folder / EVENTS)['EXPTIME'].sum() == pytest.approx(12.0, abs=0.04)
