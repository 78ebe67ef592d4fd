"""What a translator sees of one layer: its tensors, lengths, parameters, and a tape.

A translator is a function of a Site, registered under its layer type:

@translates("TanH")
def tanh(at: Site) -> None:
    at.op("Tanh", at.x[0], out=at.y[0])

It must hold for every batch: lengths come from `bottoms` and `tops`, where those that follow the
batch are words, never from the plan's facts, which are those of one batch size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mycaffe_py.errors import UserError
from mycaffe_py.export.onnx.onnx_net import Attribute, Dims, Tape
from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter
from mycaffe_py.registry import Registry

# For Slice: to the end of the axis, or, going backwards, to before its first entry.
TO_THE_END = np.iinfo(np.int64).max
PAST_THE_START = np.iinfo(np.int64).min
# Types in ONNX, for Cast.
FLOAT, WHOLE, TRUTH = 1, 7, 9


@dataclass(frozen=True)
class Site:
    """One layer. `x` and `y` name the tensors of its bottoms and tops, of `bottoms` and `tops`.

    `arrays` are the values of its parameters.
    """

    node: Node
    tape: Tape
    x: tuple[str, ...]
    y: tuple[str, ...]
    bottoms: tuple[Dims, ...]
    tops: tuple[Dims, ...]
    arrays: tuple[Array, ...]

    @property
    def facts(self) -> Any:
        """What the layer's plan resolved."""
        return self.node.plan.facts

    @property
    def options(self) -> LayerParameter:
        """The layer's text."""
        return self.node.context.param

    def op(self, kind: str, *inputs: str, out: str = "", **attributes: Attribute) -> str:
        """Write an operator with one output, called `out` or by a fresh name; returns the name."""
        output = out or self.tape.fresh(f"{self.node.name}/{kind}")
        self.tape.write(self.node.name, kind, inputs, (output,), attributes)
        return output

    def ops(
        self, kind: str, *inputs: str, out: Sequence[str], **attributes: Attribute
    ) -> Sequence[str]:
        """Write an operator with several outputs, called `out`."""
        self.tape.write(self.node.name, kind, inputs, out, attributes)
        return out

    def fresh(self, what: str) -> str:
        """A tensor name of this layer."""
        return self.tape.fresh(f"{self.node.name}/{what}")

    def param(self, index: int) -> str:
        """Parameter number `index`, as it is."""
        return self.tape.param(self.node.params[index], self.arrays[index])

    def constant(self, array: Any, what: str = "constant") -> str:
        """The name of a constant of floats."""
        return self.tape.constant(f"{self.node.name}/{what}", np.asarray(array, np.float32))

    def whole(self, *values: int) -> str:
        """A row of whole numbers: axes, shapes, places."""
        return self.tape.constant(f"{self.node.name}/whole", np.array(values, np.int64))

    def reshape(self, x: str, dims: Dims, out: str = "") -> str:
        """`x` with these lengths, of which one may follow the batch."""
        free = [dim for dim in dims if isinstance(dim, str)]
        if len(free) > 1:
            raise self.refuse(
                f"a shape with two lengths that follow the batch, {' x '.join(map(str, dims))}"
            )
        shape = [-1 if isinstance(dim, str) else dim for dim in dims]
        return self.op("Reshape", x, self.whole(*shape), out=out)

    def unsqueeze(self, x: str, *axes: int, out: str = "") -> str:
        """`x` with axes of length 1 at these places; `x` itself where there are none."""
        if not axes:
            return self.op("Identity", x, out=out) if out else x
        return self.op("Unsqueeze", x, self.whole(*axes), out=out)

    def same(self, x: str, out: str) -> str:
        """A tensor equal to `x`, under another name."""
        return self.op("Identity", x, out=out)

    def length(self, dims: Dims, axis: int) -> int:
        """A length that must not follow the batch."""
        dim = dims[axis]
        if isinstance(dim, str):
            raise self.refuse(f"it needs the length of axis {axis}, which follows the batch")
        return dim

    def refuse(self, found: str, at: Sequence[str | int] = ("type",), do: str = "") -> UserError:
        """The error where a layer cannot be written as ONNX."""
        return self.node.context.error(
            found, at=at, wanted="this cannot be exported to ONNX", do=do
        )


Translator = Callable[[Site], None]
translators: Registry[Translator] = Registry("ONNX translator of", "mycaffe_py.export.onnx.layers")


def translates(*types: str) -> Callable[[Translator], Translator]:
    """Decorator: this function writes layers of these types."""

    def add(translator: Translator) -> Translator:
        for name in types:
            translators.add(name, translator)
        return translator

    return add
