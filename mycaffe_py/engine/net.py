"""Floor 5. A net: the graph with its arrays; forward, backward, blobs by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mycaffe_py.engine.params import Params
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.base import Array, LayerIO, RunState


class Net:
    """A graph ready to run.

    `dtype` is that of all blobs. `share` are the parameters of another net: a layer of the same
    name uses them (a test net works on the weights of its training net); the rest is filled anew.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        dtype: Any = np.float32,
        seed: int = 0,
        share: Params | None = None,
    ) -> None:
        """Allocate every array and fill the parameters this net owns."""
        self.graph = graph
        self.dtype = np.dtype(dtype)
        self.run = RunState(seed=seed)
        shared = share.values if share is not None else {}
        own = [p for p in graph.params.values() if not _fits(shared.get(p.key), p.shape)]
        self.params = Params(own, dtype)
        self.params.fill(seed)
        self.values = self._parameters(shared, self.params.values)
        gradients = share.gradients if share is not None else {}
        self.gradients = self._parameters(gradients, self.params.gradients)
        self.blobs: dict[str, Array] = {}
        self.diffs: dict[str, Array] = {}
        self._steps = [(node, LayerIO(node.context, node.plan.facts, self.run)) for node in
                       graph.nodes]
        for node, io in self._steps:
            self._place_forward(node, io)
        for node, io in reversed(self._steps):
            if node.backward:
                self._place_backward(node, io)

    def _parameters(
        self, shared: Mapping[str, Array], own: Mapping[str, Array]
    ) -> dict[str, Array]:
        return {
            key: own[key] if key in own else shared[key] for key in self.graph.params
        }

    def _place_forward(self, node: Node, io: LayerIO) -> None:
        io.bottoms = [self.blobs[name] for name in node.bottoms]
        io.params = [self.values[key] for key in node.params]
        for index, (name, spec) in enumerate(zip(node.tops, node.plan.tops, strict=True)):
            if node.in_place[index]:
                top = io.bottoms[index]
            elif index in node.plan.views:
                top = io.bottoms[node.plan.views[index]].reshape(spec.shape)
            else:
                top = np.zeros(spec.shape, self.dtype)
            self.blobs[name] = top
            io.tops.append(top)
        io.scratch = {
            name: np.zeros(room.shape, room.dtype or self.dtype)
            for name, room in node.plan.scratch.items()
        }

    def _place_backward(self, node: Node, io: LayerIO) -> None:
        """Gradients go from the last layer to the first, so a reader's comes before its blob's."""
        for name, weight, top in zip(node.tops, node.loss_weights, io.tops, strict=True):
            diff = self._diff(name, top)
            if weight:
                diff[...] = weight
            io.dtops.append(diff)
        views = {bottom: top for top, bottom in node.plan.views.items()}
        for index, (name, flag) in enumerate(zip(node.bottoms, node.propagate, strict=True)):
            if not flag:
                io.dbottoms.append(None)
                continue
            if node.plan.views_gradient and index in views and name not in self.diffs:
                diff = io.dtops[views[index]].reshape(io.bottoms[index].shape)
                self.diffs[name] = diff
            io.dbottoms.append(self._diff(name, io.bottoms[index]))
        io.dparams = [
            self.gradients[key] if flag else None
            for key, flag in zip(node.params, node.param_gradients, strict=True)
        ]

    def _diff(self, name: str, data: Array) -> Array:
        if name not in self.diffs:
            self.diffs[name] = np.zeros_like(data)
        return self.diffs[name]

    def blob(self, name: str) -> Array:
        """The values of a blob; an unknown name is the user's mistake."""
        if name not in self.blobs:
            raise UserError(f"the net has no blob '{name}'", do=nearest(name, self.blobs))
        return self.blobs[name]

    def feed(self, arrays: Mapping[str, Array]) -> None:
        """Copy `arrays` into the blobs of their names."""
        for name, array in arrays.items():
            blob = self.blob(name)
            if array.shape != blob.shape:
                raise UserError(f"array for blob '{name}' is {array.shape}, wanted {blob.shape}")
            blob[...] = array

    def forward(self, batch_number: int = 0) -> float:
        """Compute every blob for this batch and return the loss (sum of weight * top)."""
        self.run.batch_number = batch_number
        loss = 0.0
        for node, io in self._steps:
            node.layer.forward(io)
            for weight, top in zip(node.loss_weights, io.tops, strict=True):
                if weight:
                    loss += weight * float(top.sum(dtype=np.float64))
        return loss

    def backward(self) -> None:
        """Compute the gradients of the last forward; parameter gradients are added to."""
        for node, io in reversed(self._steps):
            if node.backward:
                node.layer.backward(io)

    def clear_gradients(self) -> None:
        """Set the gradients of the parameters this net owns to 0."""
        self.params.diff.fill(0)

    def first_non_finite(self) -> tuple[str, str] | None:
        """(layer, blob) of the first top that holds a NaN or an infinity, in layer order."""
        for node, io in self._steps:
            for name, top in zip(node.tops, io.tops, strict=True):
                if not np.isfinite(top).all():
                    return node.name, name
        return None


def _fits(array: Array | None, shape: tuple[int, ...]) -> bool:
    return array is not None and array.shape == shape
