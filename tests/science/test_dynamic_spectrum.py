"""The dynamic spectrum against a plain loop over events, its invariants, and the light curves that are summed from it."""

from dataclasses import replace

import numpy as np
import pytest
from builders import make_exposure

from hstlc.model import Cells, DynamicSpectrum, Events, FluxSource, GroupKey, Instrument, Region
from hstlc.science.band import choose_band
from hstlc.science.dynamic_spectrum import Accumulator, Plane
from hstlc.science.flux import HC_ERG_AA, sensitivity
from hstlc.science.lightcurve import background_scale, light_curve
from hstlc.science.lookup import Grid, calibrate_cells, prepare, wavelength_cells
from hstlc.science.selection import live_time

N = 400
LIMITS = (1000.0, 2000.0)
GTI = np.array([[0.0, 30.0], [34.0, 60.0]])


def make_region(name='A', shift=0.0, sens=1e12, energy=0.9, good=None):
    wavelength = 1200.0 + shift + 0.1 * np.arange(N)
    return Region(
        name=name,
        first_x=0,
        origin=np.zeros(N),
        lower=np.full(N, 99.7),
        upper=np.full(N, 110.2),
        backgrounds=((np.full(N, 50.5), np.full(N, 70.5)), (np.full(N, 130.5), np.full(N, 150.5))),
        area_ratio=np.full(N, 10.5 / 40),
        wavelength_aa=wavelength,
        width_aa=np.full(N, 0.1),
        good=np.ones(N, bool) if good is None else good,
        enclosed_energy=np.full(N, energy),
        sensitivity=np.full(N, sens),
        net=np.full(N, 0.5),
        background_rate=np.full(N, 0.01),
    )


def make_events(rng, n=5000, span=60.0):
    return Events(
        time_s=np.sort(rng.uniform(0, span, n)),
        x=rng.uniform(-2, N + 2, n),
        y=rng.uniform(40, 160, n),
        epsilon=rng.uniform(0.9, 1.3, n),
        good=rng.uniform(size=n) > 0.1,
        clean=rng.uniform(size=n) > 0.2,
    )


def make_grid(regions, step=1.0):
    return Grid(0.0, step, int(np.ceil(60 / step)), *(lambda w, n: (w, 1.0, n))(*wavelength_cells(regions, 1.0, LIMITS)))


def accumulate(regions, grid, blocks):
    planes = (Plane(), Plane())
    tables = prepare(regions, grid, LIMITS)
    accumulator = Accumulator(tables, grid, GTI, stamp_offset_s=0.0, planes=planes)
    for events in blocks:
        accumulator.add(events)
    return tables, planes[0].cells(grid.n_wave), planes[1].cells(grid.n_wave)


def dense(cells, grid, name):
    array = np.zeros((grid.n_time, grid.n_wave))
    np.add.at(array, (cells.time, cells.wave), getattr(cells, name))
    return array


def by_hand(region, grid, events):
    """Sum source and background event by event, straight from the definition."""
    source, background, flux = (np.zeros((grid.n_time, grid.n_wave)) for _ in range(3))
    for k in range(len(events.x)):
        time = events.time_s[k]
        if not events.good[k] or not any(a <= time <= b for a, b in GTI):
            continue
        column, row = int(np.floor(events.x[k] + 0.5)), np.floor(events.y[k] + 0.5)
        if not 0 <= column < N or not region.good[column]:
            continue
        where = int(time), int(region.wavelength_aa[column] - grid.wave0_aa)
        share = max(0.0, min(row + 0.5, region.upper[column]) - max(row - 0.5, region.lower[column]))
        weight = min(share, 1.0) * events.epsilon[k] / region.enclosed_energy[column]
        source[where] += weight
        area_cm2 = region.sensitivity[column] * HC_ERG_AA / region.wavelength_aa[column] / region.width_aa[column]
        flux[where] += weight * HC_ERG_AA / region.wavelength_aa[column] / area_cm2
        if events.clean[k]:
            rows = sum(min(1.0, max(0.0, min(row + 0.5, b[column]) - max(row - 0.5, a[column]))) for a, b in region.backgrounds)
            background[where] += rows * 10.5 / 40 * events.epsilon[k] / region.enclosed_energy[column]
    return source, background, flux


def test_every_cell_is_the_sum_of_its_events():
    region, rng = make_region(), np.random.default_rng(1)
    grid = make_grid((region,))
    events = make_events(rng)
    _, source, background = accumulate((region,), grid, [events])
    expected_source, expected_background, expected_flux = by_hand(region, grid, events)
    assert expected_source.sum() > 100
    assert dense(source, grid, 'w') == pytest.approx(expected_source, rel=1e-12, abs=1e-12)
    assert dense(background, grid, 'w') == pytest.approx(expected_background, rel=1e-12, abs=1e-12)
    assert dense(source, grid, 'f') == pytest.approx(expected_flux, rel=1e-12, abs=1e-30)


def test_blocks_and_order_of_events_do_not_matter():
    region, rng = make_region(), np.random.default_rng(2)
    grid = make_grid((region,))
    events = make_events(rng)
    shuffled = rng.permutation(len(events.x))
    fields = ('time_s', 'x', 'y', 'epsilon', 'good', 'clean')
    blocks = [Events(**{f: getattr(events, f)[part] for f in fields}) for part in np.array_split(shuffled, 17)]
    _, one, _ = accumulate((region,), grid, [events])
    _, other, _ = accumulate((region,), grid, blocks)
    assert np.array_equal(one.n, other.n)
    assert np.array_equal(one.time, other.time)
    assert one.w == pytest.approx(other.w, rel=1e-12)


def test_doubled_events_double_the_counts_and_weights_scale():
    region, rng = make_region(), np.random.default_rng(3)
    grid = make_grid((region,))
    events = make_events(rng, 800)
    _, once, _ = accumulate((region,), grid, [events])
    _, twice, _ = accumulate((region,), grid, [events, events])
    assert np.array_equal(2 * once.n, twice.n)
    assert 2 * once.w == pytest.approx(twice.w, rel=1e-12)
    assert 2 * once.w2 == pytest.approx(twice.w2, rel=1e-12)


def test_overlapping_orders_are_not_counted_twice():
    """A flat spectrum seen by two orders with different sensitivity gives the same flux density everywhere."""
    truth = 3e-14
    regions = (make_region('1', 0.0, 1e12), make_region('2', 25.0, 3e12))
    grid = make_grid(regions)
    tables = prepare(regions, grid, LIMITS)
    flux, width = np.zeros(grid.n_wave), np.zeros(grid.n_wave)
    for table in tables:
        rate = truth * table.region.sensitivity  # net count/s per column
        flux += np.bincount(table.cell, rate * table.flux_factor * table.region.enclosed_energy, grid.n_wave)
        width += np.bincount(table.cell, table.width_aa, grid.n_wave)
    assert flux / width == pytest.approx(np.full(grid.n_wave, truth), rel=1e-9)
    covered = 65.0  # 1200 to 1265 Angstrom
    assert width.sum() == pytest.approx(covered, abs=0.2)


def make_spectrum(source=None, background=None, **changes):
    empty = Cells(**{n: np.zeros(0, k) for n, k in (('time', np.int32), ('wave', np.int16), ('n', np.int32))},
                  **{n: np.zeros(0) for n in ('w', 'w2', 'f', 'f2')})  # fmt: skip
    n_time, n_wave = 60, 10
    values = {
        'exposure': make_exposure(),
        't0_mjd': 58000.0,
        'start_s': 0.0,
        'step_s': 1.0,
        'live_s': live_time(GTI, np.arange(n_time + 1.0)),
        'bjd_offset_s': np.zeros(n_time),
        'sun_alt_deg': np.full(n_time, np.nan),
        'quality': np.zeros(n_time, np.int64),
        'wave0_aa': 1320.0,
        'wave_step_aa': 1.0,
        'good_width_aa': np.array([1, 1, 0.5, 1, 1, 0, 1, 1, 1, 1.0]),
        'x1d_background': np.full(n_wave, np.nan),
        'x1d_background_flux': np.full(n_wave, np.nan),
        'source': source or empty,
        'background': background or empty,
        'gti_s': GTI,
        'flux_source': FluxSource.X1D,
        'hstpos': 'GEOCENTER',
        'time_error_s': 0.032,
        'wmin_aa': 1320.0,
        'wmax_aa': 1330.0,
    }
    return DynamicSpectrum(**{**values, **changes})


def random_cells(rng, n_time=60, n_wave=10):
    chosen = np.flatnonzero(rng.uniform(size=n_time * n_wave) > 0.4)
    chosen = chosen[(chosen // n_wave < 30) | (chosen // n_wave >= 34)]  # no event lies in the gap of GTI
    n = rng.integers(1, 9, len(chosen)).astype(np.int32)
    w = n * rng.uniform(0.9, 1.2, len(chosen))
    return Cells(
        time=(chosen // n_wave).astype(np.int32),
        wave=(chosen % n_wave).astype(np.int16),
        n=n,
        w=w,
        w2=w * 1.1,
        f=w * 1e-15,
        f2=w * 1e-30,
    )


KEY = GroupKey(instrume=Instrument.COS, detector='FUV', targname='GJ436', opt_elem='G130M', cenwave=1291, aperture='PSA')


@pytest.mark.parametrize('step', [1.0, 2.0, 7.0, 60.0, 200.0])
def test_any_rebinning_keeps_counts_and_live_time(step):
    rng = np.random.default_rng(4)
    spectrum = make_spectrum(random_cells(rng), random_cells(rng))
    band = choose_band(spectrum, ())
    curve = light_curve(spectrum, band, KEY, step_s=step, min_fracexp=0.1)
    used = band.cells[spectrum.source.wave]
    assert curve.exptime_s.sum() == pytest.approx(56.0, abs=1e-9)
    assert curve.gross.sum() == pytest.approx(spectrum.source.w[used].sum(), rel=1e-12)
    assert np.all(curve.exptime_s <= curve.bins_s + 1e-9)


def test_a_gap_gives_no_rows_and_bands_add():
    rng = np.random.default_rng(5)
    spectrum = make_spectrum(random_cells(rng), random_cells(rng))
    whole = light_curve(spectrum, choose_band(spectrum, ()), KEY, step_s=1.0, min_fracexp=0.1)
    assert not np.any((whole.times_s > 30) & (whole.times_s < 34))
    left = light_curve(spectrum, choose_band(spectrum, (), None, 1324.0), KEY, step_s=1.0, min_fracexp=0.1)
    right = light_curve(spectrum, choose_band(spectrum, (), 1324.0, None), KEY, step_s=1.0, min_fracexp=0.1)
    assert left.counts + right.counts == pytest.approx(whole.counts, rel=1e-12)
    assert left.band_flux + right.band_flux == pytest.approx(whole.band_flux, rel=1e-12)
    assert left.band_width_aa + right.band_width_aa == pytest.approx(whole.band_width_aa)


def test_the_x1d_background_ties_the_mean_and_is_refused_when_absurd():
    rng = np.random.default_rng(6)
    background = random_cells(rng)
    rate = np.bincount(background.wave, background.w, 10) / 56.0
    tied = make_spectrum(random_cells(rng), background, x1d_background=1.1 * rate, x1d_background_flux=1.1 * rate * 1e-15)
    counts, flux, refused = background_scale(tied, np.ones(10, bool))
    assert (counts, flux) == pytest.approx((1.1, 1.1))
    assert not refused
    absurd = make_spectrum(random_cells(rng), background, x1d_background=9 * rate, x1d_background_flux=9 * rate)
    assert background_scale(absurd, np.ones(10, bool)) == (1.0, 1.0, True)


def test_no_calibration_gives_nan_never_counts():
    spectrum = make_spectrum(random_cells(np.random.default_rng(7)), flux_source=FluxSource.NONE)
    curve = light_curve(spectrum, choose_band(spectrum, ()), KEY, step_s=2.0, min_fracexp=0.1)
    assert np.all(np.isnan(curve.flux))
    assert np.all(np.isfinite(curve.counts))
    assert np.all(curve.quality & 256)


def test_calibrated_cells_hold_the_x1d_rates():
    region = make_region()
    grid = make_grid((region,))
    cells = calibrate_cells(prepare((region,), grid, LIMITS), grid)
    assert cells.net.sum() == pytest.approx(0.5 * N)
    assert cells.background.sum() == pytest.approx(0.01 * N)
    assert cells.background_flux.sum() == pytest.approx(0.01 * N * 0.1 / 1e12)


def test_sensitivity_of_a_real_spectrum_is_smooth_and_reproduces_its_flux(shared_data):
    from hstlc.files.x1d import read_x1d

    for spectrum in read_x1d(shared_data / 'cos/ld9m10ujq_x1d.fits').spectra:
        sens = sensitivity(spectrum)
        good = spectrum.dq_weight > 0
        assert np.all(np.isfinite(sens[good]))
        calibrated = good & (spectrum.flux != 0)
        assert spectrum.net[calibrated] / sens[calibrated] == pytest.approx(spectrum.flux[calibrated], rel=1e-6)


def test_numbers_that_are_none_count_nowhere_whether_most_events_are_near_or_few():
    region, rng = make_region(), np.random.default_rng(9)
    grid = make_grid((region,))
    events = make_events(rng)
    for rows in ((97.0, 113.0), (40.0, 400.0)):
        broken = rng.uniform(size=len(events.x)) < 0.2
        y = rng.uniform(*rows, len(events.x))
        bad = np.where(rng.uniform(size=len(y)) < 0.5, np.nan, 1e30)
        good = events.good & ~broken
        whole = replace(events, y=y, good=good)
        torn = replace(whole, x=np.where(broken, bad, events.x), y=np.where(broken, bad, y))
        expected, found = (accumulate((region,), grid, [item])[1] for item in (whole, torn))
        assert expected.n.sum() > 50
        assert np.array_equal(found.n, expected.n)
        assert np.array_equal(found.f2, expected.f2)
