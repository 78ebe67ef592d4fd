"""What stands for the feed of a data layer where only its shapes were read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from mycaffe_py.array_types import Shape
from mycaffe_py.data.batch_feed import PlainFeed


class HeadFeed(PlainFeed):
    """The shapes of the tops, and how many labels there are; 0 is not known. It fills nothing."""

    def __init__(self, shapes: list[Shape], label_count: int = 0) -> None:
        self._shapes = shapes
        self.label_count = label_count

    @property
    def shapes(self) -> list[Shape]:
        """Shape of each top."""
        return self._shapes

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Never called: a net whose data sets are heads does not run."""
        raise RuntimeError("a feed of heads alone fills nothing")
