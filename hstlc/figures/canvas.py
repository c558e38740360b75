"""Figures that are reused, one thread at a time, and their PNG bytes without anything that changes by itself."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hstlc.figures.style import INK, MATPLOTLIB, plain

LONGEST = 200  # characters of a title: twice what fits
_lock = threading.Lock()  # matplotlib's text layout is not safe between threads
_figures: dict[tuple[float, float, int], Figure] = {}


@contextmanager
def canvas(width: float, height: float, dpi: int) -> Iterator[Figure]:
    """Give an empty figure of that size in inches, in the style of the house; its image is taken with `png` inside."""
    with _lock, matplotlib.rc_context(MATPLOTLIB):
        yield _figure((width, height, dpi))


def _figure(key: tuple[float, float, int]) -> Figure:
    if key not in _figures:
        figure = Figure(figsize=key[:2], dpi=key[2])
        FigureCanvasAgg(figure)
        _figures[key] = figure
    figure = _figures[key]
    for axes in figure.axes:
        figure.delaxes(axes)  # `clear` alone would furnish them anew before it lets them go
    figure.clear()
    figure.patch.set_alpha(1.0)
    return figure


def title(figure: Figure, text: str, x: float, y: float) -> None:
    """Write the title of a figure; the text may come from a header."""
    figure.text(x, y, plain(text[:LONGEST]), fontsize=10.5, fontweight='bold', color=INK, va='center')


def png(figure: Figure) -> bytes:
    """Return a figure as PNG; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format='png', dpi=figure.dpi, metadata={'Software': None})
    return buffer.getvalue()
