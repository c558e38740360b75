"""A fixed part of tests.validation.statistics: how often constant sources raise an alarm, and what is found."""

import pytest

from tests.validation.statistics import LEAST_P, alarms, bursts, consistent, sinusoids


@pytest.mark.parametrize('cell', [(0.2, 200.0, 0.0), (5.0, 200.0, 0.0), (200.0, 200.0, 0.0), (1.0, 1000.0, 1.0)])
def test_constant_sources_raise_no_more_alarms_than_stated(cell):
    row = alarms(cell, curves=250)
    assert {name: p for name, p in consistent(row).items() if p <= LEAST_P} == {}


def test_too_many_alarms_would_be_seen():
    row = {'curves': 2000, 'chi2': 40, 'cstat': 20, 'fap': 20, 'blocks': 6, 'episodes': 20}
    assert {name for name, p in consistent(row).items() if p <= LEAST_P} == {'chi2', 'episodes'}


@pytest.mark.parametrize(
    ('cell', 'least', 'most'),
    [
        (('exposure', 10.0, 33.0, 0.2), 15, 15),
        (('exposure', 1.0, 8.0, 0.5), 15, 15),
        (('exposure', 10.0, 300.0, 0.02), 0, 5),
        (('visits', 10.0, 7700.0, 0.2), 14, 15),
        (('visits', 10.0, 18000.0, 0.2), 14, 15),
    ],
)
def test_sinusoids_are_found_where_they_can_be(cell, least, most):
    assert least <= sinusoids(cell, curves=15)['found'] <= most


@pytest.mark.parametrize(
    ('cell', 'least', 'most'),
    [
        (('flare', 3.0, 50.0), 20, 20),
        (('flare', 0.3, 5.0), 0, 1),
        (('eclipse', 0.6, 100.0), 20, 20),
        (('eclipse', 0.1, 10.0), 0, 1),
    ],
)
def test_flares_and_eclipses_are_found_where_they_can_be(cell, least, most):
    row = bursts(cell, curves=20)
    assert least <= row['found'] <= most
    assert row['equivalent'] is None or row['found'] < 10 or 0.7 < row['equivalent'] < 1.2
