"""The processes of a run: none outlives the run, and the run ends in order whatever ends it."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType

PATIENCE_S = 2.0
LOOK_EVERY_S = 0.5


def handle_signals(lost: Callable[[int], None]) -> None:
    """End in order on SIGTERM, SIGHUP and Ctrl-C: this process tidies up, its workers leave the tidying to it.

    Parameters
    ----------
    lost : callable
        Called with the number of the signal that killed a worker. doit itself would wait for ever for what the worker was to bring.
    """
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup wants the run to go on without its terminal
        signal.signal(signal.SIGHUP, _terminate)
    if hasattr(os, 'waitid'):
        signal.signal(signal.SIGCHLD, lambda number, frame: _report_lost(lost))
    sys.excepthook = _quiet_interrupt
    os.register_at_fork(after_in_child=_begin_worker)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _report_lost(lost: Callable[[int], None]) -> None:
    """Call `lost` if a child was killed; the child is left for its owner to fetch."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return
    if found is not None and found.si_code in (os.CLD_KILLED, os.CLD_DUMPED):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        lost(found.si_status)


def _quiet_interrupt(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


def _begin_worker() -> None:
    try:
        threading.Thread(target=_end_without, args=(os.getppid(),), daemon=True, name='watch-parent').start()
        signal.signal(signal.SIGTERM, _terminate)  # an error, so that a half-written file is removed
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    except SystemExit as end:  # ended while it was being born: there is nothing to tidy up yet
        os._exit(end.code if isinstance(end.code, int) else 1)


def _end_without(parent: int) -> None:
    """End this worker when the process that started it is gone, even of a kill -9; doit alone leaves its workers behind."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os._exit(1)


def end_workers() -> None:
    """End workers that still wait for work; doit forgets those that it had just started when an error ends the run."""
    for worker in multiprocessing.active_children():
        worker.terminate()
        worker.join(PATIENCE_S)
        worker.kill()  # one that was just being born lost the first signal
        worker.join()
