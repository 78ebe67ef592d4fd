"""A net: the graph with its arrays; forward, backward, blobs by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from mycaffe_py.engine.again import make_again
from mycaffe_py.engine.arena import arena_of
from mycaffe_py.engine.begun import Begun
from mycaffe_py.engine.binding import Binding, bind, connect, scratch_arrays
from mycaffe_py.engine.blobs import as_caffe_has_it, cut
from mycaffe_py.engine.params import ParamArrays, Params
from mycaffe_py.engine.program import Programs
from mycaffe_py.engine.step import Step, check_varying
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.graph.passes.memory import value_key
from mycaffe_py.graph.replan import replan
from mycaffe_py.graph.unsettled import unsettled
from mycaffe_py.layers.base import Array, LayerIO, RunState, Shape

# Number of a layer that is in no graph: its scratch shares memory with nobody.
_APART = -1
# Bindings kept for shapes that come again; one of a hundred layers takes about 0.3 MB.
_MOST_BINDINGS = 32


class Net:
    """A graph ready to run.

    All blobs have one `dtype`. `share` are the parameters of another net, which layers of the same
    names use too (a test net works on the weights of its training net); others are filled anew.
    `beside` are those of a net of the same graph: this one takes all their values, and has
    gradients of its own.
    `graph`, `blobs` and `diffs` are those of the present shapes. `reshape` changes them, and so
    does a forward in which a layer gives a varying top another shape.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        dtype: Any = np.float32,
        seed: int = 0,
        share: Params | None = None,
        beside: Params | None = None,
    ) -> None:
        """Allocate every array and fill the parameters this net owns."""
        self.dtype = np.dtype(dtype)
        self.run = RunState(seed=seed)
        shared = share.values if share is not None else {}
        there = {key: array.shape for key, array in shared.items()}
        own = [p for p in graph.params.values() if there.get(p.key) != p.shape]
        self.params = beside.beside() if beside else Params.first_values(graph, own, dtype, seed)
        self.graph = graph
        self.values = self._parameters(shared, self.params.values)
        self._values = self.values  # what layers work on, whatever others are shown
        gradients = share.gradients if share is not None else {}
        self.gradients = self._parameters(gradients, self.params.gradients)
        self._bindings: dict[tuple[tuple[str, Shape], ...], Binding] = {}
        self._steps: list[Step] = []
        self._programs = Programs(graph, self._steps, self._run_step)
        self._start(graph)

    def _start(self, graph: Graph) -> None:
        """Work on `graph` from now on, in new memory."""
        self.arena = arena_of(graph, self.dtype)
        self._planned = graph
        self._bindings.clear()
        self._grown = 0
        self._steps[:] = [
            Step(node, LayerIO(node.context, node.plan.facts, self.run)) for node in graph.nodes
        ]
        for number, (node, io) in enumerate(self._steps):
            if node.plan.varying:
                io.new_top = partial(self._new_top, number)
        self._binding = Binding(graph)
        self._use(bind(graph, self.arena, self.dtype, self._binding))

    def _parameters(self, shared: ParamArrays, own: ParamArrays) -> dict[ParamKey, Array]:
        return {key: own[key] if key in own else shared[key] for key in self.graph.params}

    def _use(self, binding: Binding) -> None:
        """Let all layers work on the arrays of `binding`."""
        self._programs.forget()
        open_blobs = unsettled(binding.graph)
        for number, node in enumerate(binding.graph.nodes):
            io = self._steps[number][1]
            connect(binding, self._binding, number, io, self._values, self.gradients)
            io.after_forward, io.may_rest = None, False
            if node.plan.varying:
                io.after_forward = partial(self._adopt, number)
            elif node.name in binding.graph.settled:
                io.after_forward = partial(self._leave, number)
            else:
                empty = (b in open_blobs or not binding.blobs[b].size for b in node.bottoms)
                io.may_rest = any(empty)
            self._steps[number] = Step(node, io)
        self._binding = binding
        self.graph = binding.graph
        self.blobs = binding.blobs
        self.diffs = binding.diffs

    def _new_top(self, number: int, top: int, shape: Shape) -> Array:
        """The array of a varying top for another shape."""
        node = self.graph.nodes[number]
        check_varying(node, top, self.blobs[node.tops[top]].shape, shape)
        return self.arena.array(value_key(node.tops[top]), shape, self.dtype)

    def _adopt(self, number: int) -> None:
        """Plan the later layers for the shapes that layer `number` has given its tops."""
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
        self._use(self._binding_for(shapes))

    def _leave(self, number: int) -> None:
        """Go on in the plain graph where source `number` has given a top another shape."""
        node, io = self._steps[number]
        plain = self.graph.plain
        same = all(self.blobs[n] is top for n, top in zip(node.tops, io.tops, strict=True))
        if plain is None or same:
            return
        begun = Begun.of(self._steps[: number + 1], self.carried())
        self._start(plain)
        self._use(self._binding_for(begun.shapes(plain)))
        begun.copy_to(self.blobs, self.carried())

    def _binding_for(self, shapes: Mapping[str, Shape]) -> Binding:
        """The arrays for these shapes of varying tops, made anew or kept from an earlier batch."""
        if self.arena.grown != self._grown:
            # Kept bindings hold on to memory that has been replaced by larger.
            self._bindings.clear()
            self._grown = self.arena.grown
        key = tuple(shapes.items())
        if key not in self._bindings:
            graph = replan(self._planned, shapes)
            if len(self._bindings) == _MOST_BINDINGS:
                del self._bindings[next(iter(self._bindings))]
            self._bindings[key] = bind(graph, self.arena, self.dtype, self._binding)
        return self._bindings[key]

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
        self._bindings.clear()
        self._planned = graph
        self._use(binding)

    def parameter(self, key: ParamKey) -> Array:
        """The values of a parameter, as they are saved and loaded."""
        return self.values[key]

    @property
    def steps(self) -> Sequence[Step]:
        """Each layer with the arrays it works on, in the order of a forward."""
        return self._steps

    def blob(self, name: str) -> Array:
        """The values of a blob, (N, C, H, W) as Caffe has them.

        A blob that lies in another storage or exists inside a fused layer only is a fresh copy;
        the others are the live arrays. An unknown name is the user's mistake.
        """
        if name in self.blobs:
            make_again(self.graph, name, self._steps)
            return as_caffe_has_it(self.graph, name, self.blobs[name])
        if name in self.graph.rows:
            return cut(self.blob(self.graph.rows[name].blob), self.graph.rows[name])
        if name in self.graph.fused:
            return self._compute_again(self.graph.fused[name])
        raise UserError(f"the net has no blob '{name}'", do=nearest(name, self.graph.blobs))

    def _compute_again(self, nodes: Sequence[Node]) -> Array:
        """The result of a chain of plain layers that were fused into one."""
        values = self.blob(nodes[0].bottoms[0])
        for node in nodes:
            io = LayerIO(node.context, node.plan.facts, self.run)
            io.bottoms = [values]
            io.tops = [np.empty(node.plan.tops[0].shape, self.dtype)]
            io.params = [self._values[key] for key in node.params]
            io.scratch = scratch_arrays(node, _APART, self.arena, self.dtype)
            node.layer.forward(io)
            values = io.tops[0]
        return values

    def carried(self) -> list[Array]:
        """What layers carry from batch to batch besides their parameters, in layer order."""
        return [
            io.scratch[name]
            for node, io in self._steps
            for name, scratch in node.plan.scratch.items()
            if scratch.use == "carried"
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
        program = self._programs.of(range(len(self._steps)))
        if program is not None:
            return program.run()
        loss = 0.0
        for step in self._steps:
            loss += step.run()
        return loss

    def _run_step(self, number: int) -> float:
        """Run one layer forward; returns what it adds to the loss."""
        return self._steps[number].run()

    def backward(self) -> None:
        """Compute the gradients of the last forward; parameter gradients are added to."""
        for step in reversed(self._steps):
            if step.node.backward:
                step.backward()

    def clear_gradients(self) -> None:
        """Set the gradients of the parameters this net owns to 0."""
        self.params.diff.fill(0)
