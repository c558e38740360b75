"""Heavy steps on a Dask cluster: the same bytes as here, lost workers survived, a missing scheduler told at once."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_tasks import FIRST, Archive, wait_for

from hstlc import compute
from hstlc.errors import StateError
from hstlc.settings import Settings

pytest.importorskip('distributed')
SLOW = {f'eeee{number:02}010': {'targname': 'WD0308', 'sleep': 0.6} for number in range(4)}


@pytest.fixture(scope='module')
def cluster():
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, preload=['import miniature; miniature.install()']
    ) as two:
        yield two


def on(archive, address):
    archive.home.mkdir(exist_ok=True)
    (archive.home / 'hstlc.toml').write_text(f'scheduler = "{address}"')
    return archive


def worker_pids(cluster):
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        return set(client.run(os.getpid).values())


def test_a_cluster_makes_the_same_bytes_and_a_killed_worker_costs_a_retry(cluster, tmp_path):
    here = Archive(tmp_path / 'here').put(**FIRST, **SLOW)
    here.doit()
    there = on(Archive(tmp_path / 'there').put(**FIRST, **SLOW), cluster.scheduler_address)
    before = worker_pids(cluster)
    curves = there.home / 'outputs'
    with subprocess.Popen(
        there.command, env=there.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL
    ) as running:
        wait_for(lambda: list(curves.glob('WD0308/eeee*_curve.fits')))  # both workers are at a slow light curve
        os.kill(min(before), signal.SIGKILL)
        said, _ = running.communicate(timeout=300)
    assert running.returncode == 0, said
    assert 'failed' not in said
    assert there.products() == here.products()
    wait_for(lambda: len(worker_pids(cluster)) == 2)
    assert worker_pids(cluster) != before
    assert 'nothing to do' in there.doit()


def test_failures_on_a_cluster_are_told_as_here(cluster, tmp_path):
    archive = on(Archive(tmp_path / 'home'), cluster.scheduler_address)
    archive.put(**FIRST, dddd01010={'targname': 'GJ436', 'fail': True}, dddd02010={'targname': 'WD0308', 'crash': True})
    said = archive.doit(code=2)
    assert 'cannot be used; replace it' in said
    assert 'ZeroDivisionError: a bug; please report it' in said
    assert 'Traceback' not in said
    (log,) = (archive.home / 'logs').iterdir()
    assert 'in make_lightcurve' in log.read_text()


def test_a_scheduler_that_is_not_there_is_told_at_once(tmp_path):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    archive = on(Archive(tmp_path / 'home').put(**FIRST), f'tcp://127.0.0.1:{port}')
    said = archive.doit(code=2)
    assert f'no Dask scheduler answers at tcp://127.0.0.1:{port}' in said
    assert 'Traceback' not in said
    assert not (archive.home / '.lock').exists()
    assert (archive.home / 'ingest' / 'aaaa01010_corrtag.fits').exists()
    assert 'lightcurve' in archive.doit('list')


def test_a_scheduler_that_is_silent_is_not_waited_for(tmp_path):
    with socket.create_server(('127.0.0.1', 0)) as silent:
        address = f'tcp://127.0.0.1:{silent.getsockname()[1]}'
        start = time.monotonic()

        async def connect():  # as in a notebook, whose own thread runs a loop
            with pytest.raises(StateError, match='no Dask scheduler answers'):
                compute.Cluster(Settings(home=tmp_path, scheduler=address))

        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(connect())).result()
    assert time.monotonic() - start < 10


@pytest.mark.parametrize('address', ['here', 'tcp://here', 'here:8786'])
def test_an_address_that_is_none_is_explained(tmp_path, address):
    with pytest.raises(StateError, match='looks like tcp://host:8786'):
        compute.Cluster(Settings(home=tmp_path, scheduler=address))


def test_a_worker_that_cannot_see_the_home_is_named(cluster, tmp_path):
    with pytest.raises(StateError, match=r'does not see .*nowhere; all machines must share it'):
        compute.Cluster(Settings(home=tmp_path / 'nowhere', scheduler=cluster.scheduler_address))
