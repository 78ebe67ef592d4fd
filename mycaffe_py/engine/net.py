"""Floor 5. A net: the graph with its arrays; forward, backward, blobs by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mycaffe_py.engine.arena import arena_of
from mycaffe_py.engine.blobs import cut, place_gradients, place_values
from mycaffe_py.engine.params import Params
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.memory import gradient_key, scratch_key
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.kernels.blocks import unpack
from mycaffe_py.layers.base import Array, LayerIO, RunState, Shape

# Number of a layer that is in no plan: its rooms share memory with nobody.
_APART = -1


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
        self.arena = arena_of(graph, self.dtype)
        self.blobs = place_values(graph, self.dtype)
        self.diffs = place_gradients(graph, self._gradient)
        self._steps = [
            (node, LayerIO(node.context, node.plan.facts, self.run)) for node in graph.nodes
        ]
        for number, (node, io) in enumerate(self._steps):
            self._connect(node, io, number)

    def _gradient(self, name: str, shape: Shape) -> Array:
        return self.arena.array(gradient_key(name), shape, self.dtype)

    def _parameters(
        self, shared: Mapping[str, Array], own: Mapping[str, Array]
    ) -> dict[str, Array]:
        return {key: own[key] if key in own else shared[key] for key in self.graph.params}

    def _connect(self, node: Node, io: LayerIO, number: int) -> None:
        """Hand a layer its arrays."""
        io.bottoms = [self.blobs[name] for name in node.bottoms]
        io.tops = [self.blobs[name] for name in node.tops]
        io.params = [self.values[key] for key in node.params]
        io.scratch = self._scratch(node, number)
        if not node.backward:
            return
        io.dtops = [self.diffs[name] for name in node.tops]
        io.dbottoms = [
            self.diffs[name] if flag else None
            for name, flag in zip(node.bottoms, node.propagate, strict=True)
        ]
        io.dparams = [
            self.gradients[key] if flag else None
            for key, flag in zip(node.params, node.param_gradients, strict=True)
        ]
        for diff, weight in zip(io.dtops, node.loss_weights, strict=True):
            if weight:
                diff[...] = weight

    @property
    def steps(self) -> Sequence[tuple[Node, LayerIO]]:
        """Each layer with the arrays it works on, in the order of a forward."""
        return self._steps

    def blob(self, name: str) -> Array:
        """The values of a blob, (N, C, H, W) as Caffe has them.

        A blob that lies in another storage or exists inside a fused layer only is a fresh copy;
        the others are the live arrays. An unknown name is the user's mistake.
        """
        if name in self.blobs and name not in self.graph.blocked:
            return self.blobs[name]
        if name in self.graph.blocked:
            plain = np.empty(self.graph.blobs[name].shape, self.dtype)
            unpack(self.blobs[name], plain)
            return plain
        if name in self.graph.rows:
            return cut(self.blob(self.graph.rows[name].blob), self.graph.rows[name])
        if name in self.graph.fused:
            return self._compute_again(self.graph.fused[name])
        raise UserError(f"the net has no blob '{name}'", do=nearest(name, self.graph.blobs))

    def _compute_again(self, nodes: Sequence[Node]) -> Array:
        """What a chain of plain layers makes of the blob before them."""
        values = self.blob(nodes[0].bottoms[0])
        for node in nodes:
            io = LayerIO(node.context, node.plan.facts, self.run)
            io.bottoms = [values]
            io.tops = [np.empty(node.plan.tops[0].shape, self.dtype)]
            io.params = [self.values[key] for key in node.params]
            io.scratch = self._scratch(node, _APART)
            node.layer.forward(io)
            values = io.tops[0]
        return values

    def _scratch(self, node: Node, number: int) -> dict[str, Array]:
        return {
            name: self.arena.array(
                scratch_key(number, name), room.shape_for(self.dtype), room.dtype or self.dtype
            )
            for name, room in node.plan.scratch.items()
        }

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
