"""What a text that fits a data set has to know of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DataFacts:
    """Shape, classes and sources of a data set.

    `shape` (C, H, W) of an item. `training` is the source that is learned, `testing` the one that
    is measured on while training goes on, "" for none. `items` and `test_items` are their sizes,
    `classes` is the number of classes. `pictures`: bytes
    0-255, gray or in colour; otherwise numbers, which are taken as they are. `ground` is the value
    of pixels that come in from outside when a picture is moved: 0 behind light ink, 255 on paper.
    """

    training: str
    shape: tuple[int, int, int]
    classes: int
    items: int
    testing: str = ""
    test_items: int = 0
    pictures: bool = True
    ground: int = 127

    @property
    def dataset(self) -> str:
        """The name of the data set."""
        return self.training.rpartition(".")[0]

    @property
    def colour(self) -> bool:
        """Whether they are pictures in colour."""
        return self.pictures and self.shape[0] == 3

    @property
    def side(self) -> int:
        """The shorter side in pixels."""
        return min(self.shape[1:])

    @property
    def sort(self) -> str:
        """What its items are, in words."""
        channels, height, width = self.shape
        if not self.pictures:
            return f"items of {channels} x {height} x {width} numbers"
        return f"{'colour' if self.colour else 'gray'} pictures of {width}x{height} pixels"
