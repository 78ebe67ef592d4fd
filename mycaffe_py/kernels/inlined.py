"""The decorator for parts of a kernel that are never called on their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def inlined(function: Callable[..., Any]) -> Any:
    """Put the body of `function` into each kernel that calls it, before anything is compiled.

    A kernel called by a kernel is compiled alone first, and once more inside each caller above it.
    Inlined, the tower of small functions a tile kernel consists of is compiled once: a fifth less
    to wait for on an empty cache. The caller's options (jit.py) apply.
    """
    return numba.njit(function, inline="always")
