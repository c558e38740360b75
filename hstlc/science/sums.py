"""Sums of a dynamic spectrum over a band, bin by bin."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hstlc.model import Bools, Cells, Floats, Ints


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Sums over a band per bin; arrays are (n_bins,)."""

    n: Ints
    w: Floats
    w2: Floats
    f: Floats
    f2: Floats


def band_sums(cells: Cells, band: Bools, n_bins: int, factor: int) -> Sums:
    """Sum the cells of a band into bins of `factor` time bins."""
    used = band[cells.wave]
    bins = cells.time[used] // factor
    return Sums(
        n=np.bincount(bins, cells.n[used], n_bins).astype(np.int64),
        w=_total(bins, cells.w[used], n_bins),
        w2=_total(bins, cells.w2[used], n_bins),
        f=_total(bins, cells.f[used], n_bins),
        f2=_total(bins, cells.f2[used], n_bins),
    )


def _total(bins: Any, values: Floats, n_bins: int) -> Floats:
    return np.asarray(np.bincount(bins, values, n_bins), np.float64)
