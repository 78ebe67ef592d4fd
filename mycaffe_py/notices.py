"""Lines beside the results, on standard error, so that the results can be piped.

A program that uses the package may not want to read how things go: in the block of `hushed` remarks
and progress are left out. Notices are not: what they tell changes what the results mean.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_hushed: ContextVar[bool] = ContextVar("hushed", default=False)


def notice(text: str) -> None:
    """Write `text` to standard error behind a rule, so that it is not overlooked."""
    print(f"{'!' * 40} {text}", file=sys.stderr, flush=True)


def remark(text: str) -> None:
    """Write `text` to standard error, as a line among others."""
    if not is_hushed():
        print(text, file=sys.stderr, flush=True)


@contextmanager
def hushed(hush: bool = True) -> Iterator[None]:
    """Leave out remarks, lines about a run and progress that come from this thread meanwhile."""
    before = _hushed.set(hush)
    try:
        yield
    finally:
        _hushed.reset(before)


def is_hushed() -> bool:
    """Whether such lines are left out now."""
    return _hushed.get()
