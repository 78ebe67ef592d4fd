"""The types of arrays and shapes that all floors speak of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Lengths of the axes.
Shape = tuple[int, ...]
# Of any shape and type.
Array = NDArray[Any]
# Features, one row for each item (n, D), single precision.
FeatureRows = NDArray[np.float32]
# Which rows or items are meant (n,), counted from 0.
RowNumbers = NDArray[np.int64]
