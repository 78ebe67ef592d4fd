"""Floor 2. What stands for the feed of a data layer where only its shapes were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Shape = tuple[int, ...]


@dataclass(frozen=True)
class HeadFeed:
    """The shapes of the tops, and how many labels there are; 0 is not known. It fills nothing."""

    shapes: list[Shape]
    label_count: int = 0

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Never called: a net of heads does not run."""
        raise RuntimeError("a feed of heads alone fills nothing")
