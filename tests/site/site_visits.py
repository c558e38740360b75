"""A visit to the site with a real browser, and what went wrong on it."""

import shutil
from pathlib import Path

CHROMIUM = next(
    (
        name
        for name in ('/usr/bin/chromium', shutil.which('chromium'), shutil.which('google-chrome'))
        if name and Path(name).exists()
    ),
    None,
)
ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']


class Visit:
    """A page with what went wrong on it."""

    def __init__(self, browser, start, **options):
        self.start, self.errors, self.requests = start, [], []
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
        self.page.goto(f'{self.start}/{name}')
        return self.page

    def check(self):
        inside = self.start
        assert self.errors == []
        assert [url for url in self.requests if not url.startswith((inside, 'data:', 'blob:'))] == []
