"""Ten runs are killed, on the steps of the miniature; `python tests/validation/kills.py` kills a hundred of the real ones."""

import json

import pytest
from test_tasks import FIRST, TESTS, Archive

from tests.validation.kills import Trial, campaign, undisturbed, whole

DODO = TESTS / 'miniature_dodo.py'
MORE = {f'eeee{number:02}010': {'targname': f'STAR-{number % 3}', 'sleep': 0.05} for number in range(6)}


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """A home with files to ingest, and the same after an undisturbed run."""
    folder = tmp_path_factory.mktemp('kills')
    Archive(folder / 'fresh').put(**FIRST, **MORE)
    undisturbed(folder / 'fresh', folder / 'reference', DODO)
    return folder


def test_after_ten_kills_nothing_is_lost_or_half_written_and_all_is_as_if_undisturbed(made):
    assert not campaign(made / 'fresh', made / 'reference', kills=10, seed=3, folder=made, dodo=DODO, earliest_s=0.3, longest=0.9)


def test_the_campaign_finds_what_it_is_to_find(made):
    trial = Trial(made / 'reference', DODO)
    inputs, products = trial.inputs(), trial.products()
    trial.check(inputs)
    assert trial.faults == []
    next((made / 'reference' / 'bad_data').glob('*.fits')).unlink()
    catalog = made / 'reference' / 'hstlc.json'
    catalog.write_bytes(catalog.read_bytes()[:-100])
    (made / 'reference' / 'site' / '.index.html.part').touch()
    trial.check(inputs)
    trial.compare(products)
    assert [fault.split()[0] for fault in trial.faults] == ['1', str(catalog), '1', 'left']


@pytest.mark.parametrize(('name', 'content'), [('a.json', '{"a": '), ('a.html', '<html><body>'), ('a_curve.fits', 'SIMPLE  =')])
def test_half_a_file_is_not_whole(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises((ValueError, OSError)):
        whole(tmp_path / name)


def test_json_that_parses_is_whole(tmp_path):
    (tmp_path / 'a.json').write_text(json.dumps({'a': 1}))
    whole(tmp_path / 'a.json')
