"""Background events that several stripes or orders use, against sums event by event; and the errors of any band."""

from dataclasses import replace

import numpy as np
import pytest

from hstlc.files.dynspec import read_dynamic_spectrum, write_dynamic_spectrum
from hstlc.model import SharedCells
from hstlc.science.dynamic_spectrum import Accumulator, Plane, as_stored
from hstlc.science.lookup import prepare
from hstlc.science.sharing import shared_cells, within_band
from tests.science.test_dynamic_spectrum import GTI, LIMITS, N, make_events, make_grid, make_region
from tests.science.test_oddities import spectrum

LOW, MIDDLE, HIGH = ((50.5, 70.5), (75.5, 95.5), (130.5, 150.5))


def region(name, shift, sens, rows, *, tilt=0.0):
    """Return a region of 40 Angstrom with background rows; a tilted one counts them from an origin that climbs."""
    edges = tuple((np.full(N, a), np.full(N, b)) for a, b in rows)
    sensitivity = sens * np.linspace(1.0, 1.3, N)
    return replace(
        make_region(name, shift, sens), backgrounds=edges, sensitivity=sensitivity, origin=tilt * np.arange(N), name=name
    )  # fmt: skip


CASES = {
    'stripes': (region('A', 0.0, 1e12, (LOW, HIGH)), region('B', 100.0, 3e12, (LOW, HIGH)), region('C', 200.0, 2e12, (LOW, HIGH))),
    'orders': (region('1', 0.0, 1e12, (LOW, MIDDLE)), region('2', 35.0, 2e12, (MIDDLE, HIGH))),  # their ends overlap in wavelength
    'inclined': (region('A', 0.0, 1e12, (LOW, HIGH), tilt=0.01), region('B', 100.0, 3e12, (LOW, HIGH), tilt=0.01)),
}


@pytest.fixture(params=list(CASES))
def summed(request):
    """Return background cells, what they share, and each event's flux weight in every cell, (n_events, n_wave)."""
    regions = CASES[request.param]
    events, grid = make_events(np.random.default_rng(3), 60_000), make_grid(regions)
    tables, plane = prepare(regions, grid, LIMITS), Plane()
    Accumulator(tables, grid, GTI, stamp_offset_s=0.0, planes=(Plane(), plane)).add(events)
    used = events.clean & events.good & ((events.time_s <= 30) | (events.time_s >= 34))
    column = np.floor(events.x + 0.5).astype(int)
    used &= (column >= 0) & (column < N)
    weights = np.zeros((len(column), grid.n_wave))
    for table in tables:
        at = column.clip(0, N - 1)
        row = np.floor(events.y - table.region.origin[at] + 0.5)
        for lower, upper in table.region.backgrounds:
            hit = np.flatnonzero(used & (row > lower[at]) & (row < upper[at]))
            weights[hit, table.cell[at[hit]]] += events.epsilon[hit] * table.background.flux_factor[at[hit]]
    return plane.cells(grid.n_wave), shared_cells((tables,), grid.n_wave), weights


def test_the_error_of_any_band_counts_an_event_once_with_all_that_it_is_worth_there(summed):
    cells, shared, weights = summed
    rng = np.random.default_rng(4)
    n_wave = weights.shape[1]
    bands = [np.ones(n_wave, bool), *(np.arange(n_wave) % 2 == k for k in range(2))]
    for _ in range(20):
        start, stop = sorted(rng.integers(0, n_wave, 2))
        bands.append((np.arange(n_wave) >= start) & (np.arange(n_wave) <= stop + 5))
    for band in bands:
        true = (weights[:, band].sum(axis=1) ** 2).sum()
        found = within_band(cells, shared, band)
        assert found.f2[band[found.wave]].sum() == pytest.approx(true, rel=0.03)


def test_neither_the_first_alone_nor_all_together_would_do(summed):
    cells, shared, weights = summed
    everything = np.ones(weights.shape[1], bool)
    true = (weights.sum(axis=1) ** 2).sum()
    assert cells.f2.sum() < 0.85 * true  # as if each had events of its own
    first = np.arange(len(everything)) < 30
    alone = (weights[:, first].sum(axis=1) ** 2).sum()
    assert within_band(cells, shared, everything).f2[first[cells.wave]].sum() > 1.1 * alone


def test_files_share_no_events_and_one_region_shares_with_none():
    one, other, _ = CASES['stripes']
    grid = make_grid((one, other))
    tables = prepare((one, other), grid, LIMITS)
    assert len(shared_cells((tables,), grid.n_wave).cell) > 0
    for groups in ([(tables[0],), (tables[1],)], [(tables[0],)], []):
        assert len(shared_cells(groups, grid.n_wave).cell) == 0


def test_where_nothing_is_shared_cells_stay_as_they_are(summed):
    cells, _, weights = summed
    assert within_band(cells, SharedCells(), np.ones(weights.shape[1], bool)) is cells


def test_what_is_shared_survives_the_disk(summed, tmp_path):
    _, exact, _ = summed
    stored = as_stored(spectrum(np.full(600, 8), np.full(600, 5), shared=exact))
    shared = stored.shared
    assert shared.counts == pytest.approx(exact.counts, rel=2.0**-12)
    write_dynamic_spectrum(tmp_path / 'x_dynspec.fits.gz', stored)
    again = read_dynamic_spectrum(tmp_path / 'x_dynspec.fits.gz').shared
    for name in SharedCells.__dataclass_fields__:
        assert np.array_equal(getattr(again, name), getattr(shared, name))
        assert getattr(again, name).dtype == getattr(shared, name).dtype
