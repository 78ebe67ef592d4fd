"""Calls of kernels: with their arguments, and on fewer threads than there are.

A thread that sleeps takes some 40 us to wake: more than small work takes on one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from numba import get_num_threads, set_num_threads


class Call(NamedTuple):
    """A kernel with its arguments, on so many `threads` of those there are; 0: on all of them."""

    kernel: Callable[..., Any]
    arguments: tuple[Any, ...]
    threads: int = 0


def perform(call: Call) -> Any:
    """Call the kernel."""
    usual = get_num_threads()
    if not 0 < call.threads < usual:
        return call.kernel(*call.arguments)
    set_num_threads(call.threads)
    try:
        return call.kernel(*call.arguments)
    finally:
        set_num_threads(usual)


def call_on(threads: int, kernel: Callable[..., Any], *arguments: Any) -> Any:
    """kernel(*arguments) on so many threads of those there are."""
    return perform(Call(kernel, arguments, threads))
