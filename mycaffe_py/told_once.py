"""Lines that a command tells once, however often their reason comes up."""

from __future__ import annotations

from collections.abc import Hashable

_told: set[Hashable] = set()


def first_time(what: Hashable) -> bool:
    """Whether `what` comes up for the first time since the command began."""
    if what in _told:
        return False
    _told.add(what)
    return True


def begin() -> None:
    """Forget what was told: a new command begins."""
    _told.clear()
