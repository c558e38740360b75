"""Where steps run: in the processes that doit starts on this machine."""

import importlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any

from hstlc.settings import Settings


def cores(settings: Settings) -> int:
    """Return how many processes may work: the setting `num_cores`, or every core that this process may use."""
    if settings.num_cores:
        return settings.num_cores
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def find(step: str) -> Callable[..., Any]:
    """Return the function that `module:name` says; its module is imported only now.

    A run that has nothing to do therefore imports neither plotting nor FITS.
    """
    module, _, name = step.partition(':')
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def run(step: str, *arguments: Any, **options: Any) -> Any:
    """Run a step in this process."""
    watch_parent()
    return find(step)(*arguments, **options)


_WATCHING: set[int] = set()  # process ids: a forked process starts its own thread


def watch_parent() -> None:
    """End this worker when the process that started it dies, even of a kill -9; doit alone leaves its workers behind."""
    parent = multiprocessing.parent_process()
    if parent is None or os.getpid() in _WATCHING:
        return
    _WATCHING.add(os.getpid())
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True, name='watch-parent').start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
