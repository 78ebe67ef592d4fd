"""Which process compiles a kernel that is not on disk: others that need it wait and read it then.

Two processes that begin together on an empty cache would compile the same kernels side by side. A
claim is a lock of one byte in a file beside the cached code; the system frees it when a process
ends, however that ends. Where there are no such locks nobody waits, and both compile.
A process that helps another (engine/compile_ahead.py) does not wait: it goes on to something else.
"""

from __future__ import annotations

import importlib
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

from numba.core import event

# Seconds after which a process that has a claim is not waited for any more, and between two looks.
PATIENCE_S = 60.0
_LOOK_S = 0.01
_NAME = "claims.lock"
# The kind of numba's events that tell of the wait for another process.
WAITING = "mycaffe:wait"

# numba's module has no types for what is called here.
_events: Any = event


class ElsewhereError(Exception):
    """Another process compiles the kernel that is asked for."""


class _State:
    """What this process has claimed."""

    held = 0
    waits = True


def go_on_where_others_compile() -> None:
    """From now on a kernel that another process compiles raises ElsewhereError, here."""
    _State.waits = False


@cache
def _file(folder: str) -> int | None:
    """The open file of claims on the kernels in `folder`; it stays open, or its locks would go."""
    try:
        return os.open(Path(folder) / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        return None


@cache
def _locks() -> Any:
    try:
        return importlib.import_module("fcntl")
    except ImportError:
        return None


def claim(folder: str, place: int) -> bool:
    """Have the right to compile kernel number `place`; False where there are no such rights.

    Waits while another process has it, but not for one that makes no progress: somebody may have
    stopped it. Errors: ElsewhereError where this process does not wait. One that compiles already
    what needs this kernel does wait: what it has begun is of use to others.
    """
    locks, file = _locks(), _file(folder)
    if locks is None or file is None:
        return False
    had = _taken(locks, file, place)
    if had is False:
        if not _State.waits and not _State.held:
            raise ElsewhereError
        with _events.trigger_event(WAITING):
            had = _taken_in_time(locks, file, place)
    if had:
        _State.held += 1
    return bool(had)


def _taken(locks: Any, file: int, place: int) -> bool | None:
    """Whether the lock is this process's now; None where there are no such locks."""
    try:
        locks.lockf(file, locks.LOCK_EX | locks.LOCK_NB, 1, place)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return None
    return True


def _taken_in_time(locks: Any, file: int, place: int) -> bool | None:
    """The same, once another process has given it up or has been waited for long enough."""
    end = time.monotonic() + PATIENCE_S
    had = _taken(locks, file, place)
    while had is False and time.monotonic() < end:
        time.sleep(_LOOK_S)
        had = _taken(locks, file, place)
    return had


def give_up(folder: str, place: int) -> None:
    """End a claim: the kernel is on disk, or cannot be compiled."""
    _State.held -= 1
    _locks().lockf(_file(folder), _locks().LOCK_UN, 1, place)
