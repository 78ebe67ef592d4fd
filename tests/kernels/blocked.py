"""Blocked arrays for kernel tests, made and read by numpy alone."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from mycaffe_py.kernels.vectors.vector import aligned_empty, lanes

THREADS = sorted({1, min(2, numba.config.NUMBA_NUM_THREADS)})


def to_blocks(x: Any, size: int | None = None) -> Any:
    """(N, ...) to (B, ..., L), the missing images zero."""
    size = size or lanes(x.dtype)
    blocks = -(-x.shape[0] // size)
    full = np.zeros((blocks * size, *x.shape[1:]), x.dtype)
    full[: x.shape[0]] = x
    found = aligned_empty((blocks, *x.shape[1:], size), x.dtype)
    found[...] = np.moveaxis(full.reshape(blocks, size, *x.shape[1:]), 1, -1)
    return found


def from_blocks(x: Any, images: int) -> Any:
    """(B, ..., L) to (N, ...)."""
    rows = np.moveaxis(x, -1, 1)
    return rows.reshape(-1, *rows.shape[2:])[:images].copy()


def on_each_thread_count(call: Any) -> list[Any]:
    """Results of call() on 1 and on 2 threads."""
    before = numba.get_num_threads()
    found = []
    try:
        for threads in THREADS:
            numba.set_num_threads(threads)
            found.append(call())
    finally:
        numba.set_num_threads(before)
    return found
