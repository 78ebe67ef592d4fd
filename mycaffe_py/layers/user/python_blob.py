"""Blobs as the user's code in a Python layer sees them: values, gradient, shape."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, SupportsIndex

import numpy as np

from mycaffe_py.layers.legacy_axes import FourAxes
from mycaffe_py.layers.plan import Array, Shape

_LEGACY_AXES = 4


class Blob(FourAxes):
    """`data` and `diff`, live arrays to write into (`blob.data[...] = x`), and their shape.

    On its own a blob holds zeros, made when they are first looked at. In a net its arrays are the
    net's, and `reshape` asks the net for another array.
    """

    __slots__ = ("_data", "_diff", "_dtype", "_new_array", "_shape")

    def __init__(self, shape: Shape = (), dtype: Any = np.float32) -> None:
        self._dtype = dtype
        self._shape: Shape = shape
        self._data: Array | None = None
        self._diff: Array | None = None
        self._new_array: Callable[[Shape], Array] | None = None

    def bind(
        self, data: Array, diff: Array | None, new_array: Callable[[Shape], Array] | None = None
    ) -> None:
        """Show these arrays from now on; without `diff` zeros that nobody else reads.

        `new_array` gives the array for another shape.
        """
        if diff is None and self._diff is not None and self._diff.shape == data.shape:
            diff = self._diff
        self._data, self._diff, self._new_array = data, diff, new_array
        self._shape, self._dtype = data.shape, data.dtype

    def forget(self, shape: Shape) -> None:
        """Take this shape, and show no array of a net any more."""
        self._shape = shape
        self._data = self._diff = self._new_array = None

    @property
    def data(self) -> Array:
        """The values."""
        if self._data is None:
            self._data = np.zeros(self._shape, self._dtype)
        return self._data

    @property
    def diff(self) -> Array:
        """The gradient of the loss with respect to the values."""
        if self._diff is None:
            self._diff = np.zeros(self._shape, self._dtype)
        return self._diff

    @property
    def shape(self) -> Shape:
        """Lengths of all axes."""
        return self._shape

    @property
    def count(self) -> int:
        """Number of values; 1 for a scalar."""
        return math.prod(self._shape)

    def reshape(self, *dims: SupportsIndex) -> None:
        """Give the blob another shape, at once; no argument makes a scalar."""
        shape = tuple(operator.index(dim) for dim in dims)
        if min(shape, default=0) < 0:
            raise ValueError(f"reshape to {shape}: every length must be 0 or more")
        if shape != self._shape:
            new_array = self._new_array
            data = new_array(shape) if new_array is not None else None
            self.forget(shape)
            self._data, self._new_array = data, new_array

    def _legacy(self, axis: int) -> int:
        if len(self._shape) > _LEGACY_AXES:
            raise ValueError(f"num, channels, height and width of a blob of shape {self._shape}")
        return self._shape[axis] if axis < len(self._shape) else 1


class BlobVec(list[Blob]):
    """The parameter blobs of a Python layer."""

    def add_blob(self, *dims: SupportsIndex) -> None:
        """Append a blob of zeros of this shape."""
        blob = Blob()
        blob.reshape(*dims)
        self.append(blob)


def fixed(what: str) -> Callable[[Shape], Array]:
    """The `new_array` of a blob whose shape is not the user's to change; `what` names the blob."""

    def refuse(shape: Shape) -> Array:
        raise ValueError(f"{what} cannot be reshaped (to {shape})")

    return refuse
