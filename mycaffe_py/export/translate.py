"""Floor 7. From a net to ONNX operators: layer by layer, each by its translator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from mycaffe_py.errors import UserError
from mycaffe_py.export.batch import is_input, read_inputs
from mycaffe_py.export.plain_net import PlainNet
from mycaffe_py.export.site import Site, translators
from mycaffe_py.export.tape import OnnxNet, Port, Tape
from mycaffe_py.graph.model import Graph, Node


def to_onnx(plain: PlainNet, facts: Mapping[str, str] | None = None) -> OnnxNet:
    """The net as ONNX says it; `facts` go into the file.

    A tensor is called like its blob. Of the layers that write one blob in place the last has its
    name, unless the blob is an input, which keeps it. Parameters are <layer>_<index>.
    Errors: a layer that ONNX cannot express, named with its place in the text.
    """
    graph = plain.graph
    _check(graph)
    tape = Tape([*graph.blobs, *(name for node in graph.nodes for name in node.tops)])
    names = _Names(graph, tape)
    inputs = set(read_inputs(graph))
    ports: dict[str, Port] = {}
    for number, node in enumerate(graph.nodes):
        x = tuple(names.of[bottom] for bottom in node.bottoms)
        if node.layer.type == "Split":
            names.of.update(dict.fromkeys(node.tops, x[0]))
            y = x * len(node.tops)
        else:
            y = tuple(names.written(top, node) for top in node.tops)
        for top, name, dims in zip(node.tops, y, plain.tops[number], strict=True):
            ports[top] = Port(name, dims)
        if is_input(node) or node.layer.type == "Split":
            continue
        arrays = tuple(plain.net.values[key] for key in node.params)
        site = Site(node, tape, x, y, plain.bottoms[number], plain.tops[number], arrays)
        translators.get(node.layer.type)(site)
    outputs = [_output(name, ports[name], graph, tape) for name in _outputs(graph)]
    if not outputs:
        raise UserError(f"net '{graph.name}' makes nothing", wanted="an ONNX file has an output")
    return OnnxNet(
        name=graph.name or "net",
        ops=tuple(tape.ops),
        constants=tape.constants,
        inputs=tuple(ports_of_inputs(plain, inputs)),
        outputs=tuple(outputs),
        facts=facts or {},
    )


def ports_of_inputs(plain: PlainNet, read: set[str]) -> list[Port]:
    """The inputs that are read, in the order of the text."""
    return [
        Port(top, dims)
        for node, tops in zip(plain.graph.nodes, plain.tops, strict=True)
        if is_input(node)
        for top, dims in zip(node.tops, tops, strict=True)
        if top in read
    ]


def _check(graph: Graph) -> None:
    """Every layer must have a translator."""
    for node in graph.nodes:
        kind = node.layer.type
        if not is_input(node) and kind != "Split" and kind not in translators:
            raise node.context.error(
                "ONNX has nothing that does the same",
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
