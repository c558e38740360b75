"""Bayesian blocks against a search of all cuts."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import special

from hstlc.science import blocks
from hstlc.science.blocks import change_points, penalty


def fitness(counts, exposure, first, cost):
    edges = [*first, len(counts)]
    total = 0.0
    for a, b in pairwise(edges):
        n = counts[a:b].sum()
        total += special.xlogy(n, n / exposure[a:b].sum()) - cost
    return total


@pytest.mark.parametrize('seed', range(12))
def test_no_other_cut_is_better(seed):
    rng = np.random.default_rng(seed)
    n = 11
    exposure = rng.uniform(0.5, 2, n)
    counts = rng.poisson(exposure * np.repeat([3, 30, 1], [4, 4, 3]) * (seed % 3))
    cost = penalty(n, 0.003)
    every = [(0, *cut) for k in range(n) for cut in combinations(range(1, n), k)]
    best = max(fitness(counts, exposure, cut, cost) for cut in every)
    assert fitness(counts, exposure, change_points(counts, exposure, 0.003), cost) == pytest.approx(best)


def test_penalty_is_scargles():
    assert penalty(1000, 0.05) == pytest.approx(4 - np.log(73.53 * 0.05 * 1000**-0.478))


def test_steps_are_found_where_they_are():
    counts = np.random.default_rng(1).poisson(np.repeat([5.0, 40.0, 5.0], [300, 50, 250]))
    first = change_points(counts, np.ones(600), 0.003)
    assert len(first) == 3
    np.testing.assert_allclose(first[1:], [300, 350], atol=1)


def test_live_time_is_no_step():
    live = np.repeat([2.0, 0.4, 2.0], 200)
    counts = np.random.default_rng(2).poisson(20 * live)
    assert change_points(counts, live, 0.003).tolist() == [0]
    assert len(change_points(counts, np.ones(600), 0.003)) == 3


def test_long_series_are_joined_first(monkeypatch):
    monkeypatch.setattr(blocks, 'MOST_BINS', 100)
    counts = np.random.default_rng(3).poisson(np.repeat([2.0, 30.0], [400, 255]))
    first = change_points(counts, np.ones(655), 0.003)
    assert first[0] == 0
    assert first[1:] == pytest.approx([400], abs=7)


def test_nothing_and_zeros():
    assert change_points(np.zeros(0, int), np.ones(0), 0.003).tolist() == []
    assert change_points(np.zeros(50, int), np.ones(50), 0.003).tolist() == [0]
