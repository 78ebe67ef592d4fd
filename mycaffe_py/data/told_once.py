"""Floor 2. What a command has told already, so that it is told once."""

from __future__ import annotations

from collections.abc import Hashable

_told: set[Hashable] = set()


def first_time(what: Hashable) -> bool:
    """Whether `what` was not told since the command began; from now on it was."""
    if what in _told:
        return False
    _told.add(what)
    return True


def begin() -> None:
    """A command begins: nothing was told."""
    _told.clear()
