"""Names for the arrays that the types hold."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]  # float32 or float64, as a file has them
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
