"""How a layer finds a blob in the flat array that it is handed."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.layers.base import Shape


@dataclass(frozen=True)
class Place:
    """A blob (N, C, H, W) in blocks of channels, alone or among the channels of a wider one.

    whole: channels of the array in which its own begins, the array of the blob `of`, or its own;
    first: its first channel there.
    """

    shape: Shape
    whole: int
    of: str = ""
    first: int = 0
