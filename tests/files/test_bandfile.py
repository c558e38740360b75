"""Light curves of bands: which an exposure holds, that they are sums over its cells, and their file."""

import gzip
from dataclasses import replace

import numpy as np
import pytest
from builders import make_exposure
from installed import fitsverify, needs_fitsverify

import hstlc
from hstlc.errors import UnreadableError
from hstlc.files.bandfile import extension_name, read_bands, write_bands
from hstlc.files.dynspec import write_dynamic_spectrum
from hstlc.files.tables import load_bands
from hstlc.model import Cells, DynamicSpectrum, FluxSource, GroupKey
from hstlc.science.band import choose_band
from hstlc.science.lightcurve import light_curve
from hstlc.science.namedbands import band_cells, band_light_curves, combine_bands

STEP = {'step_s': 2.0, 'min_fracexp': 0.1}
BY_NAME = {band.name: band for band in load_bands()}


def cells(time, wave, n):
    n = np.asarray(n, np.int32)
    return Cells(
        time=np.asarray(time, np.int32), wave=np.asarray(wave, np.int16), n=n, w=n.astype(float), w2=n.astype(float),
        f=n * 1e-13, f2=n * 1e-26,
    )  # fmt: skip


def spectrum(first=1130, last=1430, *, rootname='ld9m10ujq', start=58000.0, n_time=40, seed=3, bad=()):
    """Return a dynamic spectrum with one event in every cell on average and the cells in `bad` (Angstrom) not measured."""
    rng = np.random.default_rng(seed)
    n_wave = last - first
    events = rng.poisson(1.0, (n_time, n_wave))
    good = np.ones(n_wave)
    for wavelength in bad:
        good[wavelength - first] = 0.0
    events[:, good == 0] = 0
    time, wave = np.nonzero(events)
    return DynamicSpectrum(
        exposure=make_exposure(rootname, start=start), t0_mjd=start, start_s=0.0, step_s=1.0, live_s=np.ones(n_time),
        bjd_offset_s=np.zeros(n_time), sun_alt_deg=np.full(n_time, np.nan), quality=np.zeros(n_time, np.int64),
        wave0_aa=float(first), wave_step_aa=1.0, good_width_aa=good, x1d_background=np.full(n_wave, np.nan),
        x1d_background_flux=np.full(n_wave, np.nan), source=cells(time, wave, events[time, wave]),
        background=cells([], [], []), gti_s=np.array([[0.0, float(n_time)]]), flux_source=FluxSource.X1D, hstpos='GEOCENTER',
        time_error_s=0.032, wmin_aa=float(first), wmax_aa=float(last),
    )  # fmt: skip


def bands_of(item, windows=(), **options):
    whole = light_curve(item, choose_band(item, windows), GroupKey.of(item.exposure), **STEP)
    return band_light_curves(item, load_bands(), whole, windows, **STEP, **options)


def events_between(item, lower, upper):
    inside = (item.source.wave + item.wave0_aa >= lower) & (item.source.wave + item.wave0_aa < upper)
    return int(item.source.n[inside].sum())


def test_the_bands_of_g130m_are_those_in_its_range():
    assert list(bands_of(spectrum())) == [
        'C III 1176', 'Si III 1206', 'N V 1239/1243', 'C II 1335', 'Si IV 1394/1403', 'FUV continuum 1345', 'FUV continuum 1380',
    ]  # fmt: skip


def test_a_band_holds_the_events_of_its_windows_and_no_others():
    item = spectrum()
    found = bands_of(item)
    for name, curve in found.items():
        assert curve.n_src.sum() == sum(events_between(item, *window) for window in BY_NAME[name].windows_aa), name
        assert curve.gross.sum() == pytest.approx(curve.n_src.sum())
    doublet = found['N V 1239/1243']
    assert (doublet.wmin_aa, doublet.wmax_aa, doublet.removed_aa) == (1237.0, 1244.0, ((1240.0, 1241.0),))
    assert doublet.band_width_aa == 6.0
    assert doublet.flux == pytest.approx(doublet.gross * 1e-13 / doublet.exptime_s / 6.0)


def test_bins_and_airglow_are_those_of_the_whole_light_curve():
    item = spectrum()
    whole = light_curve(item, choose_band(item, ()), GroupKey.of(item.exposure), **STEP)
    for curve in bands_of(item).values():
        assert np.array_equal(curve.mjd, whole.mjd)
        assert np.array_equal(curve.exptime_s, whole.exptime_s)
        assert np.array_equal(curve.airglow, whole.airglow, equal_nan=True)


@pytest.mark.parametrize(
    ('item', 'windows', 'limits'),
    [
        (spectrum(last=1336), (), (None, None)),  # the range ends in the line
        (spectrum(bad=(1335,)), (), (None, None)),  # a cell was not measured
        (spectrum(), ((1330.0, 1334.0),), (None, None)),  # airglow reaches into it
        (spectrum(), (), (None, 1336.0)),  # a setting ends in it
        (spectrum(), (), (1334.0, None)),
    ],
)
def test_a_line_that_is_cut_is_no_band(item, windows, limits):
    assert band_cells(spectrum(), BY_NAME['C II 1335'], ()) is not None
    assert band_cells(item, BY_NAME['C II 1335'], windows, *limits) is None


def test_a_continuum_bears_a_bad_column_but_not_many():
    continuum = BY_NAME['FUV continuum 1345']  # 1340 to 1350
    assert band_cells(spectrum(bad=(1344,)), continuum, ()).width_aa == 9.0
    assert band_cells(spectrum(bad=(1343, 1344, 1345)), continuum, ()) is None


def test_an_image_has_no_bands():
    image = replace(spectrum(), wave0_aa=0.0)
    assert band_cells(image, BY_NAME['C II 1335'], ()) is None


def test_a_composite_has_the_bands_that_all_members_hold():
    first, second = spectrum(), spectrum(rootname='ld9m11abq', start=58001.0, seed=4, bad=(1175,))
    members = [bands_of(first), bands_of(second)]
    found = combine_bands(members)
    assert 'C III 1176' in members[0]
    assert 'C III 1176' not in found
    curve = found['C II 1335']
    assert curve.n_src.sum() == sum(events_between(item, 1333, 1337) for item in (first, second))
    assert list(np.unique(curve.dataset)) == [1, 2]
    assert combine_bands([]) == {}


@pytest.fixture
def bands(tmp_path):
    found = bands_of(spectrum())
    write_bands(tmp_path / 'x_bands.fits', found, doi='10.1/x')
    return tmp_path / 'x_bands.fits', found


def test_reading_gives_back_the_bands(bands):
    path, found = bands
    again = read_bands(path)
    assert list(again) == list(found)
    for name, curve in found.items():
        assert (again[name].wmin_aa, again[name].wmax_aa) == (curve.wmin_aa, curve.wmax_aa)
        for field in ('mjd', 'gross', 'band_flux', 'n_src', 'quality', 'dataset'):
            assert getattr(again[name], field) == pytest.approx(getattr(curve, field), rel=1e-12), (name, field)


def test_hstlc_read_takes_one_band(bands):
    path, found = bands
    table = hstlc.read(path, band='C II 1335')
    assert table['COUNTS'].sum() == pytest.approx(found['C II 1335'].counts.sum())
    assert table.meta['BANDNAME'] == 'C II 1335'
    with pytest.raises(UnreadableError, match='C III 1176, Si III 1206'):
        hstlc.read(path)


def test_no_band_file_is_named_as_such(tmp_path):
    (tmp_path / 'x_bands.fits').write_bytes(b'')
    with pytest.raises(UnreadableError, match=r'x_bands\.fits'):
        read_bands(tmp_path / 'x_bands.fits')


@needs_fitsverify
def test_fitsverify_finds_nothing(bands):
    assert 'Verification found 0 warning(s) and 0 error(s)' in fitsverify(bands[0])


def test_the_bytes_are_the_same_on_another_day(bands, tmp_path, monkeypatch):
    path, found = bands
    first = path.read_bytes()
    monkeypatch.setattr('time.time', lambda: 4e9)
    (tmp_path / 'b').mkdir()
    write_bands(tmp_path / 'b' / path.name, found, doi='10.1/x')
    assert (tmp_path / 'b' / path.name).read_bytes() == first


def test_extensions_of_all_bands_have_names_of_their_own():
    names = [extension_name(band.name) for band in load_bands()]
    assert len(set(names)) == len(names)
    assert extension_name('C IV 1548/1551') == 'C_IV_1548_1551'


# --- the dynamic spectrum, of which all this is a sum ------------------------------------------------------------------------


def test_a_dynamic_spectrum_is_the_same_every_day(tmp_path, monkeypatch):
    item = replace(spectrum(), reference_files=' '.join(f'reference{k:02d}.fits' for k in range(20)))  # a card that goes on
    path = tmp_path / 'x_dynspec.fits.gz'
    write_dynamic_spectrum(path, item)
    assert hstlc.dynamic_spectrum(path).reference_files == item.reference_files
    first = path.read_bytes()
    monkeypatch.setattr('time.time', lambda: 4e9)
    (tmp_path / 'b').mkdir()
    write_dynamic_spectrum(tmp_path / 'b' / path.name, item)
    assert (tmp_path / 'b' / path.name).read_bytes() == first


@needs_fitsverify
def test_fitsverify_finds_nothing_in_a_dynamic_spectrum(tmp_path):
    item = replace(spectrum(), reference_files=' '.join(f'reference{k:02d}.fits' for k in range(20)))
    write_dynamic_spectrum(tmp_path / 'x.fits.gz', item)
    (tmp_path / 'x.fits').write_bytes(gzip.decompress((tmp_path / 'x.fits.gz').read_bytes()))
    assert 'Verification found 0 warning(s) and 0 error(s)' in fitsverify(tmp_path / 'x.fits')
