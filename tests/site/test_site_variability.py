"""What pages of light curves say of the added statistics."""

import tomllib
from dataclasses import asdict, replace

import pytest
from archive_builders import exposure, made
from site_making import write_one

from hstlc.model import Thresholds
from hstlc.paths import Paths
from hstlc.science.added import add
from hstlc.settings import Settings
from hstlc.site.variability import variability
from hstlc.steps.home import open_home

STRICT = Thresholds(period_fap=1e-5, min_events=9)


@pytest.fixture
def flaring():
    one = made([exposure('l1', exptime=2000.0)], composite=False, shape='flare')
    return replace(one, statistics=add(one.statistics, one.lc, STRICT))


def test_thresholds_are_shown_as_settings_would_have_them(flaring):
    assert tomllib.loads(variability(flaring.statistics)['thresholds']) == asdict(STRICT)


def test_the_page_holds_score_flares_and_thresholds(flaring, tmp_path):
    settings = Settings(home=tmp_path / 'home')
    open_home(settings)
    write_one(settings, flaring)
    (page,) = Paths(settings).site.glob('lightcurves/*.html')
    text = page.read_text(encoding='utf-8')
    assert '<h3>Flares and eclipses</h3>' in text
    assert 'period_fap = 1e-05\n' in text


def test_why_there_are_no_numbers_is_said(flaring):
    few = replace(flaring.lc, n_src=flaring.lc.n_src * 0)
    found = variability(add(flaring.statistics, few, STRICT))
    assert found['note'] == 'only 0 source events'
