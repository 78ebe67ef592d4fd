"""Floor 5. Fresh arrays whose first element starts a cache line, as vector loads like it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mycaffe_py.layers.base import Array, Shape

ALIGN_BYTES = 64


def aligned_zeros(shape: Shape, dtype: Any) -> Array:
    """Zeros; the memory is touched when it is first written."""
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    raw = np.zeros(size + ALIGN_BYTES, dtype=np.uint8)
    skip = -raw.ctypes.data % ALIGN_BYTES
    array: Array = raw[skip : skip + size].view(dtype).reshape(shape)
    return array
