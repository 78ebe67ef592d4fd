"""The names that the axes of Caffe's first blobs had; scripts still use them."""

from __future__ import annotations

from abc import ABC, abstractmethod


class FourAxes(ABC):
    """num, channels, height and width of a blob of at most four axes."""

    __slots__ = ()

    @abstractmethod
    def _legacy(self, axis: int) -> int:
        """Length of an axis, 1 where there is none; an error where there are more than four."""

    @property
    def num(self) -> int:
        """Length of axis 0, 1 where there is none."""
        return self._legacy(0)

    @property
    def channels(self) -> int:
        """Length of axis 1, 1 where there is none."""
        return self._legacy(1)

    @property
    def height(self) -> int:
        """Length of axis 2, 1 where there is none."""
        return self._legacy(2)

    @property
    def width(self) -> int:
        """Length of axis 3, 1 where there is none."""
        return self._legacy(3)
