"""The drift of a source across the dispersion: found where it is, its size right, and never found by chance."""

import numpy as np
import pytest

from hstlc.model import Events, Region
from hstlc.science.drift import ENOUGH_EVENTS, LIMIT_PX, N_SLICES, STEP_PX, Drift, Positions
from hstlc.science.dynamic_spectrum import Accumulator, Plane
from hstlc.science.lookup import Grid, prepare

N_COLUMNS, TIME_S = 60, 1000.0
GRID = Grid(0.0, 1.0, int(TIME_S), 1000.0, 1.0, N_COLUMNS)
KEPT = np.ones(N_COLUMNS, bool)
# name: rows of the source region on either side, of the background beside it, width of a spectrum (sigma); pixels
SHAPES = {'COS': (12.5, 25.0, 4.2), 'STIS': (5.5, 15.0, 1.3)}


def make_region(name):
    """A COS region lies along rows, a STIS one is tilted."""
    half, height, _ = SHAPES[name]
    trace = np.full(N_COLUMNS, 400.0) if name == 'COS' else 400.0 + np.linspace(-3.0, 3.0, N_COLUMNS)
    ones = np.ones(N_COLUMNS)
    return Region(
        name=name,
        first_x=0,
        origin=np.zeros(N_COLUMNS),
        lower=trace - half,
        upper=trace + half,
        backgrounds=tuple((trace + far, trace + far + height) for far in (-30.5 - height, 30.5)),
        area_ratio=ones * half / height,
        wavelength_aa=1000.5 + np.arange(N_COLUMNS),
        width_aa=ones,
        good=ones > 0,
        enclosed_energy=ones,
        sensitivity=None,
        net=None,
        background_rate=None,
    )


def make_events(rng, name, *, source, background=0.0, drift=0.0, ramp=1.0, off=0.0, columns=(0, N_COLUMNS)):
    """Photons of a source that moves, and of a background (counts in the source region) that rises `ramp`-fold."""
    half, height, sigma = SHAPES[name]
    region = make_region(name)
    trace = (region.lower + region.upper) / 2
    n, m = rng.poisson(source), rng.poisson(background * 2 * (35 + height) / (2 * half))
    time, column = rng.uniform(0, TIME_S, n), rng.integers(*columns, n)
    y = trace[column] + off + drift * (time / TIME_S - 0.5) + sigma * rng.normal(size=n)
    rise = (np.sqrt(1 + (ramp**2 - 1) * rng.random(m)) - 1) / (ramp - 1) if ramp > 1 else rng.random(m)
    time, column = np.concatenate([time, TIME_S * rise]), np.concatenate([column, rng.integers(0, N_COLUMNS, m)])
    y = np.concatenate([y, 400.0 + rng.uniform(-35 - height, 35 + height, m)])
    y = np.floor(2 * y) / 2 + 0.25 if name == 'STIS' else y
    order = np.argsort(time, kind='stable')
    ones = np.ones(len(time))
    return Events(time_s=time[order], x=column[order] * 1.0, y=y[order], epsilon=ones, good=ones > 0, clean=ones > 0)


def count(events, name, *, kept=KEPT, n_events=0):
    tables = prepare((make_region(name),), GRID, (0.0, 1e9))
    positions = Positions(tables, GRID, kept, step_px=STEP_PX[name], n_events=n_events)
    source, background = Plane(), Plane()
    gti = np.array([[0.0, TIME_S]])
    accumulator = Accumulator(tables, GRID, gti, stamp_offset_s=0.0, planes=(source, background), positions=positions)
    accumulator.add(events)
    return positions, background.cells(N_COLUMNS)


def measure(events, name, **options):
    positions, background = count(events, name, **options)
    return positions.drift(background)


def measure_many(name, times, *, seed=1, **options):
    rng = np.random.default_rng(seed)
    found = [measure(make_events(rng, name, **options), name) for _ in range(times)]
    return [item for item in found if item is not None]


@pytest.mark.parametrize('name', list(SHAPES))
@pytest.mark.parametrize(('drift', 'background'), [(2.0, 0.0), (-2.0, 10_000.0)])
def test_an_injected_drift_is_found_and_its_size_is_right(name, drift, background):
    """A median between the edges of a COS region moves 2 % less than the spectrum: its wings leave on one side."""
    found = measure_many(name, 25, source=20_000, drift=drift, background=background)
    sizes = np.array([item.size_px for item in found])
    assert len(found) == 25
    assert all(item.exceeds(LIMIT_PX[name]) for item in found)
    assert abs(sizes.mean() - drift) < 0.03 * abs(drift) + 3 * sizes.std() / np.sqrt(25)
    pulls = (sizes - drift) / np.array([item.error_px for item in found])
    assert 0.4 < pulls.std() < 1.3


# what would be taken for a drift if the background were left in, or the errors too small
QUIET = (
    {'source': 15_000},
    {'source': 3000, 'background': 3000.0, 'ramp': 5.0, 'off': 1.0},
    {'source': 1500, 'background': 300.0, 'off': -2.0},
    {'source': 800},
)


@pytest.mark.parametrize('name', list(SHAPES))
@pytest.mark.parametrize('options', QUIET)
def test_a_source_at_rest_does_not_drift(name, options):
    """Of 480 realisations not one; errors are those that the sizes scatter by, or a little larger."""
    found = measure_many(name, 60, **options)
    pulls = np.array([item.size_px / item.error_px for item in found])
    assert len(found) > 30
    assert not any(item.exceeds(0.0) for item in found)  # 5 sigma, whatever the limit
    assert abs(pulls.mean()) < 4 / np.sqrt(len(pulls))
    assert 0.7 < pulls.std() < 1.2


@pytest.mark.parametrize('name', list(SHAPES))
@pytest.mark.parametrize(
    'options', [{'source': 0}, {'source': 3}, {'source': 450}, {'source': 0, 'background': 5000.0, 'ramp': 10.0},
                {'source': 100, 'background': 1000.0, 'ramp': 5.0}, {'source': 300, 'drift': 5.0}]
)  # fmt: skip
def test_few_counts_tell_nothing(name, options):
    assert measure_many(name, 25, **options) == []


@pytest.mark.parametrize('name', list(SHAPES))
def test_geocoronal_light_does_not_count(name):
    """A line that wanders by 4 pixels, in the cells that are left out, over a source at rest."""
    rng = np.random.default_rng(5)
    kept = np.arange(N_COLUMNS) >= 10
    still = make_events(rng, name, source=20_000, columns=(10, N_COLUMNS))
    line = make_events(rng, name, source=20_000, drift=4.0, columns=(0, 10))
    both = Events(**{item: np.concatenate([getattr(still, item), getattr(line, item)]) for item in Events.__slots__})
    alone, told = measure(still, name, kept=kept), measure(both, name, kept=kept)
    assert told == alone
    assert not told.exceeds(LIMIT_PX[name])
    assert measure(both, name).exceeds(LIMIT_PX[name])


@pytest.mark.parametrize('name', list(SHAPES))
def test_a_drift_that_is_no_line_is_not_believed_more_than_it_scatters(name):
    """A jump back and forth is no drift: the scatter about the line is the error."""
    rng = np.random.default_rng(2)
    events = make_events(rng, name, source=30_000)
    moved = events.y + 2.0 * np.sin(4 * np.pi * events.time_s / TIME_S)
    wobbling = Events(**{item: getattr(events, item) for item in Events.__slots__} | {'y': moved})
    still, found = measure(events, name), measure(wobbling, name)
    assert found.error_px > 3 * still.error_px
    assert not found.exceeds(LIMIT_PX[name])


def test_of_a_long_list_every_so_manyth_event_is_enough():
    rng = np.random.default_rng(3)
    events = make_events(rng, 'STIS', source=60_000, background=20_000.0, drift=2.0, ramp=4.0, off=1.0)
    all_of_them, some = (measure(events, 'STIS', n_events=n) for n in (0, 4 * ENOUGH_EVENTS - 1))
    assert some.error_px == pytest.approx(2 * all_of_them.error_px, rel=0.2)
    assert abs(some.size_px - 2.0) < 4 * some.error_px


def test_what_is_kept_does_not_grow_with_the_events():
    rng = np.random.default_rng(4)
    sizes = {count(make_events(rng, 'COS', source=n), 'COS')[0].counts.size for n in (10, 50_000)}
    assert len(sizes) == 1
    assert sizes.pop() == N_SLICES * (2 * 13 + 2)


@pytest.mark.parametrize(
    ('size', 'error', 'limit', 'exceeds'),
    [(0.6, 0.1, 0.5, True), (-0.6, 0.1, 0.5, True), (0.45, 0.01, 0.5, False), (0.6, 0.13, 0.5, False), (0.0, 0.0, 0.5, False)],
)
def test_a_drift_must_be_large_and_certain(size, error, limit, exceeds):
    assert Drift(size, error).exceeds(limit) == exceeds
