"""InnerProduct and a ReLU behind it become one layer: one pass less over the outputs."""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.graph.in_place import Memory
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.passes.readers import only_reader
from mycaffe_py.graph.unsettled import unsettled, why_unsettled
from mycaffe_py.layers.fused.inner_product_relu import InnerProductReLU
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


def fuse_inner_product(graph: Graph) -> Graph:
    """Fuse every such pair of `graph`; notes say which."""
    pairs: dict[int, Node] = {}
    refused = []
    layers = unsettled(graph)
    memory = Memory(graph)
    for number, node in enumerate(graph.nodes):
        reader = only_reader(graph, number) if node.layer.type == "InnerProduct" else None
        if reader is None or not _fits(node, graph.nodes[reader]):
            continue
        relu = graph.nodes[reader]
        spoiler = memory.spoiler(relu.tops[0], reader, "rectified") if relu.backward else None
        if spoiler is not None:
            name = graph.nodes[spoiler].name
            refused.append(
                f"fuse: {node.name} stays as it is: {name} overwrites what {relu.name} makes"
            )
        elif node.bottoms[0] in layers:
            why = why_unsettled(node.bottoms[0], layers[node.bottoms[0]])
            refused.append(f"fuse: {node.name} stays as it is: {why}")
        else:
            pairs[reader] = node
    gone = {id(node) for node in pairs.values()}
    nodes = [
        _fused(pairs[number], node) if number in pairs else node
        for number, node in enumerate(graph.nodes)
        if id(node) not in gone
    ]
    inside = {
        first.tops[0]: (first,)
        for number, first in pairs.items()
        if first.tops[0] != graph.nodes[number].tops[0]
    }
    names = [f"{first.name} + {graph.nodes[number].name}" for number, first in pairs.items()]
    note = f"fuse: {len(names)} inner products with their ReLU"
    return replace(
        graph,
        nodes=tuple(nodes),
        fused={**graph.fused, **inside},
        notes=(*graph.notes, note + (f": {', '.join(names)}" if names else ""), *refused),
    )


def _fits(first: Node, relu: Node) -> bool:
    plain = relu.layer.type == "ReLU" and relu.context.param.relu_param.negative_slope == 0
    loss = first.has_loss or relu.has_loss
    return plain and not loss and first.backward == relu.backward and first.plan.facts.bias


def _fused(first: Node, relu: Node) -> Node:
    param = LayerParameter()
    param.CopyFrom(first.context.param)
    param.name = f"{first.name} + {relu.name}"
    return replace(
        first,
        name=param.name,
        layer=InnerProductReLU(),
        context=replace(first.context, param=param),
        tops=relu.tops,
    )
