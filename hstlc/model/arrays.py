"""Names for the arrays that the types hold, and the unit of time that dates and seconds share."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]  # float32 or float64, as a file has them
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
DAY_S = 86400.0
