"""Where steps run: in this process, in the processes that doit starts on this machine, or on the workers of a Dask cluster.

The only importer of Dask, and only when the setting `scheduler` asks for it.
"""

import contextlib
import functools
import importlib
import importlib.util
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hstlc import __version__, logs, permissions
from hstlc.errors import StateError
from hstlc.paths import Paths
from hstlc.settings import Settings

log = logging.getLogger(__name__)
IN_FLIGHT = 128  # steps that are given to a cluster at the same time, unless `num_cores` says otherwise; a waiting one is a thread
PATIENCE_S = 7.0  # for the answer of a scheduler
_begun = threading.Event()  # a step, in this process
_ONE = threading.Lock()  # steps use matplotlib and catch warnings, which threads cannot do side by side
PHOTONS = (  # modules that the light curve needs, in portions
    'numpy', 'scipy.special', 'scipy.interpolate', 'astropy.units', 'astropy.coordinates', 'hstlc.steps.lightcurves',
)  # fmt: skip
USUAL = (  # and what else one new exposure needs
    'scipy.special', 'hstlc.steps.targets', 'astropy.timeseries', 'hstlc.steps.statistics', 'matplotlib.colors', 'matplotlib.text',
    'matplotlib.axes', 'matplotlib.figure', 'hstlc.steps.plots', 'hstlc.steps.pages', 'hstlc.steps.summaries', 'hstlc.steps.index',
)  # fmt: skip
LISTING = 'hstlc.steps.listing:read_ahead'
LISTERS = 5  # processes that list the archive at the same time: where there are more, most would read it in vain
AT_ONCE_S = 0.1  # the first step of a process comes before them
END = object()
PAUSE_S = 0.01  # between portions, for a step that waits


def cores(settings: Settings) -> int:
    """Return how many processes may work: the setting `num_cores`, or every core that this process may use."""
    if settings.num_cores:
        return settings.num_cores
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_flight(settings: Settings) -> int:
    """Return how many steps doit has under way: one per process of this machine, or as many as a cluster is to be given."""
    return settings.num_cores or IN_FLIGHT if settings.scheduler else cores(settings)


def find(step: str) -> Callable[..., Any]:
    """Return the function that `module:name` says; its module is imported only now.

    A run that has nothing to do therefore imports neither plotting nor FITS.
    """
    module, _, name = step.partition(':')
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def get_ready(settings: Settings) -> None:
    """Import in a new process what the usual steps need, and read what they list, while it waits for work."""
    threading.Thread(target=_get_ready, args=(settings,), daemon=True, name='get-ready').start()


def _get_ready(settings: Settings) -> None:
    time.sleep(AT_ONCE_S)
    portions = _portions(settings, USUAL if _begun.is_set() else (*PHOTONS, *USUAL))  # who began with waiting gets the light curve
    with contextlib.suppress(Exception):  # the step that needs it will tell
        while True:
            with _ONE:  # never beside a step
                if next(portions, END) is END:
                    return
            time.sleep(PAUSE_S)


def _portions(settings: Settings, modules: Iterable[str]) -> Iterator[None]:
    """Import some modules, then read the listing, and yield often."""
    for module in modules:
        importlib.import_module(module)
        yield
    if cores(settings) <= LISTERS:
        yield from find(LISTING)(settings)


def run(step: str, logfile: str, settings: Settings, *arguments: Any, **options: Any) -> Any:
    """Run a step in this process, which joins the log of the run where there is one."""
    _begun.set()
    with _ONE:
        if os.path.exists(logfile):
            logs.attach(Path(logfile))
        permissions.prepare(Paths(settings))
        return find(step)(settings, *arguments, **options)


def run_for_cluster(step: str, logfile: str, settings: Settings, *arguments: Any) -> Any:
    """Run a step in a worker of a cluster; the worker may serve another run afterwards, so it leaves the log again."""
    try:
        return run(step, logfile, settings, *arguments)
    finally:
        with _ONE:
            logs.detach()


class Cluster:
    """The connection to a Dask scheduler, made once in a run."""

    def __init__(self, settings: Settings) -> None:
        """Connect, and make sure that every worker that is there knows this hstlc and sees the home.

        Raises
        ------
        StateError
            Dask is not installed, no scheduler answers within some seconds, or a worker cannot work for this home.
        """
        self.address = settings.scheduler
        if importlib.util.find_spec('distributed') is None:
            raise StateError("the setting 'scheduler' needs Dask; pip install 'hstlc[distributed]', or leave it empty")
        _dask()  # takes a while, which is not the scheduler's
        try:
            _knock(self.address)
            self.client = _dask().Client(self.address, set_as_default=False, direct_to_workers=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise StateError(
                f"no Dask scheduler answers at {self.address}; start one there, or change the setting 'scheduler' ({error})"
            ) from None
        self.process = os.getpid()
        try:
            self._check_workers(settings)
        except StateError:
            self.close()
            raise

    def _check_workers(self, settings: Settings) -> None:
        found = self.client.run(acquaint, str(settings.home), on_error='return')
        for worker, answer in sorted(found.items()):
            if answer != (__version__, True):
                raise StateError(f'the Dask worker {worker} cannot be used: {_complaint(answer, settings.home)}')
        log.info('%d Dask workers at %s', len(found), self.address)

    @property
    def workers(self) -> int:
        """How many workers there are now."""
        return len(self.client.scheduler_info(n_workers=-1)['workers'])

    def run(self, step: str, *arguments: Any) -> Any:
        """Run a step on some worker and wait for it; when the worker is lost another one begins anew.

        Raises
        ------
        StateError
            The cluster is gone, or lost several workers over this step.
        """
        if os.getpid() != self.process:
            raise StateError("with the setting 'scheduler' doit must not start processes of its own; leave out -P process")
        name = step.partition(':')[2]
        future = self.client.submit(run_for_cluster, step, *arguments, key=f'{name}-{uuid.uuid4()}', pure=False)
        try:
            return future.result()
        except _dask().KilledWorker as error:
            raise StateError(
                f'{name} lost one worker after the other, perhaps for want of memory; give workers more ({error})'
            ) from error
        except (_dask().CancelledError, OSError, RuntimeError) as error:
            if self.client.status == 'running':
                raise
            raise StateError(f'the Dask scheduler at {self.address} went away; start it again, then doit goes on') from error

    def close(self) -> None:
        """Let go; steps that wait are withdrawn, those that run on workers come to their end."""
        self.client.close(timeout=PATIENCE_S)


def _dask() -> Any:
    return importlib.import_module('distributed')


def _knock(address: str) -> None:
    """Raise OSError where nothing listens, TimeoutError where nothing answers; Dask's client itself would wait for ever."""
    place = urlsplit(address)
    if not place.hostname or not place.port:
        raise ValueError('an address looks like tcp://host:8786')
    socket.create_connection((place.hostname, place.port), PATIENCE_S).close()
    import asyncio  # takes a while, and few runs need it

    with ThreadPoolExecutor(1) as thread:  # a notebook's own thread runs a loop already
        thread.submit(lambda: asyncio.run(asyncio.wait_for(_greet(address), PATIENCE_S))).result()


async def _greet(address: str) -> None:
    secured = _dask().Security().get_connection_args('client')
    async with _dask().rpc(address, connection_args=secured) as scheduler:
        await scheduler.identity(n_workers=0)


@functools.cache
def cluster(settings: Settings) -> Cluster:
    """Return this run's connection to the cluster of the setting `scheduler`.

    Raises
    ------
    StateError
        As `Cluster`.
    """
    return Cluster(settings)


def acquaint(home: str) -> tuple[str, bool]:
    """Return, in a worker, which hstlc it has and whether it sees the home."""
    return __version__, os.path.isdir(home)


def _complaint(answer: Any, home: Path) -> str:
    if isinstance(answer, BaseException):
        return f'{answer}; install hstlc {__version__} there'
    version, sees = answer
    return f'it has hstlc {version}, this is {__version__}' if sees else f'it does not see {home}; all machines must share it'
