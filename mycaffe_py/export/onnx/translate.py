"""From a net to ONNX operators: layer by layer, each by its translator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.export.exported_net import ExportedNet
from mycaffe_py.export.onnx.batch_lengths import is_input, read_inputs
from mycaffe_py.export.onnx.onnx_net import OnnxNet, Port, Tape
from mycaffe_py.export.onnx.translator import FLOAT, Site, translators
from mycaffe_py.graph.model import Graph, Node

# What is said of types that ONNX could express, but that nobody has written yet.
_NOT_YET = {
    "DetectionOutput": "it is not written as ONNX yet, whose NonMaxSuppression could do its work",
}


def to_onnx(
    plain: ExportedNet,
    facts: Mapping[str, str] | None = None,
    blobs: Sequence[str] = (),
    more: Sequence[str] = (),
    input_type: str = "float32",
) -> OnnxNet:
    """The net as ONNX says it; `facts` go into the file.

    Its outputs are those of the net or, where `blobs` are named, these alone: what they do not need
    is left out. The blobs `more` are outputs behind them. Inputs have the type `input_type`.

    A tensor is called like its blob. Of the layers that write one blob in place the last has its
    name, unless the blob is an input, which keeps it. Parameters are <layer>_<index>.
    Errors: a layer that ONNX cannot express, named with its place in the text; no such blob.
    """
    graph = plain.graph
    wanted = checked_blobs(graph, blobs) if blobs else _outputs(graph)
    wanted = list(dict.fromkeys([*wanted, *more]))
    needed = _needed(graph, wanted) if blobs else _all(graph)
    _check(graph, needed)
    tape = Tape([*graph.blobs, *(name for node in graph.nodes for name in node.tops)])
    ports = _written(plain, tape, needed, input_type)
    outputs = [_output(name, ports[name], graph, tape) for name in wanted]
    if not outputs:
        raise UserError(f"net '{graph.name}' makes nothing", wanted="an ONNX file has an output")
    inputs = ports_of_inputs(plain, needed.blobs.intersection(read_inputs(graph)))
    return OnnxNet(
        name=graph.name or "net",
        ops=tuple(tape.ops),
        constants=tape.constants,
        inputs=tuple(replace(port, dtype=input_type) for port in inputs),
        outputs=tuple(outputs),
        facts=facts or {},
    )


def checked_blobs(graph: Graph, blobs: Sequence[str]) -> list[str]:
    """`blobs`, each once. Errors: one that no layer makes."""
    made = {top for node in graph.nodes if not is_input(node) for top in node.tops}
    inputs = {top for node in graph.nodes if is_input(node) for top in node.tops} - made
    for blob in blobs:
        if blob in inputs:
            raise UserError(
                f"--blob {blob}: this is an input of the net",
                wanted="a blob that one of its layers makes",
                do=nearest(blob, made),
            )
        if blob not in made:
            raise UserError(f"the net has no blob '{blob}'", do=nearest(blob, made))
    return list(dict.fromkeys(blobs))


@dataclass(frozen=True)
class _Needed:
    """The numbers of the nodes that the outputs need, and the blobs that these read and write."""

    nodes: frozenset[int]
    blobs: frozenset[str]


def _all(graph: Graph) -> _Needed:
    return _Needed(frozenset(range(len(graph.nodes))), frozenset(graph.blobs))


def _needed(graph: Graph, wanted: Sequence[str]) -> _Needed:
    nodes: set[int] = set()
    blobs = set(wanted)
    for number, node in reversed(list(enumerate(graph.nodes))):
        if blobs.intersection(node.tops):
            nodes.add(number)
            blobs.update(node.bottoms)
    return _Needed(frozenset(nodes), frozenset(blobs))


def _written(plain: ExportedNet, tape: Tape, needed: _Needed, input_type: str) -> dict[str, Port]:
    """Write the needed layers on the tape; returns what is known of each blob at the end."""
    names = _Names(plain.graph, tape)
    ports: dict[str, Port] = {}
    for number, node in enumerate(plain.graph.nodes):
        if number not in needed.nodes:
            continue
        x = tuple(names.of[bottom] for bottom in node.bottoms)
        if node.layer.type == "Split":
            names.of.update(dict.fromkeys(node.tops, x[0]))
            y = x * len(node.tops)
        else:
            y = tuple(names.written(top, node) for top in node.tops)
        for top, name, dims in zip(node.tops, y, plain.tops[number], strict=True):
            ports[top] = Port(name, dims)
        if is_input(node):
            if input_type != "float32":
                names.cast(node.tops)
            continue
        if node.layer.type == "Split":
            continue
        arrays = tuple(plain.net.values[key] for key in node.params)
        site = Site(node, tape, x, y, plain.bottoms[number], plain.tops[number], arrays)
        translators.get(node.layer.type)(site)
    return ports


def ports_of_inputs(plain: ExportedNet, read: Collection[str]) -> list[Port]:
    """The inputs that are read, in the order of the text."""
    return [
        Port(top, dims)
        for node, tops in zip(plain.graph.nodes, plain.tops, strict=True)
        if is_input(node)
        for top, dims in zip(node.tops, tops, strict=True)
        if top in read
    ]


def _check(graph: Graph, needed: _Needed) -> None:
    """Every layer that is needed must have a translator."""
    for number, node in enumerate(graph.nodes):
        kind = node.layer.type
        if number not in needed.nodes or is_input(node) or kind == "Split":
            continue
        if kind not in translators:
            raise node.context.error(
                _NOT_YET.get(kind, "ONNX has nothing that does the same"),
                at=("type",),
                wanted=f"{len(translators)} other layer types can be exported",
                do="Export phase RUN, and leave it out there with exclude { phase: RUN }.",
            )


class _Names:
    """Which tensor holds a blob at the moment: `of`."""

    def __init__(self, graph: Graph, tape: Tape) -> None:
        self.of: dict[str, str] = {}
        self.tape = tape
        writers = (top for node in graph.nodes if node.layer.type != "Split" for top in node.tops)
        self.left = Counter(writers)
        self.inputs = {top for node in graph.nodes if is_input(node) for top in node.tops}

    def written(self, blob: str, node: Node) -> str:
        """The tensor that `node` writes for its top `blob`."""
        self.left[blob] -= 1
        own = is_input(node) or (self.left[blob] == 0 and blob not in self.inputs)
        self.of[blob] = blob if own else self.tape.fresh(f"{blob}/{node.name}")
        return self.of[blob]

    def cast(self, inputs: Sequence[str]) -> None:
        """Let the layers read `inputs` as float32."""
        for blob in inputs:
            name = self.tape.fresh(f"{blob}/float32")
            self.tape.write(blob, "Cast", (blob,), (name,), {"to": FLOAT})
            self.of[blob] = name


def _outputs(graph: Graph) -> list[str]:
    """The net's outputs but for those that only pass an input on."""
    made = {top for node in graph.nodes if not is_input(node) for top in node.tops}
    return [name for name in graph.outputs if name in made]


def _output(blob: str, port: Port, graph: Graph, tape: Tape) -> Port:
    """An output of the file; one that is another name of a tensor gets an operator of its own."""
    inputs = {top for node in graph.nodes if is_input(node) for top in node.tops}
    if port.name == blob or blob in inputs:
        return port
    tape.write(blob, "Identity", (port.name,), (blob,), {})
    return Port(blob, port.dims)
