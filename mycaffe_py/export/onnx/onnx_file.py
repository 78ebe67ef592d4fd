"""Writes an OnnxNet to a file, its weights as they stand: they are never copied.

A protobuf file cannot pass 2 GB. Weights beyond that go into a second file beside the first, which
the first one names ("external data" in ONNX's words); both must then stay together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mycaffe_py import __version__
from mycaffe_py.export.onnx.onnx_net import Attribute, Body, Dims, OnnxNet, Op, Port
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.layers.base import Array
from mycaffe_py.optional import optional
from mycaffe_py.proto.wire import bytes_header

# The first version whose Softmax works along an axis and whose ReduceSum is told its axes. Every
# reader of today knows it, and its file version.
OPSET = 13
IR_VERSION = 7
MOST_BYTES = 2**31 - 1
# Smaller constants (shapes, axes) stay in the file: readers look at them before they open another.
_LEAST_OUTSIDE = 1 << 10
_ALIGN = 64
_MODEL_GRAPH, _GRAPH_INITIALIZER, _TENSOR_RAW = 7, 5, 9


def write_onnx(path: Path, net: OnnxNet, most_bytes: int = MOST_BYTES) -> list[Path]:
    """Write `net` to `path`; returns the files. Errors: onnx is not installed; disk full.

    The same net gives the same bytes.
    """
    onnx = optional("onnx", "onnx", "'mycaffe export onnx'")
    graph = _graph(onnx, net).SerializeToString(deterministic=True)
    head = _model(onnx, net).SerializeToString(deterministic=True)
    inside = _Inside(onnx, net.constants)
    if len(graph) + len(head) + inside.size <= most_bytes:
        _write(path, head, graph, inside)
        return [path]
    beside = path.with_name(f"{path.name}.data")
    large = {name: a for name, a in net.constants.items() if a.nbytes >= _LEAST_OUTSIDE}
    small = {name: a for name, a in net.constants.items() if name not in large}
    places = _write_beside(beside, large)
    _write(path, head, graph, _Inside(onnx, small, places, beside.name, large))
    return [path, beside]


class _Inside:
    """The initializers as they stand in the file: their heads, and where numbers follow.

    Those of `outside` lie in the file `beside` at `places` (start, length).
    """

    def __init__(
        self,
        onnx: Any,
        inside: Mapping[str, Array],
        places: Mapping[str, tuple[int, int]] | None = None,
        beside: str = "",
        outside: Mapping[str, Array] | None = None,
    ) -> None:
        self.parts: list[tuple[bytes, Array | None]] = []
        self.size = 0
        for name, array in inside.items():
            head = _tensor(onnx, name, array).SerializeToString(deterministic=True)
            head += bytes_header(_TENSOR_RAW, array.nbytes)
            self._add(bytes_header(_GRAPH_INITIALIZER, len(head) + array.nbytes) + head, array)
        for name, (start, length) in (places or {}).items():
            tensor = _tensor(onnx, name, (outside or {})[name])
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key, value in (("location", beside), ("offset", start), ("length", length)):
                tensor.external_data.add(key=key, value=str(value))
            head = tensor.SerializeToString(deterministic=True)
            self._add(bytes_header(_GRAPH_INITIALIZER, len(head)) + head, None)

    def _add(self, head: bytes, array: Array | None) -> None:
        self.parts.append((head, array))
        self.size += len(head) + (0 if array is None else array.nbytes)


def _write(path: Path, head: bytes, graph: bytes, inside: _Inside) -> None:
    def write(file: BinaryIO) -> None:
        file.write(head + bytes_header(_MODEL_GRAPH, len(graph) + inside.size) + graph)
        for before, array in inside.parts:
            file.write(before)
            if array is not None:
                _write_numbers(file, array)

    write_atomically(path, write)


def _write_beside(path: Path, arrays: Mapping[str, Array]) -> dict[str, tuple[int, int]]:
    places: dict[str, tuple[int, int]] = {}

    def write(file: BinaryIO) -> None:
        for name, array in arrays.items():
            file.write(b"\0" * (-file.tell() % _ALIGN))
            places[name] = (file.tell(), array.nbytes)
            _write_numbers(file, array)

    write_atomically(path, write)
    return places


def _write_numbers(file: BinaryIO, array: Array) -> None:
    """Lowest byte first, as ONNX has it."""
    plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    file.write(plain.reshape(-1).view(np.uint8).data)


def _tensor(onnx: Any, name: str, array: Array) -> Any:
    kind = onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
    return onnx.TensorProto(name=name, dims=array.shape, data_type=kind)


def _model(onnx: Any, net: OnnxNet) -> Any:
    model = onnx.ModelProto(
        ir_version=IR_VERSION, producer_name="mycaffe-py", producer_version=__version__
    )
    model.opset_import.add(domain="", version=OPSET)
    for key, value in net.facts.items():
        model.metadata_props.add(key=key, value=value)
    return model


def _graph(onnx: Any, net: OnnxNet) -> Any:
    return onnx.helper.make_graph(
        _nodes(onnx, net.ops), net.name, _ports(onnx, net.inputs), _ports(onnx, net.outputs)
    )


def _ports(onnx: Any, ports: Sequence[Port]) -> list[Any]:
    return [_port(onnx, port.name, port.dims, port.dtype) for port in ports]


def _port(onnx: Any, name: str, dims: Dims | None, dtype: str = "float32") -> Any:
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return onnx.helper.make_tensor_value_info(name, kind, dims)


def _nodes(onnx: Any, ops: Sequence[Op]) -> list[Any]:
    made = []
    for op in ops:
        attributes = {key: _attribute(onnx, value) for key, value in op.attributes.items()}
        made.append(
            onnx.helper.make_node(op.kind, op.inputs, op.outputs, name=op.name, **attributes)
        )
    return made


def _attribute(onnx: Any, value: Attribute) -> Any:
    if not isinstance(value, Body):
        return list(value) if isinstance(value, tuple) else value
    ports = [[_port(onnx, name, None) for name in names] for names in (value.inputs, value.outputs)]
    return onnx.helper.make_graph(_nodes(onnx, value.ops), value.name, *ports)
