"""A local preview of the site."""

from hstlc.errors import StateError
from hstlc.paths import Paths
from hstlc.settings import Settings

HOST = '127.0.0.1'


def serve_site(settings: Settings, port: int = 8000) -> None:
    """Show the site at http://127.0.0.1:<port> until Ctrl-C; pages reload when a run changes them.

    Raises
    ------
    StateError
        There is no site yet, or something else listens on the port.
    """
    from livereload import Server

    site = Paths(settings).site
    if not (site / 'index.html').is_file():
        raise StateError(f'there is no site in {site} yet; run doit')
    server = Server()
    server.watch(str(site / '*.html'))
    try:
        server.serve(root=str(site), host=HOST, port=port, open_url_delay=None)
    except OSError as error:
        raise StateError(f'cannot use port {port}: {error.strerror}; choose another one with --port') from error
