"""Figures that are reused, one thread at a time, and their PNG bytes without anything that changes by itself."""

import functools
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hstlc.figures.style import INK, MATPLOTLIB, plain

LONGEST = 200  # characters of a title: twice what fits
COMPRESSION = 4  # of PNG: a third of the time of the usual 6, a few per cent more bytes
_lock = threading.Lock()  # matplotlib's text layout is not safe between threads
Furnish = Callable[[Figure, int], object]


@contextmanager
def canvas(furnish: Furnish, panels: int = 1) -> Iterator[Figure]:
    """Give an empty figure in the style of the house; its image is taken with `png` inside.

    Parameters
    ----------
    furnish : callable
        Given a figure and a number of panels, sets its size and adds its axes: limits, labels and artists come later, and go again.
        It is called once for each number of panels, as axes and their ticks take longer to make than to draw.
    panels : int
        Number of panels.
    """
    with _lock, matplotlib.rc_context(MATPLOTLIB):
        figure = _furnished(furnish, panels)
        _empty(figure)
        yield figure


@functools.lru_cache(maxsize=16)
def _furnished(furnish: Furnish, panels: int) -> Figure:
    figure = Figure()
    FigureCanvasAgg(figure)
    furnish(figure, panels)
    return figure


def _empty(figure: Figure) -> None:
    for artist in (*figure.texts, *figure.legends):
        artist.remove()
    for axes in figure.axes:
        for artist in (*axes.lines, *axes.collections, *axes.images, *axes.texts):
            artist.remove()
        axes.containers.clear()
        if legend := axes.get_legend():
            legend.remove()
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0), xlabel='', ylabel='')
        axes.relim()
        axes.autoscale()


def title(figure: Figure, text: str, x: float, y: float) -> None:
    """Write the title of a figure; the text may come from a header."""
    figure.text(x, y, plain(text[:LONGEST]), fontsize=10.5, fontweight='bold', color=INK, va='center')


def png(figure: Figure) -> bytes:
    """Return a figure as PNG; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    compression = {'compress_level': COMPRESSION}
    figure.savefig(buffer, format='png', dpi=figure.dpi, metadata={'Software': None}, pil_kwargs=compression)
    return buffer.getvalue()
