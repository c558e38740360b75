"""The steps that write targets.json and statistics records."""

import json
import os

import numpy as np
import pytest
from archives import join_targets
from builders import make_exposure, make_lightcurve, make_record

from hstlc.errors import InputError, StateError
from hstlc.files import records
from hstlc.files.products import read_lightcurve, write_lightcurve
from hstlc.model import Outcome, Product, Statistics, Thresholds
from hstlc.paths import Paths
from hstlc.science.added import add
from hstlc.science.statistics import statistics
from hstlc.settings import Settings
from hstlc.steps.records import load_targets
from hstlc.steps.statistics import make_stats


@pytest.fixture
def settings(tmp_path):
    """A home of its own."""
    return Settings(home=tmp_path)


def save(settings, *exposures):
    for exposure in exposures:
        records.save(Paths(settings).record(exposure.rootname), make_record(exposure))


def test_targets_there_and_back(settings):
    save(settings, make_exposure('a', 'GJ-436'), make_exposure('b', 'GJ436'), make_exposure('c', 'NGC1', ra=3.0))
    join_targets(settings)
    assert [(target.name, target.rootnames) for target in load_targets(settings)] == [('GJ436', ('a', 'b')), ('NGC1', ('c',))]
    plain = json.loads(Paths(settings).targets.read_text())
    assert list(plain) == ['version', 'targets']
    join_targets(settings)  # with targets.json among the records
    assert len(load_targets(settings)) == 2


def test_unchanged_targets_keep_their_time(settings):
    save(settings, make_exposure('a'))
    join_targets(settings)
    os.utime(Paths(settings).targets, (1000, 1000))
    join_targets(settings)
    assert Paths(settings).targets.stat().st_mtime == 1000
    save(settings, make_exposure('b'))
    join_targets(settings)
    assert Paths(settings).targets.stat().st_mtime > 1000


def test_empty_archive_has_no_targets(settings):
    join_targets(settings)
    assert load_targets(settings) == ()


def test_targets_before_they_were_found(settings):
    with pytest.raises(StateError, match='run doit targets'):
        load_targets(settings)


def test_operators_names(settings):
    save(settings, make_exposure('a', 'GJ-436'))
    Paths(settings).aliases.write_text('alias,name\nGJ-436,Ross 905\n')
    join_targets(settings)
    assert load_targets(settings)[0].name == 'ROSS-905'
    Paths(settings).aliases.write_text('alias,name\nGJ-436\n')
    with pytest.raises(InputError, match='line 2'):
        join_targets(settings)


def outcome(settings, lc, path):
    return Outcome(
        stem=path.stem,
        composite=True,
        key=lc.key,
        rootnames=('ld9m10ujq',),
        product=Product(path=Paths(settings).relative(path), bytes=1, sha256=''),
    )


def test_statistics_of_a_file(settings):
    paths = Paths(settings)
    lc = make_lightcurve(np.random.default_rng(1).poisson(30, 200), background=1.5)
    path = paths.composite(lc.key)
    write_lightcurve(path, lc)
    records.save(paths.outcome(path.stem), outcome(settings, lc, path))
    make_stats(settings, path.stem)
    found = records.load(paths.stats(path.stem), Statistics)
    read = read_lightcurve(path)
    assert found == add(statistics(read, composite=True), read, Thresholds())
    assert found.x_thresholds == Thresholds()
    assert found.total == int(lc.counts.sum())
    assert found.deliver


def test_statistics_of_no_light_curve_say_why(settings):
    lc = make_lightcurve([1.0])
    records.save(
        Paths(settings).outcome('x_curve'),
        Outcome(stem='x_curve', composite=False, key=lc.key, rootnames=('x',), why_not='echelle without x1d'),
    )
    make_stats(settings, 'x_curve')
    found = records.load(Paths(settings).stats('x_curve'), Statistics)
    assert (found.total, found.mean, found.deliver, found.note) == (0, None, False, 'echelle without x1d')
