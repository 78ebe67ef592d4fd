"""Nets written in Python: a call makes a layer and returns its blob; all become a NetParameter.

    n = NetSpec()
    n.data, n.label = layers.Data(source="MNIST.training", batch_size=64, ntop=2)
    n.score = layers.InnerProduct(n.data, num_output=10, weight_filler=dict(type="xavier"))
    n.loss = layers.SoftmaxWithLoss(n.score, n.label)
    text = str(n.to_proto())

A parameter whose name ends in `param` is a field of the layer itself; another one belongs to the
message named after the layer's type (num_output to InnerProductParameter), or, where that has no
such field, to the layer (name, loss_weight, include). Unlike Caffe's, an empty list sets nothing
instead of raising IndexError, and tuples, arrays and whole messages are values too.
"""

from __future__ import annotations

import reprlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mycaffe_py.errors import nearest
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.pycaffe.assign import assign_proto, holder_of, param_name_dict

# What protobuf raises for a value that does not fit, and assign_proto for an unknown name.
_VALUE_ERRORS = (AttributeError, TypeError, ValueError)


class Top:
    """A blob of the net to be made: top number `n` of the layer `fn`."""

    def __init__(self, fn: Function, n: int) -> None:
        self.fn = fn
        self.n = n

    def to_proto(self) -> pb.NetParameter:
        """The layers that lead to this blob, with made-up names."""
        return to_proto(self)


class Function:
    """A layer of the net to be made: its type, the tops it reads, its parameters, its `tops`.

    `params` may hold `ntop` (how many tops, default 1) and `in_place` (write over the bottoms).
    An input that is no Top is a TypeError.
    """

    def __init__(self, type_name: str, inputs: Sequence[Top], params: dict[str, Any]) -> None:
        given: Sequence[object] = inputs
        for number, top in enumerate(given):
            if not isinstance(top, Top):
                raise TypeError(f"{type_name} input {number} is not a Top (type is {type(top)})")
        self.type_name = type_name
        self.inputs = tuple(inputs)
        self.params = dict(params)
        self.ntop: int = self.params.pop("ntop", 1)
        self.in_place: bool = self.params.pop("in_place", False)
        if self.in_place and self.ntop > len(self.inputs):
            raise ValueError(f"{type_name} has {len(self.inputs)} inputs to write in place")
        self.tops = tuple(Top(self, n) for n in range(self.ntop))


class UnknownTopError(KeyError, AttributeError):
    """A NetSpec has no such name; it is an AttributeError too, as hasattr and copy want."""

    def __str__(self) -> str:
        return str(self.args[0])  # without the quotes that a KeyError puts around it


class NetSpec:
    """Named tops, in the order they were assigned in; by attribute or by item."""

    tops: OrderedDict[str, Any]

    def __init__(self) -> None:
        object.__setattr__(self, "tops", OrderedDict())

    def __setattr__(self, name: str, value: Any) -> None:
        self.tops[name] = value

    def __getattr__(self, name: str) -> Any:
        if name == "tops":  # asked for by copy, before there are any
            raise AttributeError(name)
        return self[name]

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.tops[name] = value

    def __getitem__(self, name: str) -> Any:
        if name not in self.tops:
            raise UnknownTopError(f"the net has no top '{name}'. {nearest(name, self.tops)}")
        return self.tops[name]

    def __delitem__(self, name: str) -> None:
        self[name]
        del self.tops[name]

    def to_proto(self) -> pb.NetParameter:
        """The layers of all tops: inputs first, otherwise in the order of assignment."""
        for name, top in self.tops.items():
            if not isinstance(top, Top | Function):
                hint = "give each of its tops a name" if isinstance(top, tuple) else "remove it"
                raise TypeError(f"'{name}' is no Top (type is {type(top)}); {hint}")
        return _written(self.tops.values(), {top: name for name, top in self.tops.items()})


def to_proto(*tops: Top | Function) -> pb.NetParameter:
    """The layers that lead to `tops`, with made-up names (Convolution1, Convolution2, ...)."""
    return _written(tops, {})


def _written(tops: Iterable[Top | Function], names: dict[Top | Function, str]) -> pb.NetParameter:
    writer = _Writer(names)
    for top in tops:
        writer.write(top if isinstance(top, Function) else top.fn)
    return pb.NetParameter(layer=writer.layers.values())


class _Writer:
    """The layers in the order they are reached, and the names made up on the way."""

    def __init__(self, names: dict[Top | Function, str]) -> None:
        self.names = names
        self.made_up: Counter[str] = Counter()
        self.layers: dict[Function, pb.LayerParameter] = {}

    def write(self, fn: Function) -> None:
        """Add the layer and all it reads; by a loop, as a net may be deeper than Python's stack."""
        waiting = [fn]
        while waiting:
            last = waiting[-1]
            unwritten = [top.fn for top in last.inputs if top.fn not in self.layers]
            if unwritten:
                waiting.append(unwritten[0])
                continue
            waiting.pop()
            if last not in self.layers:
                self.layers[last] = self._layer(last)

    def _layer(self, fn: Function) -> pb.LayerParameter:
        layer = pb.LayerParameter(type=fn.type_name)
        layer.bottom.extend(self.layers[top.fn].top[top.n] for top in fn.inputs)
        layer.top.extend(layer.bottom if fn.in_place else [self._name(top) for top in fn.tops])
        layer.name = self._name(fn.tops[0] if fn.tops else fn)
        for name, value in fn.params.items():
            try:
                assign_proto(holder_of(layer, name), name, value)
            except _VALUE_ERRORS as error:
                place = f"layer '{layer.name}' ({fn.type_name}), {name}={reprlib.repr(value)}"
                kind = next(kind for kind in _VALUE_ERRORS if isinstance(error, kind))
                raise kind(f"{place}: {error}") from None
        return layer

    def _name(self, thing: Top | Function) -> str:
        if thing not in self.names:
            type_name = thing.type_name if isinstance(thing, Function) else thing.fn.type_name
            self.made_up[type_name] += 1
            self.names[thing] = f"{type_name}{self.made_up[type_name]}"
        return self.names[thing]


class Layers:
    """`layers.Type(*bottoms, ntop=1, in_place=False, **parameters)` is the layer's top.

    One top for ntop 1, a tuple of them for more, the Function itself for ntop 0.
    """

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def layer(*inputs: Top, **params: Any) -> Top | tuple[Top, ...] | Function:
            fn = Function(name, inputs, params)
            if fn.ntop == 0:
                return fn
            return fn.tops[0] if fn.ntop == 1 else fn.tops

        return layer


class _Values:
    def __init__(self, name: str) -> None:
        self._message = getattr(pb, f"{name}Parameter")

    def __getattr__(self, name: str) -> int:
        value: int = getattr(self._message, name)
        return value


class Parameters:
    """`params.Pooling.MAX` is the number of a value of an enum in PoolingParameter."""

    def __getattr__(self, name: str) -> _Values:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Values(name)


__all__ = [
    "Function", "Layers", "NetSpec", "Parameters", "Top", "UnknownTopError",
    "assign_proto", "layers", "param_name_dict", "params", "to_proto",
]  # fmt: skip

layers = Layers()
params = Parameters()
