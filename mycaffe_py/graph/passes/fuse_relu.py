"""In training, a Convolution takes along the ReLU behind it: two passes less over its outputs.

Forward the outputs are rectified before they are written; backward their gradient is cut where it
is summed up for the bias. In nets that only recognise, fold.py does this and more.
"""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.passes.readers import only_reader
from mycaffe_py.graph.unsettled import unsettled
from mycaffe_py.layers.fused.conv_relu import ConvolutionReLU
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


def fuse_relu(graph: Graph) -> Graph:
    """Fuse every such pair of `graph`; the note says which."""
    loose = unsettled(graph)
    pairs: dict[int, Node] = {}
    gone: set[int] = set()
    for number, node in enumerate(graph.nodes):
        if not _starts(node) or node.bottoms[0] in loose:
            continue
        reader = only_reader(graph, number)
        if reader is not None and _rectifies(node, graph.nodes[reader]):
            pairs[reader] = _fused(node, graph.nodes[reader])
            gone.add(number)
    if not pairs:
        return graph
    nodes = [pairs.get(n, node) for n, node in enumerate(graph.nodes) if n not in gone]
    names = ", ".join(node.name for node in pairs.values())
    note = f"fuse: {len(pairs)} convolutions with their ReLU: {names}"
    return replace(graph, nodes=tuple(nodes), notes=(*graph.notes, note))


def _starts(node: Node) -> bool:
    """Whether it is a plain Convolution that learns, whose kernels can rectify."""
    if node.layer.type != "Convolution" or not node.backward or node.has_loss:
        return False
    return len(node.bottoms) == 1 and node.plan.facts.direct is not None


def _rectifies(first: Node, relu: Node) -> bool:
    """Whether it is a plain ReLU, in place: so nothing behind it hides the signs it looks for."""
    if relu.layer.type != "ReLU" or relu.context.param.relu_param.negative_slope != 0:
        return False
    return relu.tops == first.tops and relu.backward and not relu.has_loss


def _fused(first: Node, relu: Node) -> Node:
    layer = ConvolutionReLU()
    param = LayerParameter()
    param.CopyFrom(first.context.param)
    param.name = f"{first.name} + {relu.name}"
    context = replace(first.context, param=param)
    return replace(first, name=param.name, layer=layer, context=context, plan=layer.plan(context))
