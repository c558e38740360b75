"""A whole small site, made once from light curves of known content."""

import pytest
from site_making import make_site, write_records
from site_visits import ARGUMENTS, CHROMIUM, Visit

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


@pytest.fixture(scope='session')
def browser():
    if CHROMIUM is None:
        pytest.skip('there is no Chromium on this machine')
    api = pytest.importorskip('playwright.sync_api', reason='playwright is not installed')
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, request):
    """Begin a visit: to the site, or to another folder or address; at the end nothing may have gone wrong on a quiet one."""
    visits = []

    def start(place=None, quiet=True, **options):
        place = place or request.getfixturevalue('site')
        one = Visit(browser, place if isinstance(place, str) else place.as_uri(), **options)
        visits.append((one, quiet))
        return one

    yield start
    for one, _ in visits:
        one.context.close()
    for one, quiet in visits:
        if quiet:
            one.check()
