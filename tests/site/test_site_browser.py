"""The site in a real browser, from a folder. Skipped where there is no Chromium."""

import csv
import json
import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from archive_builders import archive, exposure, made
from benchmarks.site import FILTER, FILTERS, catalog_rows
from scipy.stats import chi2, norm
from site_making import BANDS, FULL, with_all, write_one

from hstlc.figures.columns import FIRST_POINTS, PART_POINTS, _groups, columns, rebinned
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.site.index import browser_catalog
from hstlc.site.script import large_script

COMPOSITE = 'lightcurves/hlsp_hstlc_hst_cos-fuv_gj-436_g130m_1291_psa_v1_sci.html'
EVIL = 'targets/script-alert-1-script-x-2-1a03.html'
AXE = Path(__file__).parent / 'vendor/axe-core-4.14.1.min.js'
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

ALL_TEXT = """() => {
  const text = node => [node.shadowRoot ? text(node.shadowRoot) : '', ...[...node.children || []].map(text),
    [...node.childNodes].filter(one => one.nodeType === 3).map(one => one.data).join(' ')].join(' ');
  return text(document.body);
}"""
AT_NEXT_FRAME = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"""
LOOP = """() => {
  const start = performance.now(), kept = new Map();
  for (let k = 0; k < 1e6; k++) kept.set(`key ${k}`, {k, root: Math.sqrt(k)});
  return kept.size ? performance.now() - start : 0;
}"""


def full_curve():
    """Return the light curve that has all a light curve can have, and its bands."""
    _, _, curves, _ = archive()
    return with_all(next(one for one in curves if one.outcome.composite and one.outcome.key.targname == FULL))


@pytest.fixture(scope='module')
def served(built):
    """The address of the site on a server, below a path prefix."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = partial(Quiet, directory=str(Paths(built[0]).home))
    server = ThreadingHTTPServer(('127.0.0.1', 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True)
    thread.start()
    yield f'http://127.0.0.1:{server.server_port}/site'
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=['folder', 'server'])
def place(request):
    """Where the site is: a folder, or a server under a path prefix."""
    return request.getfixturevalue('site' if request.param == 'folder' else 'served')


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


def test_figure_shows_the_numbers_of_the_light_curve(visit, built):
    one = visit()
    page = one.open(COMPOSITE)
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


def test_light_curve_without_flux_shows_rates_only(visit):
    one = visit()
    page = one.open('lightcurves/osa101abq_curve.html')
    assert page.evaluate("hstlc_document.get_model_by_name('flux').visible") is False


def test_browse_sorts_filters_and_keeps_its_state(visit, tmp_path, place):
    one = visit(place)
    page = one.open('browse.html')

    def targets():
        return page.locator('#browse-table tbody td:nth-child(2)').all_inner_texts()

    assert len(targets()) == 4
    assert targets()[0] == 'GJ-436'
    heads = page.locator('#browse-table thead th').all_inner_texts()
    assert heads[-3:] == ['Likely period', 'False-alarm probability', 'Flags']
    assert page.locator('#browse-table tbody tr').first.locator('td').all_inner_texts()[-1] == 'W_DAY'
    page.locator('#browse-table thead th', has_text='Target').click()
    page.locator('#browse-table thead th[aria-sort=ascending]', has_text='Target').wait_for()
    assert targets() == sorted(targets(), key=str.lower)
    page.select_option('#instrument', 'COS')
    page.select_option('#opt_elem', 'G140L')
    page.wait_for_selector('#found:has-text("1 composite light curve.")')
    assert targets() == ['V*-AM-HER']
    assert 'G140L' in page.evaluate('location.hash')
    again = visit(place)
    shared = again.open('browse.html' + page.evaluate('location.hash'))
    assert shared.locator('#browse-table tbody td:nth-child(2)').all_inner_texts() == ['V*-AM-HER']
    assert shared.input_value('#instrument') == 'COS'
    with page.expect_download() as download:
        page.click('#export')
    download.value.save_as(tmp_path / 'rows.csv')
    with (tmp_path / 'rows.csv').open(newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    assert [row['target'] for row in rows] == ['V*-AM-HER']
    assert rows[0]['opt_elem'] == 'G140L'
    with page.expect_download() as download:
        page.click('#addresses')
    download.value.save_as(tmp_path / 'addresses.txt')
    assert (tmp_path / 'addresses.txt').read_text().split() == [f'{one.start}/{rows[0]["product"]}']


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
def test_search_from_home_by_name_alias_and_position(visit, asked, found, place):
    one = visit(place)
    page = one.open('index.html')
    page.fill('#q', asked)
    page.press('#q', 'Enter')
    page.wait_for_selector('#browse-table[data-ready=yes]')
    assert page.locator('#browse-table tbody td:nth-child(2)').all_inner_texts() == [found]


def test_summaries_are_drawn(visit):
    one = visit()
    page = one.open('summaries.html')
    assert page.locator('[data-drawn=yes]').count() == page.locator('[data-item]').count() >= 5
    rows = page.locator('.summary:has([data-item=hstlc_opt_elem]) table tbody tr').all_text_contents()
    assert [f'{instrument}{element}{n}' for instrument, element, n in drawn_elements(page)] == rows


def drawn_elements(page):
    """Return instrument, optical element and number of what the plot of optical elements shows, in the order of its axis."""
    return page.evaluate("""() => {
      const drawn = Bokeh.documents.map(doc => ['numbers', 'factors'].map(name => doc.get_model_by_name(name)));
      const [numbers, factors] = drawn.find(([numbers]) => Array.isArray(numbers.data.x?.[0]));
      return factors.factors.map((factor, k) => [...factor, numbers.data.count[k]]);
    }""")


def test_files_in_outputs_and_plots_are_drawn_from_the_one_copy_of_bokeh(visit, built):
    paths = Paths(built[0])
    one = visit(paths.home)
    made = built[1][0]
    for place, drawn in (
        (paths.interactive_figure(made.outcome.product.path), '#dashboard'),
        (paths.plots / 'opt_elem.html', '[data-item]'),
        (paths.plots / 'interesting_hstlc.html', '#sortable'),
    ):
        assert one.open(place.relative_to(paths.home)).locator(drawn).count() == 1
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


def test_guide_can_be_searched(visit):
    one = visit()
    page = one.open('guide/index.html')
    page.fill('#guide-q', 'light curves')
    assert page.locator('#guide-found a').count() >= 1


def drawn_columns(page):
    return page.evaluate("""() => {
      const data = hstlc_document.get_model_by_name('curve').data;
      return Object.fromEntries(Object.entries(data).map(([name, values]) => [name, Array.from(values)]));
    }""")


def wait_for_state(page, state):
    page.wait_for_function('wanted => document.getElementById("dashboard").dataset.state === wanted', arg=state)


def test_bands_are_those_of_the_product_binned_anew(visit, place):
    one = visit(place)
    page = one.open(COMPOSITE)
    lc, bands = full_curve()
    assert page.locator('#band option').all_inner_texts() == ['all wavelengths', *bands]
    page.select_option('#bin', '5')
    page.select_option('#band', BANDS[0])
    wait_for_state(page, f'{BANDS[0]} 5 closed')
    drawn, expected = drawn_columns(page), rebinned(columns(bands[BANDS[0]]), 5)
    np.testing.assert_allclose(drawn['net'], expected.net, rtol=1e-5)
    np.testing.assert_allclose(np.multiply(drawn['gross'], drawn['live']), expected.gross, rtol=1e-5)
    page.check('#beneath')
    page.wait_for_function("() => hstlc_document.get_model_by_name('sun').visible")
    expected = np.bincount(_groups(lc.dataset, 5), weights=lc.sun_alt_deg) / np.bincount(_groups(lc.dataset, 5))
    np.testing.assert_allclose(drawn_columns(page)['sun_alt'], expected, atol=1e-3)


def test_folding_takes_the_typed_ephemeris_in_barycentric_time(visit):
    one = visit()
    page = one.open(COMPOSITE)
    lc, _ = full_curve()
    page.select_option('#bin', '1')
    page.select_option('#axis', 'phase')
    page.fill('#period', '333')
    page.fill('#epoch', '2455556.25')
    page.press('#epoch', 'Enter')
    page.wait_for_function(f"() => hstlc_document.get_model_by_name('curve').data.x.length === {2 * len(lc.mjd)}")
    page.wait_for_timeout(100)
    drawn = drawn_columns(page)
    days = (lc.bjd_tdb - 2455556.25) * 86400 / 333
    phases = np.sort(days - np.floor(days))
    np.testing.assert_allclose(drawn['x'][: len(lc.mjd)], phases, atol=1e-4)
    np.testing.assert_allclose(drawn['x'][len(lc.mjd) :], phases + 1, atol=1e-4)
    page.select_option('#phases', '20')
    page.wait_for_function("() => hstlc_document.get_model_by_name('curve').data.x.length === 40")
    drawn = drawn_columns(page)
    assert np.dot(drawn['gross'][:20], drawn['live'][:20]) == pytest.approx(lc.gross.sum(), rel=1e-6)


def test_upper_limits_replace_what_is_not_detected(visit):
    one = visit()
    page = one.open(COMPOSITE)
    page.select_option('#bin', '1')
    page.select_option('#band', BANDS[0])
    wait_for_state(page, f'{BANDS[0]} 1 closed')
    assert not np.isfinite(drawn_columns(page)['limit']).any()
    page.check('#limits')
    page.wait_for_function("() => Array.from(hstlc_document.get_model_by_name('curve').data.limit).some(isFinite)")
    limits = np.array(drawn_columns(page)['limit'], float)
    cols = columns(full_curve()[1][BANDS[0]])
    hidden = cols.net < 3 * cols.net_err
    assert np.isfinite(limits).tolist() == hidden.tolist()
    exact = chi2.ppf(norm.cdf(3), 2 * (cols.gross[hidden] + 1)) / 2  # the mean that gives as few with 0.13 %
    np.testing.assert_allclose(limits[hidden] * cols.live_s[hidden] + cols.background[hidden], exact, rtol=0.02)


def test_hovering_shows_values_with_their_errors(visit):
    one = visit()
    page = one.open(COMPOSITE)
    box = page.locator('#figure canvas').first.bounding_box()
    parts, shown = ('MJD (UTC)', 'live time', 'flags'), ''  # words that only the hover says
    for step in range(20):
        page.mouse.move(box['x'] + 200 + 20 * step, box['y'] + 150)
        page.wait_for_timeout(50)
        shown = page.evaluate(ALL_TEXT)
        if 'live time' in shown and re.search(r'\(\d+\.\d+ ± \d+\.\d+\)', shown):
            break
    assert all(part in shown for part in parts)
    assert re.search(r'\(\d+\.\d+ ± \d+\.\d+\)', shown)


def test_the_first_load_is_small(tmp_path, visit):
    """A light curve of 2 000 bins; what all pages share is left out."""
    settings = Settings(home=tmp_path)
    write_one(settings, made([exposure('lbig01abq', exptime=4000.0)], composite=False))
    one = visit(Paths(settings).site)
    page = one.open('lightcurves/lbig01abq_curve.html')
    page.wait_for_timeout(200)
    assert sum(file.stat().st_size for file in one.own_files()) < 120_000
    assert len(one.own_files()) == 2  # the page and its data
    page.locator('img[data-src]').first.scroll_into_view_if_needed()
    page.wait_for_function("() => !document.querySelector('img[data-src]')")


def test_the_first_draw_is_quick(visit):
    """About as long as a loop in the same browser takes; the best of three of each."""
    drawn, looped = [], []
    for _ in range(3):
        page = visit().open(COMPOSITE)
        drawn.append(page.evaluate(AT_NEXT_FRAME))
        looped.append(page.evaluate(LOOP))
        page.context.close()
    assert min(drawn) < 2.5 * min(looped), (drawn, looped)


def test_a_composite_of_200_000_bins_shows_all_of_them_where_one_looks_closely(tmp_path, visit):
    settings = Settings(home=tmp_path)
    long = made([exposure(f'llo{k}01abq', start=55555.0 + k, exptime=100_000.0) for k in range(4)], composite=True)
    assert len(long.lc.mjd) == 200_000
    write_one(settings, long)
    one = visit(Paths(settings).site)
    page = one.open(f'lightcurves/{long.outcome.stem}.html')
    assert page.evaluate(AT_NEXT_FRAME) < 5 * page.evaluate(LOOP)
    assert len(drawn_columns(page)['x']) <= 4000
    assert sum(file.stat().st_size for file in one.own_files()) < 200_000
    page.select_option('#bin', '1')
    page.wait_for_function("() => document.getElementById('binned').textContent.startsWith('Zoom in')")
    page.evaluate("hstlc_document.get_model_by_name('time').setv({start: 120000, end: 130000})")
    page.wait_for_function("() => hstlc_document.get_model_by_name('curve').data.x.length > 7000")
    drawn = drawn_columns(page)
    x, net = np.array(drawn['x']), np.array(drawn['net'])
    assert len(x) < 3 * PART_POINTS + FIRST_POINTS
    seen = (x > 120_000) & (x < 130_000)
    assert seen.sum() == pytest.approx(5000, abs=14)
    assert np.diff(x[seen]) == pytest.approx(2.0, abs=0.02)
    index = np.searchsorted(long.lc.mjd, np.array(drawn['mjd'])[seen] - 0.5 / 86400)
    np.testing.assert_allclose(net[seen], long.lc.net[index], rtol=1e-5)
    page.select_option('#bin', '5')  # wider bins: more of it at once
    page.evaluate("hstlc_document.get_model_by_name('time').setv({start: 120000, end: 180000})")
    page.wait_for_function("() => hstlc_document.get_model_by_name('curve').data.x.length > 9000")
    x = np.array(drawn_columns(page)['x'])
    seen = np.diff(x[(x > 120_000) & (x < 180_000)])
    assert np.median(seen) == pytest.approx(10.0, abs=0.05)


def test_fingers_zoom_and_move_the_curve_and_still_scroll_the_page(visit):
    one = visit(has_touch=True, is_mobile=True)
    page = one.open(COMPOSITE)
    page.evaluate("document.getElementById('figure').scrollIntoView()")
    page.wait_for_timeout(200)
    box = page.locator('#figure canvas').first.bounding_box()
    x, y = box['x'] + 400, box['y'] + 120
    session = one.context.new_cdp_session(page)

    def drag(*fingers):
        """Move each finger from one place to another."""
        for step in range(9):
            places = [
                {'id': k, 'x': here[0] + (there[0] - here[0]) * step / 8, 'y': here[1] + (there[1] - here[1]) * step / 8}
                for k, (here, there) in enumerate(fingers)
            ]
            kind = 'touchMove' if step else 'touchStart'
            session.send('Input.dispatchTouchEvent', {'type': kind, 'touchPoints': places})
            page.wait_for_timeout(20)
        session.send('Input.dispatchTouchEvent', {'type': 'touchEnd', 'touchPoints': []})
        page.wait_for_timeout(500)

    def view():
        return page.evaluate("(time => [time.start, time.end, scrollY])(hstlc_document.get_model_by_name('time'))")

    start, end, scrolled = view()
    drag(((x - 30, y), (x - 120, y)), ((x + 30, y), (x + 120, y)))
    zoomed = view()
    assert zoomed[1] - zoomed[0] < 0.8 * (end - start)
    assert zoomed[2] == scrolled
    drag(((x - 50, y), (x + 50, y + 6)))
    moved = view()
    assert moved[1] - moved[0] == pytest.approx(zoomed[1] - zoomed[0])
    assert moved[0] < zoomed[0]
    assert moved[2] == scrolled
    page.touchscreen.tap(x, y)
    page.wait_for_timeout(200)
    assert 'live time' in page.evaluate(ALL_TEXT)
    drag(((x, y + 150), (x + 3, y)))
    assert view()[2] > scrolled + 50
    assert view()[1] - view()[0] == pytest.approx(zoomed[1] - zoomed[0])


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_serious(visit, scheme):
    one = visit(color_scheme=scheme, bypass_csp=True, quiet=False)  # axe asks for more than a page in a folder may have
    for name in KINDS:
        page = one.open(name)
        if name == COMPOSITE:
            page.select_option('#axis', 'phase')
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
        bad = [(rule['id'], rule['nodes'][0]['html'][:200]) for rule in found if rule['impact'] in ('serious', 'critical')]
        assert bad == [], name


def test_search_from_home_takes_a_radius(visit):
    one = visit()
    for radius, found in (('20', ['No light curve fits. Try fewer filters.']), ('40', ['GJ-436'])):
        page = one.open('index.html')
        page.fill('#q', '175.546 27.207')  # half a degree north of GJ 436
        page.fill('#radius', radius)
        page.press('#q', 'Enter')
        page.wait_for_selector('#browse-table[data-ready=yes]')
        cells = page.locator('#browse-table tbody td:nth-child(2), #browse-table tbody td[colspan]')
        assert cells.all_inner_texts() == found


def test_keyboard_alone_leads_from_search_to_download(visit, site):
    one = visit(site)
    page = one.open('index.html')

    def tab_to(what):
        for _ in range(80):
            page.keyboard.press('Tab')
            if page.evaluate('what => document.activeElement.matches(what)', what):
                return
        raise AssertionError(f'{what} cannot be reached')

    tab_to('#q')
    page.keyboard.type('gj 436')
    page.keyboard.press('Enter')
    page.wait_for_selector('#browse-table[data-ready=yes]')
    tab_to('tbody a[href^="lightcurves"]')
    page.keyboard.press('Enter')
    page.wait_for_selector('#dashboard[data-drawn=yes]')
    tab_to('#bin')
    tab_to('a[download]')
    with page.expect_download() as download:
        page.keyboard.press('Enter')
    assert download.value.suggested_filename.endswith('.fits')


@pytest.fixture(scope='module')
def many(site, tmp_path_factory):
    """A site with 50 000 made-up composites, which have no pictures, and their rows."""
    folder = tmp_path_factory.mktemp('many') / 'site'
    shutil.copytree(site, folder, ignore=shutil.ignore_patterns('guide', 'products', 'archives'))
    catalog = json.loads((site / 'catalog.json').read_text(encoding='utf-8'))
    rows = catalog_rows(catalog['columns'], catalog['rows'][0], 50_000)
    script = large_script('hstlc_catalog', browser_catalog({**catalog, 'rows': rows}))
    (folder / 'data/catalog.js').write_text(script, encoding='utf-8')
    return folder, [dict(zip(catalog['columns'], row, strict=True)) for row in rows]


def test_browse_finds_the_right_ones_of_many_rows(visit, many):
    page = visit(many[0], quiet=False).open('browse.html#instrument=COS&opt_elem=G160M&q=hd12&order=11-asc')
    expected = [
        row for row in many[1] if row['instrument'] == 'COS' and row['opt_elem'] == 'G160M' and row['aliases'][0].startswith('HD12')
    ]
    assert len(expected) > 100
    assert page.inner_text('#found').startswith(f'{len(expected)} ')
    expected.sort(key=lambda row: row['poisson_factor'])
    shown = page.locator('#browse-table tbody td:nth-child(2)').all_inner_texts()
    assert shown == [row['target'] for row in expected[:50]]
    page.click('.dt-paging-button.next')
    page.wait_for_selector('.dt-info:has-text("51 to")')
    shown = page.locator('#browse-table tbody td:nth-child(2)').all_inner_texts()
    assert shown == [row['target'] for row in expected[50:100]]


def test_browse_with_many_rows_is_quick(visit, many):
    """Interactive within 2 s, a filter answers within 200 ms: the best of three, since the machine may be busy otherwise."""
    ready, filters = [], {name: [] for name in FILTERS}
    for _ in range(3):
        page = visit(many[0], quiet=False).open('browse.html')
        ready.append(page.evaluate('performance.now()'))
        page.wait_for_timeout(200)
        for name, action in FILTERS.items():
            filters[name].append(page.evaluate(FILTER % action))
        page.context.close()
    assert min(ready) < 2000, ready
    for name, times in filters.items():
        assert min(times) < 200, (name, times)
