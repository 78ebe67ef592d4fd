"""Floor 5. Fresh arrays whose first element starts a cache line, as vector loads like it."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from mycaffe_py.layers.base import Array, Shape

ALIGN_BYTES = 64
# What numpy can count; it takes more for a mistake of the program.
_MOST_BYTES = sys.maxsize - ALIGN_BYTES


def aligned_zeros(shape: Shape, dtype: Any) -> Array:
    """Zeros; the memory is touched when it is first written. Errors: MemoryError."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size > _MOST_BYTES:
        raise MemoryError(f"an array of {size:,} bytes")
    raw = np.zeros(size + ALIGN_BYTES, dtype=np.uint8)
    skip = -raw.ctypes.data % ALIGN_BYTES
    array: Array = raw[skip : skip + size].view(dtype).reshape(shape)
    return array
