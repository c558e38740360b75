"""How fast pages are rendered, and how fast the table of browse answers with many rows.

    python -m tests.benchmarks.site [--pages 3000] [--rows 50000] [--chromium PATH]

Renders the page of a target (four exposures and their composite) again and again through the templates as they are, on one
core; then writes a catalog of made-up rows, opens browse in Chromium from a folder, and measures when the table is ready and
how long it takes from a filter to the rows that it leaves.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from hstlc.paths import Paths, shared
from hstlc.settings import Settings
from hstlc.site.index import browser_catalog
from hstlc.site.render import render
from hstlc.site.script import large_script
from hstlc.site.targets import target_context
from hstlc.steps.pages import load_archive

FILTER = """() => {
  const one = id => document.getElementById(id), start = performance.now();
  %s;
  one('filters').dispatchEvent(new Event('submit', {cancelable: true}));
  document.body.offsetHeight;
  return performance.now() - start;
}"""
FILTERS = {
    'instrument': "one('instrument').value = 'COS'",
    'name': "one('q').value = 'hd12'",
    'cone': "one('q').value = '123.4 22.2'; one('radius').value = '600'",
    'set': "one('q').value = ''; one('set').value = 'interesting'",
    'clear': "one('filters').reset()",
}


def rendering(settings: Settings, pages: int) -> float:
    """Return the pages of targets that are rendered in a second of one core."""
    archive = load_archive(settings)
    target = next(one for one in archive.targets if one.slug == 'gj-436')
    context = {**target_context(archive, target), 'bundle': None}
    templates = shared('site_templates')
    render(templates, 'target.html', context)
    start = time.process_time()
    for _ in range(pages):
        render(templates, 'target.html', context)
    return pages / (time.process_time() - start)


def catalog_rows(columns: list[str], row: list[object], count: int) -> list[list[object]]:
    """Return made-up rows of the catalog."""
    rng = random.Random(1)
    found = []
    for k in range(count):
        one = dict(zip(columns, row, strict=True))
        one |= {
            'stem': f'hlsp_hstlc_{k}', 'target': f'STAR-{k // 3}', 'aliases': [f'HD{k}'], 'ra_deg': 360 * rng.random(),
            'dec_deg': 180 * rng.random() - 90, 'instrument': rng.choice(['COS', 'STIS']), 'composite': True,
            'opt_elem': rng.choice(['G130M', 'G160M', 'G140L', 'E140M']), 'poisson_factor': round(3 * rng.random(), 4),
            'total': rng.randrange(10**7),
        }  # fmt: skip
        found.append(list(one.values()))
    return found


def browsing(site: Path, chromium: str) -> dict[str, float]:
    """Return seconds until the table is ready and milliseconds from each filter to its rows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=['--headless', '--no-sandbox', '--disable-gpu'])
        page = browser.new_page(viewport={'width': 1280, 'height': 900})
        start = time.perf_counter()
        page.goto((site / 'browse.html').as_uri())
        page.wait_for_selector('#browse-table[data-ready=yes]')
        found = {'ready_s': time.perf_counter() - start}
        page.wait_for_timeout(300)
        for name, action in FILTERS.items():
            found[f'{name}_ms'] = page.evaluate(FILTER % action)
        browser.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--pages', type=int, default=3000)
    parser.add_argument('--rows', type=int, default=50_000)
    parser.add_argument('--chromium', default='/usr/bin/chromium')
    given = parser.parse_args()
    tests = Path(__file__).parents[1]
    sys.path[:0] = [str(tests), str(tests / 'site')]
    from site_making import make_pages, write_records

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        write_records(settings)
        print(f'{rendering(settings, given.pages):.0f} pages of targets per second and core')
        make_pages(settings)
        site = Paths(settings).site
        catalog = json.loads((site / 'catalog.json').read_text())
        catalog['rows'] = catalog_rows(catalog['columns'], catalog['rows'][0], given.rows)
        data = Paths(settings).site_data('catalog')
        data.write_text(large_script('hstlc_catalog', browser_catalog(catalog)))
        print(f'{given.rows} rows, {data.stat().st_size / 1e6:.1f} MB:')
        for name, value in browsing(site, given.chromium).items():
            print(f'  {name} {value:.3g}')


if __name__ == '__main__':
    main()
