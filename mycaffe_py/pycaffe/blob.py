"""The blobs of a net as a script sees them: live views of values and gradient."""

from __future__ import annotations

import math
import operator
from abc import abstractmethod
from typing import Any, SupportsIndex

from mycaffe_py.errors import UserError
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.layers.legacy_axes import FourAxes
from mycaffe_py.pycaffe.plain_net import PlainNet

_LEGACY_AXES = 4


class BlobView(FourAxes):
    """`data` and `diff`, both float32 and of one `shape`.

    Each is a view of the net's memory: a script may write through it (`blob.data[...] = x`) and
    read new values from the same view after the next forward. The memory lives as long as a view.
    """

    @abstractmethod
    def _value(self) -> Array:
        """The array of the values."""

    @abstractmethod
    def _gradient(self) -> Array:
        """The array of the gradient."""

    @abstractmethod
    def _take(self, shape: Shape) -> None:
        """Take another shape."""

    @property
    def data(self) -> Array:
        """The values."""
        return self._value().view()

    @property
    def diff(self) -> Array:
        """The gradient of the loss with respect to the values."""
        return self._gradient().view()

    @property
    def shape(self) -> Shape:
        """Lengths of all axes."""
        return self._value().shape

    @property
    def count(self) -> int:
        """Number of values; 1 for a scalar."""
        return math.prod(self.shape)

    def reshape(self, *dims: SupportsIndex, **unknown: Any) -> None:
        """Give the blob another shape, at once; no argument makes a scalar.

        As in Caffe memory is kept as long as it is large enough: then the values stay, in the
        order of the memory. A larger blob begins with zeros.
        """
        if unknown:
            raise UserError(
                f"unknown argument {', '.join(unknown)}",
                wanted="the lengths of all axes are wanted, one after the other",
            )
        shape = tuple(operator.index(dim) for dim in dims)
        if any(dim < 0 for dim in shape):
            raise UserError(f"shape {shape}", wanted="every axis has a length of at least 0")
        if shape != self.shape:
            self._take(shape)

    def _legacy(self, axis: int) -> int:
        shape = self.shape
        if len(shape) > _LEGACY_AXES:
            raise UserError(
                f"a blob of shape {shape}",
                wanted="num, channels, height and width are names of up to four axes",
                do="Use shape.",
            )
        return shape[axis] if axis < len(shape) else 1


class NetBlob(BlobView):
    """What a layer makes. Layers learn of a new shape with the next forward, or by Net.reshape."""

    def __init__(self, net: PlainNet, name: str) -> None:
        self._net = net
        self._name = name

    def _value(self) -> Array:
        return self._net.value(self._name)

    def _gradient(self) -> Array:
        return self._net.diff(self._name)

    def _take(self, shape: Shape) -> None:
        self._net.give_shape(self._name, shape)


class ParamView(BlobView):
    """A parameter. If several layers share it, each has a blob of the same memory.

    A script may give it another shape: it is saved in that shape, but the layers go on reading the
    beginning of its memory in their own.
    """

    def __init__(self, net: PlainNet, key: ParamKey) -> None:
        self._net = net
        self._key = key

    def _value(self) -> Array:
        return self._net.parameter(self._key)

    def _gradient(self) -> Array:
        return self._net.param_shapes.gradient(self._key)

    def _take(self, shape: Shape) -> None:
        self._net.param_shapes.give(self._key, shape)
