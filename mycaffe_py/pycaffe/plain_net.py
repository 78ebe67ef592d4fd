"""The engine's net as pycaffe shows it: layer by layer, every blob with its gradient.

Graphs for it are compiled without passes, so that each layer of the text runs by itself and any
stretch of them can. Each layer counts its own batches: after a forward of the last layers alone
the data layers go on where they were.
"""

from __future__ import annotations

from collections.abc import Callable

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import arrays_by_layer
from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.graph.passes.memory import gradient_key, value_key
from mycaffe_py.graph.replan import replan
from mycaffe_py.layers.base import Array, RunState, Shape, layer_types
from mycaffe_py.layers.user.python import PythonFacts
from mycaffe_py.layers.user.python_blob import fixed
from mycaffe_py.pycaffe.param_shapes import ParamShapes
from mycaffe_py.pycaffe.user_code import as_raised

Callback = Callable[[int], object]
# Layers that write their constants when they are set up, and never again: a user may change them.
_FILLED_AT_SETUP = "DummyData"


class PlainNet(Net):
    """A net that can run some of its layers, calls back around each one, and may change shapes.

    `pending` are shapes that a user gave to blobs and no run has taken up yet. As in Caffe only the
    layers that run take up the shapes of their bottoms.
    """

    def __init__(self, graph: Graph, *, seed: int) -> None:
        """Allocate everything; `seed` is that of its weights and of all it draws later."""
        super().__init__(graph, seed=seed)
        self.before_forward: list[Callback] = []
        self.after_forward: list[Callback] = []
        self.before_backward: list[Callback] = []
        self.after_backward: list[Callback] = []
        self.pending: dict[str, Shape] = {}
        self._outdated = False
        self._counts = [RunState(seed) for _ in graph.nodes]
        for (node, io), own in zip(self.steps, self._counts, strict=True):
            io.run = own
            if node.layer.type == _FILLED_AT_SETUP:
                layer_types.get(_FILLED_AT_SETUP).forward(io)
        self.go_to_batch(0)
        self.param_shapes = ParamShapes(self.values, self.gradients, self._connect_params)
        self._bind_objects()

    def parameter(self, key: ParamKey) -> Array:
        """The values of a parameter in the shape that a script gave it."""
        return self.param_shapes.value(key)

    def go_to_batch(self, number: int) -> None:
        """Let the next forward of every layer be that of batch `number`."""
        for count in self._counts:
            count.batch_number = number - 1

    def _bind_objects(self) -> None:
        """Give the objects of Python layers the net's parameters, already before they first run."""
        for node in self.graph.nodes:
            if isinstance(node.plan.facts, PythonFacts):
                for blob, key in zip(node.plan.facts.layer.blobs, node.params, strict=True):
                    blob.bind(self.values[key], self.gradients[key], fixed(f"parameter '{key}'"))

    def forward(self, batch_number: int = 0) -> float:
        """Run the next batch through all layers; `batch_number` is not used."""
        return self.forward_range(0, len(self.steps) - 1)

    def backward(self) -> None:
        """Run all layers backward that have a backward, the last one first."""
        self.backward_range(len(self.steps) - 1, 0)

    def forward_range(self, start: int, end: int) -> float:
        """Run the layers numbered `start` to `end`; returns the loss that their tops add up to."""
        self._check_range(start, end)
        numbers = range(start, end + 1)
        self.settle(numbers)
        if not self.before_forward and not self.after_forward:
            program = self._programs.of(numbers)
            if program is not None:
                return program.run()
        loss = 0.0
        for number in range(start, end + 1):
            for call in self.before_forward:
                call(number)
            loss += self._run_step(number)
            for call in self.after_forward:
                call(number)
        return loss

    def _run_step(self, number: int) -> float:
        """Run the next batch through one layer."""
        self._counts[number].batch_number += 1
        with as_raised():
            return super()._run_step(number)

    def backward_range(self, start: int, end: int) -> None:
        """Run the layers numbered `start` down to `end` backward, if a gradient needs them.

        As in Caffe, the callbacks are called for every layer.
        """
        self._check_range(end, start)
        self.settle(range(end, start + 1))
        for number in range(start, end - 1, -1):
            for call in self.before_backward:
                call(number)
            step = self.steps[number]
            if step.node.backward:
                with as_raised():
                    step.backward()
            for call in self.after_backward:
                call(number)

    def _check_range(self, first: int, last: int) -> None:
        if first < 0 or last >= len(self.steps):
            raise UserError(
                f"layers {first} to {last}",
                wanted=f"the net has layers 0 to {len(self.steps) - 1}",
            )

    def clear_gradients(self) -> None:
        """Set the gradients of all parameters to 0."""
        for gradient in self.gradients.values():
            gradient.fill(0)

    def value(self, name: str) -> Array:
        """The values of blob `name`, in the shape that was asked for last."""
        if name in self.pending:
            return self.arena.array(value_key(name), self.pending[name], self.dtype)
        return self.blobs[name]

    def diff(self, name: str) -> Array:
        """The gradient of blob `name`; if no layer writes it, memory for the user's own."""
        if name in self.pending or name not in self.diffs:
            return self.arena.array(gradient_key(name), self.value(name).shape, self.dtype)
        return self.diffs[name]

    def give_shape(self, name: str, shape: Shape) -> None:
        """Give blob `name` another shape at once; the layers learn of it when the net settles.

        Its memory stays where it is large enough. Errors: a blob whose shape follows from others.
        """
        if name not in self.graph.inputs:
            replan(self.graph, {name: shape})
        if shape == self.blobs[name].shape:
            self.pending.pop(name, None)
        else:
            self.pending[name] = shape

    def settle(self, within: range | None = None) -> None:
        """Let all layers, or those numbered in `within`, take up the shapes of their bottoms.

        After an error the shapes are still pending.
        """
        if not self.pending and not self._outdated:
            return
        with as_raised():
            self.reshape(self.pending, within)
        self.pending.clear()
        self._outdated = within is not None and len(within) < len(self.steps)

    def share_values(self, other: PlainNet) -> None:
        """Use the parameter values of `other`'s layers of the same names; gradients stay apart.

        Nothing is shared unless all of these layers have the same parameters.
        """
        theirs = arrays_by_layer(other)
        found: dict[ParamKey, Array] = {}
        for key, value in self.values.items():
            layer, index = key.layer, key.number
            if layer not in theirs:
                continue
            array = theirs[layer][index] if index < len(theirs[layer]) else None
            if array is None or array.shape != value.shape:
                raise UserError(
                    f"layer '{layer}': parameter {index} is {value.shape} in one net and "
                    f"{'missing' if array is None else array.shape} in the other",
                    wanted="layers of one name share their parameters, so the shapes must agree",
                    do="Give both the same sizes, or rename one of them.",
                )
            found[key] = array
        self.values.update(found)
        for key in found:
            self.param_shapes.forget(key)
        self._connect_params()

    def _connect_params(self) -> None:
        """Let all layers work on the arrays that hold the parameters now."""
        self._programs.forget()
        for node, io in self.steps:
            io.params = [self.values[key] for key in node.params]
            io.dparams = [
                self.gradients[key] if gradient is not None else None
                for key, gradient in zip(node.params, io.dparams, strict=False)
            ]
        self._bind_objects()
