"""An archive on loopback, and the real astroquery pointed at it."""

import pytest
from archive_server import serving


@pytest.fixture
def server(monkeypatch):
    from astroquery.mast import conf
    from astroquery.mast.services import ServiceAPI

    with serving() as server, conf.set_temp('server', server.url):
        monkeypatch.setattr(ServiceAPI, 'SERVICE_URL', server.url)  # copied from conf when astroquery was imported
        yield server
