"""What fills the tops of a layer without bottoms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from mycaffe_py.array_types import Shape
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.label_match import Matched
from mycaffe_py.data.selection.choice import Chooses


class BatchFeed(Protocol):
    """Anything that fills the tops of a data layer, batch by batch."""

    @property
    def shapes(self) -> list[Shape]:
        """Shape of each top; of one that `varies` as far as it is known."""

    @property
    def label_count(self) -> int:
        """The label top holds 0 ... label_count - 1; 0 where that is not known."""

    @property
    def classes(self) -> tuple[int, ...]:
        """The numbers that the label top may hold, where it holds known class numbers; else ()."""

    @property
    def source(self) -> ArraySource | None:
        """The data set that is read, None where it is none."""

    @property
    def choice(self) -> Chooses | None:
        """What says which items a batch holds, None where they come as they are stored."""

    @property
    def matched(self) -> Matched | None:
        """How the labels were numbered where another net has learned classes of these names."""

    @property
    def varies(self) -> bool:
        """Whether the shape of the first top is another in each batch."""

    @property
    def quick(self) -> bool:
        """Whether a batch is made so fast that it had better not be made ahead."""

    def shapes_of(self, batch_number: int) -> list[Shape]:
        """Shape of each top in this batch."""

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write every element of every top."""


class PlainFeed(ABC):
    """A feed that reads no data set, and whose batches all have the same shapes."""

    classes: tuple[int, ...] = ()
    source: ArraySource | None = None
    choice: Chooses | None = None
    matched: Matched | None = None
    varies = False
    quick = False

    @property
    @abstractmethod
    def shapes(self) -> list[Shape]:
        """Shape of each top."""

    def shapes_of(self, batch_number: int) -> list[Shape]:
        """Shape of each top, the same in every batch."""
        return self.shapes


class WrappedFeed:
    """A feed over another one: what it tells of the data is what `feed` knows."""

    def __init__(self, feed: BatchFeed) -> None:
        self.feed = feed

    @property
    def label_count(self) -> int:
        """The label top holds 0 ... label_count - 1."""
        return self.feed.label_count

    @property
    def classes(self) -> tuple[int, ...]:
        """The numbers that the label top may hold, where they are known."""
        return self.feed.classes

    @property
    def source(self) -> ArraySource | None:
        """The data set that is read, if it is one."""
        return self.feed.source

    @property
    def choice(self) -> Chooses | None:
        """What says which items a whole batch holds."""
        return self.feed.choice

    @property
    def matched(self) -> Matched | None:
        """How the labels were numbered by the names of their classes."""
        return self.feed.matched

    @property
    def varies(self) -> bool:
        """Whether the shape of the first top is another in each batch."""
        return self.feed.varies
