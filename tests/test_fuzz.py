"""A few hundredths of `tests.validation.fuzz`: broken files through the real doit. The full run is that script."""

import json

import numpy as np
import pytest

from tests.validation import fuzz
from tests.validation.fuzz_seeds import make_seeds
from tests.validation.mutations import MUTATIONS
from tests.validation.rawfits import join, split

SEED = 1
KINDS = len(MUTATIONS) + len(fuzz.SPECIAL)
FOUND = (61, 111, 123, 148, 163, 176, 209, 418, 434, 585)  # cases that once ended in a traceback
NUMBERS = sorted({number % KINDS: number for number in (*range(KINDS), *FOUND)}.values())  # each kind of damage once


@pytest.fixture(scope='module')
def seeds(tmp_path_factory):
    return make_seeds(tmp_path_factory.mktemp('seeds'))


def test_broken_files_are_refused_or_sound(seeds, tmp_path):
    home = tmp_path / 'home'
    cases = [case for number in NUMBERS for case in fuzz.plan(seeds, number, 1, SEED, None)]
    assert {case.mutation for case in cases} == {*MUTATIONS, *fuzz.SPECIAL}
    result = fuzz.fuzz(home, cases, seeds, SEED, 'catalog')
    assert result.faults == []
    assert result.accepted >= 5
    assert result.rejected >= 10
    assert result.accepted + result.rejected == len(MUTATIONS)
    assert (home / 'hstlc.json').is_file()


def test_the_fuzzer_finds_what_is_wrong(tmp_path):
    """NaN in a record, a product that is not whole, and a temporary file are faults."""
    for name, content in (
        ('records/x.json', '{"a": NaN}'),
        ('outputs/T/x_curve.fits', 'SIMPLE  = no'),
        ('outputs/T/.x.part', ''),
        ('records/good.json', json.dumps({'a': 1})),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    faults = fuzz.unsound(tmp_path)
    assert len(faults) == 3
    assert not [fault for fault in faults if 'good.json' in fault]


def test_mutations_are_repeatable_and_change_something(seeds):
    good = seeds[0].files['_corrtag_a.fits']
    assert join(split(good)) == good
    for name, mutate in MUTATIONS.items():
        made = [mutate(np.random.default_rng([2, k]), good) for k in (1, 1, 2, 3)]
        assert made[0] == made[1], name
        assert any(content != good for content in made), name
