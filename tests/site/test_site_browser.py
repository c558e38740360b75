"""The site in a real browser, from a folder. Skipped where there is no Chromium."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from hstlc.figures.columns import columns, rebinned
from hstlc.paths import Paths

CHROMIUM = next(
    (
        name
        for name in ('/usr/bin/chromium', shutil.which('chromium'), shutil.which('google-chrome'))
        if name and Path(name).exists()
    ),
    None,
)
ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']
COMPOSITE = 'lightcurves/hlsp_hstlc_hst_cos-fuv_gj-436_g130m_1291_psa_v1_sci.html'
EVIL = 'targets/script-alert-1-script-x-2-1a03.html'
KINDS = (
    'index.html',
    'browse.html',
    'summaries.html',
    'tables/composites.html',
    'tables/rejected.html',
    'targets/gj-436.html',
    COMPOSITE,
    'lightcurves/osa101abq_curve.html',
    'lightcurves/osb101abq_curve.html',
    EVIL,
    'lightcurves/levil1abq_curve.html',
    'guide/index.html',
    '404.html',
)


@pytest.fixture(scope='module')
def browser():
    if CHROMIUM is None:
        pytest.skip('there is no Chromium on this machine')
    api = pytest.importorskip('playwright.sync_api', reason='playwright is not installed')
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """A page with what went wrong on it."""

    def __init__(self, browser, site, **options):
        self.site, self.errors, self.requests = site, [], []
        self.context = browser.new_context(viewport={'width': 1280, 'height': 900}, **options)
        self.page = self.context.new_page()
        self.page.on('console', lambda message: self.errors.append(message.text) if message.type == 'error' else None)
        self.page.on('pageerror', lambda error: self.errors.append(str(error)))
        self.page.on('requestfailed', lambda request: self.errors.append(f'failed: {request.url}'))
        self.page.on('request', lambda request: self.requests.append(request.url))
        self.page.on('dialog', lambda dialog: (self.errors.append('dialog'), dialog.dismiss()))

    def open(self, name):
        self.page.goto(
            (self.site / name.partition('#')[0].partition('?')[0]).as_uri() + name[len(name.partition('#')[0].partition('?')[0]) :]
        )
        return self.page

    def check(self):
        inside = self.site.as_uri()
        assert self.errors == []
        assert [url for url in self.requests if not url.startswith((inside, 'data:', 'blob:'))] == []


@pytest.fixture
def visit(browser, site):
    visits = []

    def start(folder=site, **options):
        visits.append(Visit(browser, folder, **options))
        return visits[-1]

    yield start
    for one in visits:
        one.context.close()


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_every_kind_of_page_loads_quietly_and_fits_at_any_width(visit, scheme):
    one = visit(color_scheme=scheme)
    for name in KINDS:
        page = one.open(name)
        for width in (1280, 360):
            page.set_viewport_size({'width': width, 'height': 800})
            page.wait_for_timeout(60)
            beyond = page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
            assert beyond <= 0, (name, width)
        assert page.locator('h1').count() == 1, name
        assert page.locator('main').count() == 1, name
    one.check()


def test_figure_shows_the_numbers_of_the_light_curve(visit, built):
    one = visit()
    page = one.open(COMPOSITE)
    page.wait_for_selector('#dashboard[data-drawn=yes]')
    assert page.locator('#figure canvas').count() > 0
    assert not page.locator('#static').is_visible()
    lc = next(made.lc for made in built[1] if made.outcome.composite and made.outcome.key.targname == 'GJ-436')
    for factor in (1, 10):
        page.select_option('#bin', str(factor))
        drawn = page.evaluate("""() => {
          const data = hstlc_document.get_model_by_name('curve').data;
          return {net: Array.from(data.net), x: Array.from(data.x), mjd: Array.from(data.mjd), exposure: data.exposure};
        }""")
        expected = rebinned(columns(lc), factor)
        np.testing.assert_allclose(drawn['net'], expected.net, rtol=1e-5)
        starts = expected.start_mjd[expected.dataset - 1]
        np.testing.assert_allclose(drawn['mjd'], starts + expected.time_s / 86400, rtol=0, atol=0.01 / 86400)
        assert drawn['exposure'] == [lc.provenance[k - 1].rootname for k in expected.dataset]
        assert np.all(np.diff(drawn['x']) > 0)
    page.select_option('#axis', 'mjd')
    days = page.evaluate("Array.from(hstlc_document.get_model_by_name('curve').data.x)")
    assert max(days) - min(days) == pytest.approx(lc.mjd[-1] - lc.mjd[0], abs=0.01)
    one.check()


def test_light_curve_without_flux_shows_rates_only(visit):
    one = visit()
    page = one.open('lightcurves/osa101abq_curve.html')
    page.wait_for_selector('#dashboard[data-drawn=yes]')
    assert page.evaluate("hstlc_document.get_model_by_name('flux').visible") is False
    one.check()


def test_browse_sorts_filters_and_keeps_its_state(visit, tmp_path):
    one = visit()
    page = one.open('browse.html')
    page.wait_for_selector('#browse-table[data-ready=yes]')

    def targets():
        return page.locator('#browse-table tbody td:nth-child(2)').all_inner_texts()

    assert len(targets()) == 4
    assert targets()[0] == 'GJ-436'
    page.locator('#browse-table thead th', has_text='Target').click()
    assert targets() == sorted(targets(), key=str.lower)
    page.select_option('#instrument', 'COS')
    page.select_option('#opt_elem', 'G140L')
    page.wait_for_selector('#found:has-text("1 composite light curve.")')
    assert targets() == ['V*-AM-HER']
    assert 'G140L' in page.evaluate('location.hash')
    again = visit()
    shared = again.open('browse.html' + page.evaluate('location.hash'))
    shared.wait_for_selector('#browse-table[data-ready=yes]')
    assert shared.locator('#browse-table tbody td:nth-child(2)').all_inner_texts() == ['V*-AM-HER']
    assert shared.input_value('#instrument') == 'COS'
    with page.expect_download() as download:
        page.click('#export')
    download.value.save_as(tmp_path / 'rows.csv')
    with (tmp_path / 'rows.csv').open(newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    assert [row['target'] for row in rows] == ['V*-AM-HER']
    assert rows[0]['opt_elem'] == 'G140L'
    one.check()
    again.check()


@pytest.mark.parametrize(
    ('asked', 'found'),
    [
        ('gj 436', 'GJ-436'),
        ('GJ436', 'GJ-436'),
        ('11:42:11.1 +26:42:24', 'GJ-436'),
        ('274.055 49.868', 'V*-AM-HER'),
        ('am her', 'V*-AM-HER'),
    ],
)
def test_search_from_home_by_name_alias_and_position(visit, asked, found):
    one = visit()
    page = one.open('index.html')
    page.fill('#q', asked)
    page.press('#q', 'Enter')
    page.wait_for_selector('#browse-table[data-ready=yes]')
    assert page.locator('#browse-table tbody td:nth-child(2)').all_inner_texts() == [found]
    one.check()


def test_summaries_are_drawn(visit):
    one = visit()
    page = one.open('summaries.html')
    count = page.locator('[data-item]').count()
    assert count >= 5
    page.locator('[data-drawn=yes]').nth(count - 1).wait_for()
    one.check()


def test_files_in_outputs_and_plots_are_drawn_from_the_one_copy_of_bokeh(visit, built):
    paths = Paths(built[0])
    one = visit(paths.home)
    made = built[1][0]
    page = one.open(str(paths.interactive_figure(made.outcome.product.path).relative_to(paths.home)))
    page.wait_for_selector('#dashboard[data-drawn=yes]')
    page = one.open('plots/opt_elem.html')
    page.wait_for_selector('[data-drawn=yes]')
    page = one.open('plots/interesting_hstlc.html')
    page.wait_for_selector('#sortable[data-ready=yes]')
    one.check()
    assert {url for url in one.requests if url.endswith('bokeh.min.js')} == {(paths.plot_assets / 'bokeh.min.js').as_uri()}


def test_without_javascript_everything_can_be_reached(visit, built):
    one = visit(java_script_enabled=False)
    page = one.open('browse.html')
    assert page.locator('#browse-plain tbody tr').count() == 4
    page.click('text=Individual light curves')
    assert page.locator('tbody tr').count() == 8
    page.locator('tbody tr a').first.click()
    assert page.locator('#static').is_visible()
    assert page.locator('a[download]').count() == 4  # FITS, PNG, CSV, ECSV
    one.check()


def test_guide_can_be_searched(visit):
    one = visit()
    page = one.open('guide/index.html')
    page.fill('#guide-q', 'light curves')
    assert page.locator('#guide-found a').count() >= 1
    one.check()
