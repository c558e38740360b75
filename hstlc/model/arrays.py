"""Names for the arrays that the types hold, the unit of time that dates and seconds share, and what the types compute of arrays.

A run without work uses the types of records only, and imports no numpy: it would take a tenth of its time.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Reals = NDArray[np.floating]  # float32 or float64, as a file has them
    Ints = NDArray[np.int64]
    ShortInts = NDArray[np.int16]
    CellInts = NDArray[np.int32]
    Bools = NDArray[np.bool_]
else:
    Floats = Reals = Ints = ShortInts = CellInts = Bools = Any

DAY_S = 86400.0


def root(values: Floats) -> Floats:
    """Return the square root of values, float64."""
    import numpy as np

    return np.sqrt(values)


def unknown(number: int) -> Floats:
    """Return as many NaN, (number,) float64."""
    import numpy as np

    return np.full(number, np.nan)


def no_floats() -> Floats:
    """Return an empty array, (0,) float64."""
    import numpy as np

    return np.zeros(0)


def no_cells() -> ShortInts:
    """Return an empty array, (0,) int16."""
    import numpy as np

    return np.zeros(0, np.int16)
