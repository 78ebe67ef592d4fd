"""Floor 0. A named collection to which modules add themselves where they are defined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from mycaffe_py.errors import UserError, Where, nearest

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps names to entries; look-ups ignore case, so MyCaffe's spellings work too."""

    def __init__(self, what: str) -> None:
        """`what` names one entry in error messages, e.g. "layer type"."""
        self.what = what
        self._entries: dict[str, T] = {}
        self._lower: dict[str, str] = {}

    def add(self, name: str, entry: T) -> T:
        """Register `entry`; a name taken twice is a programming error."""
        if name.lower() in self._lower:
            raise RuntimeError(f"{self.what} '{name}' is registered twice")
        self._entries[name] = entry
        self._lower[name.lower()] = name
        return entry

    def alias(self, spelling: str, name: str) -> None:
        """Let `spelling` find the entry registered as `name`."""
        self._lower[spelling.lower()] = name

    def get(self, name: str, where: Where | None = None) -> T:
        """Return the entry called `name`; an unknown name is the user's mistake."""
        known = self._lower.get(name.lower())
        if known is None:
            raise UserError(
                f"unknown {self.what} '{name}'", where=where, do=nearest(name, self._entries)
            )
        return self._entries[known]

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._lower

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)
