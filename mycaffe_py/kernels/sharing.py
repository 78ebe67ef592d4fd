"""Floor 0. Calling a parallel kernel on fewer threads than there are.

A thread that sleeps takes some 40 us to wake: more than small work takes on one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import get_num_threads, set_num_threads


def call_on(threads: int, kernel: Callable[..., Any], *arguments: Any) -> Any:
    """kernel(*arguments) on so many threads of those there are."""
    usual = get_num_threads()
    if threads >= usual:
        return kernel(*arguments)
    set_num_threads(threads)
    try:
        return kernel(*arguments)
    finally:
        set_num_threads(usual)
