"""Floor 0. The two decorators every kernel uses, so that compile options stand in one place.

Kernels release the interpreter lock and are cached on disk. `contract` lets multiply and add fuse
into one instruction; nothing here lets the compiler ignore NaN, because a NaN loss must be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

_FASTMATH = {"contract", "reassoc", "nsz", "arcp"}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` for one thread."""
    return numba.njit(function, cache=True, nogil=True, error_model="numpy", fastmath=_FASTMATH)


def parallel_kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` with its `prange` loops shared among threads.

    Each index of a `prange` must write its own part of the output: a float sum over `prange`
    would change with the number of threads.
    """
    return numba.njit(
        function, cache=True, nogil=True, parallel=True, error_model="numpy", fastmath=_FASTMATH
    )
