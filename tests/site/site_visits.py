"""A visit to the site with a real browser, and what went wrong on it."""

import shutil
from html.parser import HTMLParser
from pathlib import Path

CHROMIUM = shutil.which('chromium') or shutil.which('google-chrome')
UNFINISHED = ':is(#dashboard, [data-item]):not([data-drawn=yes]), :is(#browse-table, #sortable):not([data-ready=yes])'
ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']


class Elements(HTMLParser):
    """Collects what could execute in a page and what only a header could have written, and the hosts it would load from."""

    def __init__(self):
        super().__init__()
        self.found, self.hosts, self.inside = [], [], False

    def handle_starttag(self, tag, attrs):
        self.inside = tag == 'script'
        self.found += [tag] if tag in ('i', 'b') else []
        for name, value in attrs:
            if name.startswith('on') or (value or '').startswith('javascript:'):
                self.found.append((tag, name))
            if tag in ('script', 'img', 'link') and name in ('src', 'href') and '//' in (value or ''):
                self.hosts.append(value)

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside and data.strip():
            self.found.append(data)


def read_page(page):
    """Return the text of a page in which nothing may execute or be loaded from elsewhere."""
    html, elements = page.read_text(encoding='utf-8'), Elements()
    elements.feed(html)
    assert (elements.found, elements.hosts) == ([], []), page
    return html


class Visit:
    """A page with what went wrong on it."""

    def __init__(self, browser, start, **options):
        self.start, self.errors, self.requests = start, [], []
        self.scripts = options.get('java_script_enabled', True)
        self.context = browser.new_context(viewport={'width': 1280, 'height': 900}, **options)
        self.page = self.context.new_page()
        self.page.on('console', lambda message: self.errors.append(message.text) if message.type in ('error', 'warning') else None)
        self.page.on('pageerror', lambda error: self.errors.append(str(error)))
        self.page.on('requestfailed', self._failed)
        self.page.on('request', lambda request: self.requests.append(request.url))
        self.page.on('dialog', lambda dialog: (self.errors.append('dialog'), dialog.dismiss()))

    def _failed(self, request):
        if request.failure != 'net::ERR_ABORTED':  # what becomes a download is not a page
            self.errors.append(f'failed: {request.url}')

    def open(self, name):
        """Open a page, and wait until everything on it is drawn."""
        self.page.goto(f'{self.start}/{name}')
        if self.scripts:
            self.page.wait_for_function('unfinished => !document.querySelector(unfinished)', arg=UNFINISHED)
        return self.page

    def own_files(self):
        """Return the files that were loaded, without those that all pages share."""
        return [Path(url.removeprefix('file://')) for url in self.requests if url.startswith('file:') and '/assets/' not in url]

    def check(self):
        """Nothing went wrong, and nothing was asked for elsewhere."""
        assert self.errors == [], self.errors
        outside = [url for url in self.requests if not url.startswith((self.start, 'data:', 'blob:'))]
        assert outside == [], outside
