"""Operators that belong to no layer: those in front of an exported net, and those behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.export.onnx.onnx_net import Attribute, OnnxNet, Tape
from mycaffe_py.layers.base import Array

# ONNX's numbers of types, for Cast.
_TYPES = {"float32": 1, "int64": 7, "float16": 10, "float64": 11}


class Operators:
    """Writes operators beside those of `net` on a tape of its own; `part` begins their names."""

    def __init__(self, net: OnnxNet, part: str) -> None:
        self.tape = Tape.going_on(net)
        self._part = part

    def op(self, kind: str, *inputs: str, out: str = "", **attributes: Attribute) -> str:
        """Write an operator with one output, called `out` or by a fresh name; returns the name."""
        output = out or self._fresh(kind)
        self.tape.write(self._part, kind, inputs, (output,), attributes)
        return output

    def ops(self, kind: str, *inputs: str, count: int, **attributes: Attribute) -> Sequence[str]:
        """Write an operator with `count` outputs."""
        outputs = [self._fresh(kind) for _ in range(count)]
        self.tape.write(self._part, kind, inputs, outputs, attributes)
        return outputs

    def constant(self, array: Array | np.generic) -> str:
        """The name of a constant, in the type that it has."""
        return self.tape.constant(f"{self._part}/constant", np.asarray(array))

    def whole(self, *values: int) -> str:
        """A row of whole numbers: axes, shapes, places."""
        return self.constant(np.array(values, np.int64))

    def scalar(self, value: int) -> str:
        """One whole number without an axis."""
        return self.constant(np.int64(value))

    def cast(self, x: str, kind: str) -> str:
        """`x` in the type that numpy calls `kind`."""
        return self.op("Cast", x, to=_TYPES[kind])

    def _fresh(self, kind: str) -> str:
        return self.tape.fresh(f"{self._part}/{kind}")
