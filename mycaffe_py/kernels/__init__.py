"""Floor 0: Numba functions on arrays; they import numpy, numba and math only."""
