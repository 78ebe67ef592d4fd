"""Floor 5. All parameters of a net in one flat array, their gradients in another.

So the solver's update is one pass, and weights travel as one block.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mycaffe_py.engine.arrays import ALIGN_BYTES, aligned_zeros
from mycaffe_py.errors import Where
from mycaffe_py.graph.model import Graph, Param
from mycaffe_py.layers.base import Array
from mycaffe_py.layers.fillers import fill
from mycaffe_py.random_streams import stream


class Params:
    """Values (`data`) and gradients (`diff`) of `infos`, flat, in order, each start aligned.

    `values` and `gradients` are views by key "<layer>[<index>]"; the keys of sharers work too.
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

    def _views(self, flat: Array) -> dict[str, Array]:
        views = {}
        for info in self.infos:
            start = self.starts[info.key]
            view = flat[start : start + info.count].reshape(info.shape)
            for key in (info.key, *info.sharers):
                views[key] = view
        return views

    def fill(self, seed: int, where: Where | None = None) -> None:
        """Give every parameter its first values, each from a stream of its own."""
        for info in self.infos:
            generator = stream(seed, f"filler/{info.key}")
            fill(info.filler, self.values[info.key], generator, where)

    def take_first_values(self, graph: Graph) -> None:
        """Copy what layers bring along as their first values over what the fillers left."""
        for node in graph.nodes:
            for index, blob in enumerate(node.plan.params):
                key = f"{node.name}[{index}]"
                if blob.first is not None and key in self.values and key == node.params[index]:
                    self.values[key][...] = blob.first
