"""A net in ONNX's operators before it becomes a file: operators, constants, names.

Nothing here needs the package onnx, so translators can be read and tested without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.layers.base import Array

# A length, or the words for one that depends on the batch: "N", "2N".
Dim = int | str
Dims = tuple[Dim, ...]


@dataclass(frozen=True)
class Body:
    """The graph inside an operator (Scan): names of its inputs and outputs, all float."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    ops: tuple[Op, ...]


Attribute = int | float | str | Sequence[int] | Body


@dataclass(frozen=True)
class Op:
    """One ONNX operator; an input "" is one that is left out."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True)
class Port:
    """An input or output of the file; `dtype` is a name of numpy's."""

    name: str
    dims: Dims
    dtype: str = "float32"


@dataclass(frozen=True)
class OnnxNet:
    """All that an ONNX file says. `facts` are pairs of words for those who ask where it is from."""

    name: str
    ops: tuple[Op, ...]
    constants: Mapping[str, Array]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    facts: Mapping[str, str] = field(default_factory=dict)


class Tape:
    """Collects operators and constants, and hands out names that are not taken.

    `reserved` are the tensor names that blobs will have.
    """

    def __init__(self, reserved: Sequence[str] = ()) -> None:
        self.ops: list[Op] = []
        self.constants: dict[str, Array] = {}
        self._tensors = set(reserved)
        self._ops: set[str] = set()
        self._params: dict[str, str] = {}

    @staticmethod
    def going_on(net: OnnxNet) -> Tape:
        """An empty tape for operators beside those of `net`, whose names are taken."""
        tape = Tape([*tensors_of(net), *net.constants])
        tape._ops.update(op.name for op in net.ops)
        return tape

    def fresh(self, base: str) -> str:
        """A tensor name that nobody has: `base`, or `base` with a number behind."""
        return _free(base, self._tensors)

    def write(
        self,
        layer: str,
        kind: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        attributes: Mapping[str, Attribute],
    ) -> None:
        """Append an operator of a layer; the first one of a layer is called like it."""
        name = _free(layer if layer not in self._ops else f"{layer}/{kind}", self._ops)
        self.ops.append(Op(kind, name, tuple(inputs), tuple(outputs), attributes))

    def constant(self, base: str, array: Array) -> str:
        """The name of a constant with these values."""
        name = self.fresh(base)
        self.constants[name] = array
        return name

    def param(self, key: ParamKey, array: Array) -> str:
        """The name of the parameter with this key, "conv1_0" for "conv1[0]": one for all users."""
        if key not in self._params:
            self._params[key] = self.constant(f"{key.layer}_{key.number}", array)
        return self._params[key]

    def body(self, start: int, name: str, inputs: Sequence[str], outputs: Sequence[str]) -> Body:
        """Take the operators from number `start` on off the tape, as the graph in another one."""
        ops = tuple(self.ops[start:])
        del self.ops[start:]
        return Body(name, tuple(inputs), tuple(outputs), ops)


def tensors_of(net: OnnxNet) -> set[str]:
    """The names of its inputs and of all that its operators make."""
    made = {name for op in net.ops for name in op.outputs}
    return made | {port.name for port in net.inputs}


def pruned(net: OnnxNet) -> OnnxNet:
    """`net` without the operators, constants and inputs that no output needs."""
    needed = {port.name for port in net.outputs}
    kept: list[Op] = []
    for op in reversed(net.ops):
        if needed.intersection(op.outputs):
            needed.update(_read(op))
            kept.append(op)
    return replace(
        net,
        ops=tuple(kept[::-1]),
        constants={name: array for name, array in net.constants.items() if name in needed},
        inputs=tuple(port for port in net.inputs if port.name in needed),
    )


def _read(op: Op) -> set[str]:
    """What an operator reads, also from inside the graphs that it holds."""
    read = set(op.inputs)
    for value in op.attributes.values():
        if isinstance(value, Body):
            read.update(*(_read(inner) for inner in value.ops), value.outputs)
    return read


def _free(base: str, taken: set[str]) -> str:
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    taken.add(name)
    return name
