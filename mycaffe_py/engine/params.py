"""All parameters of a net in one flat array, their gradients in another.

So the solver updates all of them in one pass, and weights are copied as one block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

import numpy as np

from mycaffe_py.engine.arrays import ALIGN_BYTES, aligned_zeros
from mycaffe_py.errors import Where
from mycaffe_py.graph.model import Graph, Param
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.layers.base import Array
from mycaffe_py.layers.fillers import fill
from mycaffe_py.random_streams import stream

# Arrays of parameters, by key.
ParamArrays = Mapping[ParamKey, Array]


class Params:
    """Values (`data`) and gradients (`diff`) of `infos`, flat, in order, each start aligned.

    `values` and `gradients` are views by key; the keys of sharers work too.
    """

    def __init__(self, infos: Iterable[Param], dtype: Any) -> None:
        """Allocate zeros."""
        self.infos = tuple(infos)
        align = ALIGN_BYTES // np.dtype(dtype).itemsize
        self.starts: dict[str, int] = {}
        end = 0
        for info in self.infos:
            self.starts[info.key] = end
            end += -(-info.count // align) * align
        self.data = aligned_zeros((end,), dtype)
        self.diff = aligned_zeros((end,), dtype)
        self.values = self._views(self.data)
        self.gradients = self._views(self.diff)

    @classmethod
    def first_values(cls, graph: Graph, infos: Iterable[Param], dtype: Any, seed: int) -> Params:
        """Those of `infos`, parameters of `graph`, filled as a new net has them."""
        params = cls(infos, dtype)
        params.fill(seed)
        params.take_first_values(graph)
        return params

    def beside(self) -> Params:
        """The same values, with gradients of their own."""
        other = copy(self)
        other.diff = aligned_zeros(self.diff.shape, self.diff.dtype)
        other.gradients = other._views(other.diff)
        return other

    def _views(self, flat: Array) -> dict[ParamKey, Array]:
        views = {}
        for info in self.infos:
            start = self.starts[info.key]
            view = flat[start : start + info.count].reshape(info.shape)
            for key in info.keys:
                views[key] = view
        return views

    def fill(self, seed: int, where: Where | None = None) -> None:
        """Give every parameter its first values, each from a stream of its own."""
        for info in self.infos:
            generator = stream(seed, f"filler/{info.key}")
            fill(info.filler, self.values[info.key], generator, where)

    def take_first_values(self, graph: Graph) -> None:
        """Copy the first values that layers bring along over those of the fillers."""
        for node in graph.nodes:
            for index, blob in enumerate(node.plan.params):
                key = ParamKey(node.name, index)
                if blob.first is not None and key in self.values and key == node.params[index]:
                    self.values[key][...] = blob.first
