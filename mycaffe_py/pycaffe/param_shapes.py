"""Parameters in the shapes that a script gives them, for net surgery.

As for every blob of Caffe, memory stays as long as it is large enough. The layers go on reading the
beginning of it in the shape that their text asks for, and the parameter is saved in the new shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from mycaffe_py.engine.arrays import aligned_zeros
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.layers.base import Array, Shape


@dataclass(frozen=True)
class _GivenShape:
    """Values and gradient in flat memory, and the shape in which they are shown."""

    values: Array
    gradient: Array
    shape: Shape

    def shown(self, flat: Array) -> Array:
        return flat[: math.prod(self.shape)].reshape(self.shape)


class ParamShapes:
    """The parameters of a net that have been reshaped, by key.

    `values` and `gradients` are the arrays that the layers work on; where memory is replaced by
    larger, `moved` is called behind it.
    """

    def __init__(
        self,
        values: dict[ParamKey, Array],
        gradients: dict[ParamKey, Array],
        moved: Callable[[], None],
    ) -> None:
        self._values = values
        self._gradients = gradients
        self._moved = moved
        self._given: dict[ParamKey, _GivenShape] = {}

    def value(self, key: ParamKey) -> Array:
        """The values of a parameter in its present shape."""
        given = self._given.get(key)
        return given.shown(given.values) if given else self._values[key]

    def gradient(self, key: ParamKey) -> Array:
        """The gradient of a parameter in its present shape."""
        given = self._given.get(key)
        return given.shown(given.gradient) if given else self._gradients[key]

    def give(self, key: ParamKey, shape: Shape) -> None:
        """Show a parameter in another shape; larger memory begins with zeros."""
        known = self._given.get(key)
        values = known.values if known else self._values[key].reshape(-1)
        gradient = known.gradient if known else self._gradients[key].reshape(-1)
        grown = math.prod(shape) > values.size
        if grown:
            values = aligned_zeros((math.prod(shape),), values.dtype)
            gradient = aligned_zeros((math.prod(shape),), values.dtype)
            for arrays, flat in ((self._values, values), (self._gradients, gradient)):
                arrays[key] = flat[: arrays[key].size].reshape(arrays[key].shape)
        self._given[key] = _GivenShape(values, gradient, shape)
        if grown:
            self._moved()

    def forget(self, key: ParamKey) -> None:
        """Show a parameter in the layers' shape again: they work on other memory from now on."""
        self._given.pop(key, None)
