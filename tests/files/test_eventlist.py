"""Event lists read in blocks, compared with astropy; damaged ones are named."""

import numpy as np
import pytest
from astropy.io import fits

from hstlc.errors import UnreadableError
from hstlc.files.eventlist import open_events
from hstlc.files.exposurenames import rootname_of
from hstlc.files.exposures import describe, event_times, facts, open_all
from hstlc.files.x1d import read_x1d


def test_blocks_hold_what_astropy_reads(shared_data):
    path = shared_data / 'cos/ld9m10ujq_corrtag_a.fits'
    file = open_events(path)
    names = ('TIME', 'XFULL', 'YFULL', 'EPSILON', 'DQ', 'PHA')
    blocks = list(file.events[0].blocks(names, size=1000))
    assert len(blocks) == 41
    table = fits.getdata(path, 1)
    for name in names:
        assert np.array_equal(np.concatenate([block[name] for block in blocks]), table[name])


def test_times_are_back_on_the_clock(shared_data):
    file = open_events(shared_data / 'cos/ld9m10ujq_corrtag_a.fits')
    ticks = event_times(file, file.events[0]) / 0.032
    assert np.abs(ticks - np.round(ticks)).max() < 1e-9
    assert np.abs(event_times(file, file.events[0]) - fits.getdata(file.path, 1)['TIME']).max() < 2e-4


def test_stis_ticks_are_scaled(shared_data):
    file = open_events(shared_data / 'stis/odlm18040_tag.fits')
    time = event_times(file, file.events[0])
    assert (time.min(), time.max()) == pytest.approx((0.060375, 2726.186))


def test_the_stis_exposure_without_exptime_is_repaired(shared_data):
    files = open_all((shared_data / 'stis/odlm18040_tag.fits',))
    exposure = describe(files, 'GJ849')
    known = facts(files, exposure)
    assert exposure.exptime_s == 0.0
    assert known.segments[0].exptime_s == pytest.approx(2726.1256, abs=1e-3)
    assert known.segments[0].n_in_gti == 162916


def test_headers_become_an_exposure(shared_data):
    files = open_all((shared_data / 'cos/ld9m10ujq_corrtag_a.fits',))
    exposure = describe(files, 'GJ436', (shared_data / 'cos/ld9m10ujq_x1d.fits',))
    assert (exposure.rootname, exposure.opt_elem, exposure.cenwave, exposure.aperture) == ('ld9m10ujq', 'G130M', 1291, 'PSA')
    assert [item.name for item in exposure.files] == ['ld9m10ujq_corrtag_a.fits', 'ld9m10ujq_x1d.fits']
    assert exposure.proposid == 14767
    assert exposure.exptime_s == pytest.approx(1881.152)


@pytest.mark.parametrize('part', [0, 100, 2880, 20000, -1, -400_000])
def test_a_cut_file_is_named(shared_data, tmp_path, part):
    whole = (shared_data / 'cos/ld9m10ujq_corrtag_a.fits').read_bytes()
    path = tmp_path / 'ld9m10ujq_corrtag_a.fits'
    path.write_bytes(whole[:part] if part >= 0 else whole[: 1_400_000 + part])
    with pytest.raises(UnreadableError, match=r'ld9m10ujq_corrtag_a\.fits'):
        open_events(path)


def test_a_wrong_product_is_named(shared_data, tmp_path):
    path = tmp_path / 'ld9m10ujq_corrtag_a.fits'
    path.write_bytes((shared_data / 'cos/ld9m10ujq_x1d.fits').read_bytes())
    with pytest.raises(UnreadableError, match='no EVENTS table'):
        open_all((path,))
    with pytest.raises(UnreadableError, match='is it an x1d file'):
        read_x1d(shared_data / 'cos/ld9m10ujq_corrtag_a.fits')


def test_the_imset_of_an_x1d_is_chosen_by_its_start(shared_data):
    path = shared_data / 'stis/oblh01040_x1d.fits'
    with fits.open(path) as hdus:
        starts = [hdu.header['EXPSTART'] for hdu in hdus[1:]]
        second = np.asarray(hdus[2].data['NET'], float)
    assert starts[0] != starts[1]
    chosen = read_x1d(path, starts[1])
    assert np.array_equal([item.net for item in chosen.spectra], second)


@pytest.mark.parametrize(
    ('name', 'rootname'),
    [
        ('ld9m10ujq_corrtag_a.fits', 'ld9m10ujq'), ('LD9M10UJQ_X1D.FITS', 'ld9m10ujq'), ('odlm18040_tag.fits', 'odlm18040'),
        ('_tag.fits', None), ('notes.txt', None), ('x_flt.fits', None),
    ],
)  # fmt: skip
def test_rootnames_come_from_file_names(name, rootname):
    assert rootname_of(name) == rootname
