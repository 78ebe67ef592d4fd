"""In training, BatchNorm by the batch takes along the Scale and the ReLU that work in place on it.

They are a factor, a shift and a maximum of values that lie in a register just then; alone each of
them reads and writes the whole blob, forward and backward.
"""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.passes.readers import only_reader
from mycaffe_py.graph.unsettled import unsettled
from mycaffe_py.layers.fused.batch_norm_scale import BatchNormScale
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


def fuse_batch_norm(graph: Graph) -> Graph:
    """Fuse every such chain of `graph`; the note says which."""
    loose = unsettled(graph)
    fused: dict[int, Node] = {}
    gone: set[int] = set()
    names = []
    for number, node in enumerate(graph.nodes):
        if not _starts(node) or node.bottoms[0] in loose:
            continue
        scale = _next(graph, number)
        if scale is None or not _scales(node, graph.nodes[scale]):
            continue
        relu = _next(graph, scale)
        chain = [scale] if relu is None or not _rectifies(graph.nodes[relu]) else [scale, relu]
        fused[number] = _fused(node, [graph.nodes[one] for one in chain])
        gone.update(chain)
        names.append(fused[number].name)
    nodes = [fused.get(n, node) for n, node in enumerate(graph.nodes) if n not in gone]
    if not names:
        return graph
    note = f"fuse: {len(names)} batch norms with what follows them: {', '.join(names)}"
    return replace(graph, nodes=tuple(nodes), notes=(*graph.notes, note))


def _starts(node: Node) -> bool:
    """Whether it is a plain BatchNorm by the batch, whose bottom wants a gradient."""
    if node.layer.type != "BatchNorm" or node.has_loss or not any(node.propagate):
        return False
    return not (node.plan.facts.stored or node.plan.facts.affine)


def _next(graph: Graph, number: int) -> int | None:
    """The layer that works in place on what node `number` makes, before anybody reads it."""
    reader = only_reader(graph, number)
    if reader is None:
        return None
    node = graph.nodes[reader]
    alone = node.tops == graph.nodes[number].tops and not node.has_loss and node.backward
    return reader if alone else None


def _scales(norm: Node, scale: Node) -> bool:
    facts = scale.plan.facts
    if scale.layer.type != "Scale" or not (facts.learned and facts.shifts):
        return False
    return bool(facts.blocks == norm.plan.facts.blocks)


def _rectifies(node: Node) -> bool:
    return node.layer.type == "ReLU" and node.context.param.relu_param.negative_slope == 0


def _fused(norm: Node, chain: list[Node]) -> Node:
    scale = chain[0]
    param = LayerParameter()
    param.CopyFrom(norm.context.param)
    param.name = " + ".join(node.name for node in (norm, *chain))
    layer = BatchNormScale(scale.plan, relu=len(chain) > 1)
    context = replace(norm.context, param=param)
    return replace(
        norm,
        name=param.name,
        layer=layer,
        context=context,
        plan=layer.plan(context),
        params=(*norm.params, *scale.params),
        param_gradients=(*norm.param_gradients, *scale.param_gradients),
    )
