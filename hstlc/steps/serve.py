"""A local preview of the site."""

from collections.abc import Callable
from typing import Any

from hstlc.errors import InputError, StateError
from hstlc.paths import Paths, shared
from hstlc.settings import Settings
from hstlc.site.render import forget_templates
from hstlc.steps.assets import make_assets
from hstlc.steps.guide import make_guide
from hstlc.steps.index import make_lists, make_tables
from hstlc.steps.pages import load_archive, make_target_pages

HOST = '127.0.0.1'
PORTS = 65536


def serve_site(settings: Settings, port: int = 8000) -> None:
    """Show the site at http://127.0.0.1:<port> until Ctrl-C; pages reload when a run changes them.

    Where content or templates lie in a checkout, what is made from them is made anew when they change.

    Raises
    ------
    InputError
        There is no such port.
    StateError
        There is no site yet, or something else listens on the port.
    """
    from livereload import Server

    if not 0 < port < PORTS:  # the system would take another one
        raise InputError(f'there is no port {port}; choose one from 1 to {PORTS - 1} with --port')
    site = Paths(settings).site
    if not (site / 'index.html').is_file():
        raise StateError(f'there is no site in {site} yet; run doit')
    server = Server()
    server.watch(str(site / '*.html'))
    for source, remake in sources(settings):
        server.watch(source, remake)
    try:
        server.serve(root=str(site), host=HOST, port=port, open_url_delay=None)
    except OSError as error:
        raise StateError(f'cannot use port {port}: {error.strerror}; choose another one with --port') from error


def sources(settings: Settings) -> list[tuple[str, Callable[[], Any]]]:
    """Return what the site is made from beside records, as patterns of file names, and what to do when it changes."""
    templates = shared('site_templates')

    def remake_pages() -> None:
        forget_templates()
        archive = load_archive(settings)
        for target in archive.targets:
            make_target_pages(settings, target, *archive.about(target))
        make_assets(settings)
        for make in (make_lists, make_tables):
            make(settings, [target.slug for target in archive.targets], archive.strays)

    def remake_guide() -> None:
        make_guide(settings)

    return [
        (str(shared('content') / '*.md'), remake_guide),
        (str(shared('content') / '*' / '*.md'), remake_guide),
        (str(templates / 'guide' / '*.html'), remake_guide),
        (str(templates / '*.html'), remake_pages),
        (str(templates / 'assets' / '*'), remake_pages),
    ]
