"""The dynamic spectrum of every kind of file holds exactly the selected events, added up here with astropy alone."""

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

import hstlc
from hstlc.files.dynspec import write_dynamic_spectrum
from hstlc.model import GroupKey
from hstlc.science import dynamic_spectrum
from hstlc.science.band import choose_band
from hstlc.science.dynamic_spectrum import Accumulator, Plane
from hstlc.science.lightcurve import light_curve
from hstlc.science.lookup import prepare
from hstlc.simulate import cos, stis
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import Spectrum
from tests.science.test_dynamic_spectrum import GTI, LIMITS, make_events, make_grid, make_region

REJECTED = 64 | 512 | 2048
STAR = Source('STAR', spectrum=Spectrum(8e-15, -1.0))
GAPS = {'exptime_s': 40.0, 'gaps_s': ((10.016, 13.12), (20.0, 20.992))}
FILES = {
    'COS FUV, two zones': (cos.write_fuv, 'lexact01q', {}),
    'COS NUV, boxes': (cos.write_nuv, 'lexact02q', {'opt_elem': 'G185M', 'cenwave': 1921}),
    'COS NUV, second order left out': (cos.write_nuv, 'lexact03q', {'dark': 5e-5}),
    'STIS first order, FUV': (stis.write_first_order, 'oexact010', {}),
    'STIS first order, Doppler': (stis.write_first_order, 'oexact020', {'opt_elem': 'G140M', 'cenwave': 1222}),
    'STIS first order, NUV': (stis.write_first_order, 'oexact030', {'opt_elem': 'G230L', 'cenwave': 2376, 'dark': 40.0}),
    'STIS echelle': (stis.write_echelle, 'oexact040', {'dark': 40.0}),
}


@pytest.fixture(scope='module', params=list(FILES))
def exposure(request, tmp_path_factory):
    write, rootname, options = FILES[request.param]
    folder = tmp_path_factory.mktemp('exact')
    truth = write(folder, rootname, STAR, seed=11, **GAPS, **options)
    events = [folder / name for name in truth.files if not name.endswith('_x1d.fits')]
    return events, fits.getdata(folder / f'{rootname}_x1d.fits', 1), hstlc.dynamic_spectrum(events[0])


def sensitivity_of(row):
    return np.divide(row['NET'], row['FLUX'], out=np.zeros(len(row['NET'])), where=row['FLUX'] != 0, dtype=float)


def good_columns(row, sensitivity, limits, cos_file):
    sound = row['DQ_WGT'] > 0 if cos_file else (row['DQ'] & (2 | 128 | 256)) == 0
    good = sound & (sensitivity > 0.05 * sensitivity[sound].max())
    return good & (row['WAVELENGTH'] >= limits[0]) & (row['WAVELENGTH'] < limits[1])


def in_good_time(time, gti):
    return np.any([(time >= start) & (time <= stop) for start, stop in gti], axis=0)


def cos_weights(path, rows):
    """Return n, sum of EPSILON / EE of the events of a corrtag, by the definition of the x1d's extraction."""
    with fits.open(path) as hdus:
        table, header = hdus['EVENTS'].data, hdus['EVENTS'].header
        gti = [(row['START'], row['STOP']) for row in hdus['GTI'].data]
        primary = hdus[0].header
    fuv = primary['DETECTOR'] == 'FUV'
    keep = ((table['DQ'] & REJECTED) == 0) & in_good_time(0.032 * np.rint(table['TIME'] / 0.032) - 0.016, gti)
    column = np.floor(table['XFULL'].astype(float) + header['X_OFFSET'] + 0.5).astype(int)
    number, weight = 0, 0.0
    for row in rows:
        letter = str(row['SEGMENT'])[-1]
        if (fuv and not primary['SEGMENT'].endswith(letter)) or (primary['OPT_ELEM'] == 'G230L' and letter == 'C'):
            continue
        good = good_columns(row, sensitivity_of(row), (912, 1800) if fuv else (1650, 3200), True)
        inside = keep & (column >= 0) & (column < len(good))
        at = np.clip(column, 0, len(good) - 1)
        if fuv:
            place = np.floor(table['YFULL'].astype(float) + 0.5)
            inside &= (place >= row['Y_LOWER_OUTER'][at]) & (place <= row['Y_UPPER_OUTER'][at])
            energy = row['ACTUAL_EE'][at]
        else:
            height, middle = header[f'SP_HGT_{letter}'], 1274 // 2 - 100
            trace = header[f'SP_LOC_{letter}'] + header[f'SP_SLP_{letter}'] * (at - header['X_OFFSET'] - middle)
            place = np.floor(table['YFULL'].astype(float) - (trace - height // 2) + 0.5)
            inside &= (place >= 0) & (place < height)
            energy = np.ones(len(at))
        inside &= good[at]
        number += inside.sum()
        weight += (table['EPSILON'][inside].astype(float) / energy[inside]).sum()
    return number, weight


def stis_weights(path, rows):
    """Return n, and the sum over orders of the parts of rows inside the extraction boxes, of the events of a tag."""
    with fits.open(path) as hdus:
        table = hdus['EVENTS'].data
        gti = [(row['START'], row['STOP']) for row in hdus['GTI'].data]
        fuv = hdus[0].header['DETECTOR'] == 'FUV-MAMA'
    keep = in_good_time(table['TIME'], gti)
    i, j = (np.ceil(table[name][keep] / 2).astype(int) for name in ('AXIS1', 'AXIS2'))
    number, weight = 0, 0.0
    for row in rows:
        good = good_columns(row, sensitivity_of(row), (1140, 1740) if fuv else (1570, 3200), False)
        centre, half = row['EXTRLOCY'][i - 1].astype(float), float(row['EXTRSIZE']) / 2
        part = np.clip(np.minimum(j + 0.5, centre + half) - np.maximum(j - 0.5, centre - half), 0, 1) * good[i - 1]
        number += (part > 0).sum()
        weight += part.sum()
    return number, weight


def test_the_sum_of_the_dynamic_spectrum_is_that_of_the_selected_events(exposure):
    events, rows, spectrum = exposure
    count = cos_weights if events[0].name.startswith('l') else stis_weights
    number, weight = np.sum([count(path, rows) for path in events], axis=0)
    assert number > 300
    if 'W_ANCHOR' in spectrum.warnings:
        weight /= spectrum.x1d_ratio  # a bright source without a flat field: made to agree with its x1d
    assert spectrum.source.n.sum() == number
    assert spectrum.source.w.sum() == pytest.approx(weight, rel=1e-10)


KEY = {'instrume': 'INSTRUME', 'detector': 'D', 'targname': 'STAR', 'opt_elem': 'G', 'cenwave': 0, 'aperture': 'A'}


def test_the_dynamic_spectrum_is_smaller_than_its_event_list(exposure, tmp_path):
    events, _, spectrum = exposure
    write_dynamic_spectrum(tmp_path / 'dynspec.fits.gz', spectrum)
    assert (tmp_path / 'dynspec.fits.gz').stat().st_size < sum(path.stat().st_size for path in events)


@pytest.mark.parametrize(('seconds', 'flux'), [(10.0, 0.0), (40.0, 4e-14), (40.0, 1e-12)])
def test_so_is_that_of_an_echelle_tag_of_which_few_events_share_a_cell(tmp_path, seconds, flux):
    """A tag has 10 bytes for an event; the shortest is dark alone."""
    truth = stis.write_echelle(tmp_path, 'oexact060', Source('STAR', spectrum=Spectrum(flux)), seed=1, exptime_s=seconds)
    events = tmp_path / truth.files[0]
    write_dynamic_spectrum(tmp_path / 'dynspec.fits.gz', hstlc.dynamic_spectrum(events))
    assert (tmp_path / 'dynspec.fits.gz').stat().st_size < events.stat().st_size


@pytest.mark.parametrize('flux', [0.0, 1e-12])
def test_nor_is_that_of_an_empty_or_a_bright_exposure(tmp_path, flux):
    """The one has few events for its time bins, the other many cells."""
    source = Source('STAR', spectrum=Spectrum(flux))
    truth = stis.write_first_order(tmp_path, 'oexact050', source, seed=1, exptime_s=2000.0 if flux == 0 else 40.0, dark=2.0)
    events = tmp_path / truth.files[0]
    write_dynamic_spectrum(tmp_path / 'dynspec.fits.gz', hstlc.dynamic_spectrum(events))
    assert (tmp_path / 'dynspec.fits.gz').stat().st_size < events.stat().st_size


@pytest.mark.parametrize('step', [1.0, 2.0, 3.0, 7.0, 100.0])
@pytest.mark.parametrize('edge', [3, 50])
def test_bins_and_bands_keep_every_count_and_second(exposure, step, edge):
    _, _, spectrum = exposure
    key = GroupKey(**{**KEY, 'instrume': spectrum.exposure.instrume})
    border = spectrum.wmin_aa + edge
    bands = [choose_band(spectrum, ()), choose_band(spectrum, (), None, border), choose_band(spectrum, (), border, None)]
    whole, left, right = (light_curve(spectrum, band, key, step_s=step, min_fracexp=0.1) for band in bands)
    assert whole.n_src.sum() == spectrum.source.n.sum() == left.n_src.sum() + right.n_src.sum()
    assert whole.gross.sum() == pytest.approx(spectrum.source.w.sum(), rel=1e-12)
    assert left.gross + right.gross == pytest.approx(whole.gross, rel=1e-12, abs=1e-12)
    assert whole.exptime_s.sum() == pytest.approx(spectrum.live_s.sum(), rel=1e-12)
    assert left.band_width_aa + right.band_width_aa == pytest.approx(whole.band_width_aa, rel=1e-12)


@given(st.integers(0, 2**31), st.integers(1, 40), st.sampled_from([0.5, 1.0, 3.0, 60.0]))
def test_neither_blocks_nor_the_grid_change_what_is_summed(seed, blocks, step):
    region, rng = make_region(), np.random.default_rng(seed)
    events = make_events(rng, 300)
    totals = []
    for parts, width in ((1, 1.0), (blocks, step)):
        grid = make_grid((region,), width)
        source, background = Plane(), Plane()
        accumulator = Accumulator(prepare((region,), grid, LIMITS), grid, GTI, stamp_offset_s=0.0, planes=(source, background))
        for index in np.array_split(rng.permutation(len(events.x)), parts):
            accumulator.add(type(events)(**{name: getattr(events, name)[index] for name in events.__slots__}))
        cells = [plane.cells(grid.n_wave) for plane in (source, background)]
        totals.append([getattr(item, name).sum() for item in cells for name in ('n', 'w', 'w2', 'f', 'f2')])
    assert totals[0] == pytest.approx(totals[1], rel=1e-11)


def test_memory_of_the_sums_does_not_grow_with_the_number_of_events(monkeypatch):
    """What is kept is bounded by the cells of the grid and those that wait, not by the events."""
    monkeypatch.setattr(dynamic_spectrum, 'PENDING_CELLS', 10_000)
    monkeypatch.setattr(dynamic_spectrum, 'WINDOW_CELLS', 1_000)
    region, rng = make_region(), np.random.default_rng(8)
    grid = make_grid((region,))
    source = Plane()
    accumulator = Accumulator(prepare((region,), grid, LIMITS), grid, GTI, stamp_offset_s=0.0, planes=(source, Plane()))
    held = []
    for _ in range(400):
        accumulator.add(make_events(rng, 4000))
        held.append(sum(keys.nbytes + sums.nbytes for keys, sums in source.done))
    assert sum(source.done[0][1][0]) > 50_000
    assert max(held) <= (10_000 + 2 * grid.n_time * grid.n_wave) * 48
    assert max(held[200:]) <= 1.05 * max(held[:200])
