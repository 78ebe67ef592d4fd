"""Floor 5. A net: the graph with its arrays; forward, backward, blobs by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mycaffe_py.engine.arena import arena_of
from mycaffe_py.engine.begun import Begun
from mycaffe_py.engine.binding import Binding, bind, connect, scratch_rooms, value_key
from mycaffe_py.engine.blobs import cut
from mycaffe_py.engine.losses import loss_of
from mycaffe_py.engine.params import Params
from mycaffe_py.engine.running import EmptyOrNot, Telling, check_varying
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.replan import replan
from mycaffe_py.graph.unsettled import unsettled
from mycaffe_py.kernels.blocks import unpack
from mycaffe_py.layers.base import Array, LayerIO, RunState, Shape

# Number of a layer that is in no plan: its rooms share memory with nobody.
_APART = -1
# Plans kept for shapes that come again; a plan of a hundred layers takes about 0.3 MB.
_MOST_PLANS = 32


class Net:
    """A graph ready to run.

    `dtype` is that of all blobs. `share` are the parameters of another net: a layer of the same
    name uses them (a test net works on the weights of its training net); the rest is filled anew.
    `graph`, `blobs` and `diffs` are those of the shapes at the moment: `reshape` changes them, and
    a forward in which a layer with varying tops gives them another shape.
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
        self.dtype = np.dtype(dtype)
        self.run = RunState(seed=seed)
        shared = share.values if share is not None else {}
        there = {key: array.shape for key, array in shared.items()}
        own = [p for p in graph.params.values() if there.get(p.key) != p.shape]
        self.params = Params(own, dtype)
        self.params.fill(seed)
        self.params.take_first_values(graph)
        self.graph = graph
        self.values = self._parameters(shared, self.params.values)
        gradients = share.gradients if share is not None else {}
        self.gradients = self._parameters(gradients, self.params.gradients)
        self._plans: dict[tuple[tuple[str, Shape], ...], Binding] = {}
        self._steps: list[tuple[Node, LayerIO]] = []
        self._start(graph)

    def _start(self, graph: Graph) -> None:
        """Work on `graph`, in memory that it gets now."""
        self.arena = arena_of(graph, self.dtype)
        self._planned = graph
        self._plans.clear()
        self._grown = 0
        self._steps[:] = [
            (node, LayerIO(node.context, node.plan.facts, self.run)) for node in graph.nodes
        ]
        for number, (node, io) in enumerate(self._steps):
            if node.plan.varying:
                io.room = partial(self._room, number)
        self._binding = Binding(graph)
        self._use(bind(graph, self.arena, self.dtype, self._binding))

    def _parameters(
        self, shared: Mapping[str, Array], own: Mapping[str, Array]
    ) -> dict[str, Array]:
        return {key: own[key] if key in own else shared[key] for key in self.graph.params}

    def _use(self, binding: Binding) -> None:
        """Let all layers work on the arrays of `binding`."""
        open_blobs = unsettled(binding.graph)
        for number, node in enumerate(binding.graph.nodes):
            io = self._steps[number][1]
            connect(binding, self._binding, number, io, self.values, self.gradients)
            if node.plan.varying:
                node = replace(node, layer=Telling(node.layer, partial(self._adopt, number)))
            elif node.name in binding.graph.settled:
                node = replace(node, layer=Telling(node.layer, partial(self._leave, number)))
            elif any(b in open_blobs or not binding.blobs[b].size for b in node.bottoms):
                node = replace(node, layer=EmptyOrNot(node.layer))
            self._steps[number] = node, io
        self._binding = binding
        self.graph = binding.graph
        self.blobs = binding.blobs
        self.diffs = binding.diffs

    def _room(self, number: int, top: int, shape: Shape) -> Array:
        """The array of a varying top for another shape."""
        node = self.graph.nodes[number]
        check_varying(node, top, self.blobs[node.tops[top]].shape, shape)
        return self.arena.array(value_key(node.tops[top]), shape, self.dtype)

    def _adopt(self, number: int) -> None:
        """Plan what follows for the shapes that layer `number` has given its tops."""
        node, io = self._steps[number]
        made = {node.tops[i]: io.tops[i] for i in node.plan.varying}
        if all(self.blobs[name] is array for name, array in made.items()):
            return
        known = {
            top: self.graph.blobs[top].shape
            for earlier in self.graph.nodes[:number]
            for top in (earlier.tops[i] for i in earlier.plan.varying)
        }
        shapes = known | {name: array.shape for name, array in made.items()}
        self._use(self._plan_for(shapes))

    def _leave(self, number: int) -> None:
        """Go on in the plain graph where source `number` has given a top another shape."""
        node, io = self._steps[number]
        plain = self.graph.plain
        same = all(self.blobs[n] is top for n, top in zip(node.tops, io.tops, strict=True))
        if plain is None or same:
            return
        begun = Begun.of(self._steps[: number + 1], self.carried())
        self._start(plain)
        self._use(self._plan_for(begun.shapes(plain)))
        begun.copy_to(self.blobs, self.carried())

    def _plan_for(self, shapes: Mapping[str, Shape]) -> Binding:
        """The arrays for these shapes of varying tops, made anew or kept from an earlier batch."""
        if self.arena.grown != self._grown:
            # Kept plans hold on to memory that has been replaced by larger.
            self._plans.clear()
            self._grown = self.arena.grown
        key = tuple(shapes.items())
        if key not in self._plans:
            graph = replan(self._planned, shapes)
            if len(self._plans) == _MOST_PLANS:
                del self._plans[next(iter(self._plans))]
            self._plans[key] = bind(graph, self.arena, self.dtype, self._binding)
        return self._plans[key]

    def reshape(self, shapes: Mapping[str, Shape], within: range | None = None) -> None:
        """Give the blobs named in `shapes`, inputs of the net, other shapes, and all behind them.

        `within`: only the layers of these numbers learn of it, and may run (see graph/replan.py).
        Parameters and their gradients stay the same arrays, and so does every blob whose shape
        stays. What the others hold is not defined until the next forward. The net's graph must be
        compiled without passes where the change reaches. After an error (see graph/replan.py)
        nothing has changed.
        """
        graph = replan(self._planned, shapes, within)
        if graph is self._planned:
            return
        binding = bind(graph, self.arena, self.dtype, self._binding)
        self._plans.clear()
        self._planned = graph
        self._use(binding)

    def parameter(self, key: str) -> Array:
        """The values of a parameter as they are saved, and loaded into."""
        return self.values[key]

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
            io.scratch = scratch_rooms(node, _APART, self.arena, self.dtype)
            node.layer.forward(io)
            values = io.tops[0]
        return values

    def carried(self) -> list[Array]:
        """What layers carry from batch to batch besides their parameters, in layer order."""
        return [
            io.scratch[name]
            for node, io in self._steps
            for name, room in node.plan.scratch.items()
            if room.use == "carried"
        ]

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
            loss += loss_of(node, io)
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
