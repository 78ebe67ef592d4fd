"""The two decorators every kernel uses, so that compile options stand in one place.

Kernels release the interpreter lock and are cached on disk. `contract` lets multiply and add fuse
into one instruction; nothing here lets the compiler ignore NaN, because a NaN loss must be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

from mycaffe_py.kernels.disk_cache import keep_on_disk
from mycaffe_py.kernels.own_copies import keep_own_copies

keep_own_copies()

OPTIONS: Any = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc", "nsz", "arcp"},
    # The code by which C would call a kernel: nothing here does.
    "no_cfunc_wrapper": True,
}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` for one thread."""
    return keep_on_disk(numba.njit(function, **OPTIONS))


def bare_kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` for apart.py alone: Python must never call it, that would be the end.

    What Python calls needs code that takes each argument apart, as much as that of a small kernel.
    """
    options: Any = {**OPTIONS, "no_cpython_wrapper": True}
    return keep_on_disk(numba.njit(function, **options))


def parallel_kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` with its `prange` loops shared among threads.

    Each index of a `prange` must write its own part of the output: a float sum over `prange`
    would change with the number of threads.
    """
    return keep_on_disk(numba.njit(function, parallel=True, **OPTIONS))
