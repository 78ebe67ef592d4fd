"""How many bottoms or tops a layer takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Count:
    """How many blobs a port list may hold; `most` None means any number."""

    least: int
    most: int | None

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {self.least}"
        return f"{self.least} to {self.most}" if self.least < self.most else f"{self.least}"

    def allows(self, number: int) -> bool:
        """Whether `number` blobs fit."""
        return self.least <= number and (self.most is None or number <= self.most)


NONE = Count(0, 0)
ONE = Count(1, 1)
TWO = Count(2, 2)
ANY = Count(1, None)
