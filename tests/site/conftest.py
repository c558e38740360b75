"""A whole small site, made once from light curves of known content."""

import pytest
from site_making import make_site, write_records

from hstlc.paths import Paths
from hstlc.settings import Settings


@pytest.fixture(scope='session')
def built(tmp_path_factory):
    """Settings and light curves of an archive whose site was made."""
    settings = Settings(home=tmp_path_factory.mktemp('home'))
    curves = write_records(settings)
    make_site(settings)
    return settings, curves


@pytest.fixture(scope='session')
def site(built):
    """The folder of the site."""
    return Paths(built[0]).site
