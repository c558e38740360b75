"""Pages of targets rendered by hstlc and, where it is installed, by Hugo: the same data, the same page, one core each.

    python -m tests.benchmarks.hugo [--pages 2000] [--rounds 3]

Seconds are of the processor (user and system), taken in turns; the median counts. Hugo reads the data from the front matter of
one content file per page, which is how it is fed, and its template (`hugo_target.html`) says what `site_templates/target.html`
says: the words of both pages are compared. Both render into memory; then both write a file per page, hstlc beside and renamed
when the disk has it, so that a name never holds half a page, Hugo in place.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from html.parser import HTMLParser
from pathlib import Path

from hstlc.files.output import write_text
from hstlc.paths import shared
from hstlc.settings import Settings
from hstlc.site.render import POLICY, render
from hstlc.site.targets import target_context
from hstlc.steps.pages import load_archive

CURVE = ('stem', 'product', 'alt', 'exptime', 'scatter_ratio', 'varies', 'poisson_factor', 'warnings', 'start', 'why_not')
ABOUT = ('title', 'contact', 'doi', 'name', 'aliases', 'joins', 'position', 'links', 'moving', 'rejected', 'exptime')
CONFIG = {
    'baseURL': '/', 'title': 'hstlc', 'disableKinds': ['home', 'section', 'taxonomy', 'term', 'RSS', 'sitemap', 'robotsTXT', '404'],
    'uglyURLs': False,
}  # fmt: skip


class Words(HTMLParser):
    """Collects the words of a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_data(self, data):
        self.found += data.split()


def words(html):
    """Return the words of a page."""
    collector = Words()
    collector.feed(html)
    return collector.found


def about(context):
    """Return what the page of a target says, as Hugo takes it: what belongs together lies together."""
    curves = {
        curve['stem']: {**{name: curve[name] for name in CURVE}, 'row': {'exposures': curve['row']['exposures']},
                        'exposures': [{'rootname': one['rootname']} for one in curve['exposures']]}
        for curve in context['curves']
    }  # fmt: skip
    groups = [
        {'name': group['name'], 'composite': curves.get(group['composite']), 'members': [curves[stem] for stem in group['members']]}
        for group in context['configurations']
    ]
    return {**{name: context[name] for name in ABOUT}, 'bundle': None, 'policy': POLICY, 'configurations': groups}


def by_hstlc(contexts, folder):
    """Render every page, and write it where there is a folder; return seconds of the processor."""
    templates = shared('site_templates')
    render(templates, 'target.html', contexts[0])
    start = time.process_time()
    for k, context in enumerate(contexts):
        html = render(templates, 'target.html', context)
        if folder is not None:
            write_text(folder / f'{k}.html', html)
    return time.process_time() - start


def prepare_hugo(contexts, folder):
    """Write what Hugo reads."""
    (folder / 'content/targets').mkdir(parents=True)
    (folder / 'layouts/_default').mkdir(parents=True)
    (folder / 'config.json').write_text(json.dumps(CONFIG))
    shutil.copy(Path(__file__).with_name('hugo_target.html'), folder / 'layouts/_default/single.html')
    for k, context in enumerate(contexts):
        (folder / f'content/targets/{k}.md').write_text(json.dumps({'title': str(k), 'about': about(context)}, indent=1) + '\n')


def by_hugo(folder, *, write):
    """Run Hugo on one core; return seconds of the processor."""
    options = ['--destination', str(folder / 'public'), '--cleanDestinationDir'] if write else ['--renderToMemory']
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ['hugo', '--quiet', '--source', str(folder), *options],
        check=True, env={**os.environ, 'GOMAXPROCS': '1', 'HUGO_NUMWORKERMULTIPLIER': '1'},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--pages', type=int, default=2000)
    parser.add_argument('--rounds', type=int, default=3)
    given = parser.parse_args()
    tests = Path(__file__).parents[1]
    sys.path[:0] = [str(tests), str(tests / 'site')]
    from site_making import write_records

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(home=folder / 'home')
        write_records(settings)
        archive = load_archive(settings)
        target = next(one for one in archive.targets if one.slug == 'gj-436')
        one = {**target_context(archive, target), 'bundle': None}
        contexts = [{**one, 'name': f'{one["name"]} {k}'} for k in range(given.pages)]
        found = {'hstlc, rendered': [], 'hstlc, written': []}
        if shutil.which('hugo'):
            prepare_hugo(contexts, folder / 'hugo')
            found |= {'hugo, rendered': [], 'hugo, written': []}
        for k in range(given.rounds):
            found['hstlc, rendered'].append(by_hstlc(contexts, None))
            found['hstlc, written'].append(by_hstlc(contexts, folder / f'pages{k}'))
            if len(found) > 2:
                found['hugo, rendered'].append(by_hugo(folder / 'hugo', write=False))
                found['hugo, written'].append(by_hugo(folder / 'hugo', write=True))
        if len(found) > 2:
            ours = words((folder / 'pages0/7.html').read_text(encoding='utf-8'))
            theirs = words((folder / 'hugo/public/targets/7/index.html').read_text(encoding='utf-8'))
            print('the words of both pages', 'are the same' if ours == theirs else f'differ: {set(ours) ^ set(theirs)}')
        else:
            print('Hugo is not installed')
        for who, seconds in found.items():
            print(f'{who}: {given.pages / statistics.median(seconds):.0f} pages per second and core')


if __name__ == '__main__':
    main()
