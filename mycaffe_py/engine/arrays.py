"""New arrays whose first element starts a cache line, so that vectors are loaded fast."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from mycaffe_py.layers.base import Array, Shape

ALIGN_BYTES = 64
# More than numpy can count; numpy would raise another error, as for a mistake of the program.
_MOST_BYTES = sys.maxsize - ALIGN_BYTES


def aligned_zeros(shape: Shape, dtype: Any) -> Array:
    """An array of zeros; its memory is touched when it is first written. Errors: MemoryError."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size > _MOST_BYTES:
        raise MemoryError(f"an array of {size:,} bytes")
    raw = np.zeros(size + ALIGN_BYTES, dtype=np.uint8)
    skip = -raw.ctypes.data % ALIGN_BYTES
    array: Array = raw[skip : skip + size].view(dtype).reshape(shape)
    return array
