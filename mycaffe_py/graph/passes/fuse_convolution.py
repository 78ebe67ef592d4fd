"""Convolution, ReLU and 2 x 2 max pooling in a row become one layer.

What lies between them is never stored: three of four convolution outputs lose against their
neighbours, so neither they nor their gradients need memory. Images stay in blocked storage from one
fused layer to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.passes.readers import only_reader, reader_count
from mycaffe_py.graph.unsettled import unsettled, why_unsettled
from mycaffe_py.layers.fused.conv_pool import ConvolutionPooling, winograd_fits
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


@dataclass(frozen=True)
class Chain:
    """Layers that become one: a convolution, a pooling, and a ReLU before or behind it."""

    nodes: tuple[Node, ...]

    @property
    def convolution(self) -> Node:
        """The first layer."""
        return self.nodes[0]

    @property
    def relu(self) -> bool:
        """Whether a ReLU is among them."""
        return any(node.layer.type == "ReLU" for node in self.nodes)

    @property
    def top(self) -> str:
        """The blob that the last layer makes."""
        return self.nodes[-1].tops[0]


def fuse_convolution(graph: Graph) -> Graph:
    """Fuse every chain of `graph`; notes say which, and which convolutions not, and why."""
    chains, refused = _find(graph)
    by_bottom = {chain.convolution.bottoms[0]: chain for chain in chains}
    blocked = {c.top for c in chains if c.top in by_bottom and reader_count(graph, c.top) == 1}
    last = {id(chain.nodes[-1]): chain for chain in chains}
    inner = {id(node) for chain in chains for node in chain.nodes[:-1]}
    nodes = [
        _fused(last[id(node)], blocked) if id(node) in last else node
        for node in graph.nodes
        if id(node) not in inner
    ]
    names = [" + ".join(node.name for node in chain.nodes) for chain in chains]
    note = f"fuse: {len(chains)} chains" + (f": {', '.join(names)}" if names else "")
    return replace(
        graph,
        nodes=tuple(nodes),
        fused={**graph.fused, **_inside(chains)},
        blocked=graph.blocked | blocked,
        notes=(*graph.notes, note, *refused),
    )


def _inside(chains: Sequence[Chain]) -> dict[str, tuple[Node, ...]]:
    """For each blob that is no longer stored, the plain layers that make it again."""
    found = {}
    for chain in chains:
        for count, node in enumerate(chain.nodes, start=1):
            if node.tops[0] != chain.top:
                found[node.tops[0]] = chain.nodes[:count]
    return found


def _find(graph: Graph) -> tuple[list[Chain], list[str]]:
    chains = []
    refused = []
    layers = unsettled(graph)
    for number, node in enumerate(graph.nodes):
        if node.layer.type != "Convolution":
            continue
        chain = _follow(graph, number)
        why = _obstacle(chain) if chain else "no 2 x 2 max pooling follows"
        if node.bottoms[0] in layers:
            why = why_unsettled(node.bottoms[0], layers[node.bottoms[0]])
        if chain is None or why:
            refused.append(f"fuse: {node.name} stays as it is: {why}")
        else:
            chains.append(chain)
    return chains, refused


def _follow(graph: Graph, number: int) -> Chain | None:
    """The convolution with the layers behind it, up to the pooling and a ReLU in place on it."""
    found = [graph.nodes[number]]
    pooled = False
    place = number
    while True:
        reader = only_reader(graph, place)
        following = graph.nodes[reader] if reader is not None else None
        if following is None or not _continues(following, found, pooled):
            break
        pooled = pooled or following.layer.type == "Pooling"
        found.append(following)
        place = reader if reader is not None else place
    return Chain(tuple(found)) if pooled else None


def _continues(following: Node, found: Sequence[Node], pooled: bool) -> bool:
    """Whether a layer belongs to the chain: one pooling, one ReLU, in place if behind it."""
    if following.layer.type == "Pooling":
        return not pooled
    first_relu = _plain_relu(following) and all(node.layer.type != "ReLU" for node in found)
    return first_relu and (not pooled or following.in_place[0])


def _plain_relu(node: Node) -> bool:
    return node.layer.type == "ReLU" and node.context.param.relu_param.negative_slope == 0


def _obstacle(chain: Chain) -> str:
    """Why the fused kernels cannot stand for these layers, or ""."""
    convolution = chain.convolution
    pooling = next(node for node in chain.nodes if node.layer.type == "Pooling")
    facts = convolution.plan.facts
    window = facts.columns.window
    if len(convolution.bottoms) != 1 or len(convolution.plan.tops[0].shape) != 4:
        return "its bottoms are not one blob of pictures"
    axis = convolution.context.axis(convolution.context.param.convolution_param.axis)
    if facts.group != 1 or axis != 1:
        return "it has groups or another axis"
    if {*window.stride, *window.dilation} != {1} or any(window.pad):
        return "it has a stride, a dilation or padding"
    out = convolution.plan.tops[0].shape[2:]
    pool = pooling.plan.facts.window
    halved = pooling.plan.tops[0].shape[2:] == tuple(-(-extent // 2) for extent in out)
    twos = {*pool.kernel, *pool.stride} == {2}
    if not (pooling.plan.facts.maximum and twos and halved) or any(pool.pad):
        return "the pooling behind it is not MAX, 2 x 2, stride 2"
    if any(node.has_loss for node in chain.nodes):
        return "a blob inside has a loss weight"
    if len({node.backward for node in chain.nodes}) > 1:
        return "only some of the layers run backward"
    if convolution.propagate[0] and not winograd_fits(convolution.plan.params[0].shape, out):
        return "the gradient of its images has no kernel for these sizes"
    return ""


def _fused(chain: Chain, blocked: set[str]) -> Node:
    """The node that stands for `chain`."""
    first = chain.convolution
    layer = ConvolutionPooling(
        relu=chain.relu,
        wants_dx=first.propagate[0],
        backward=first.backward,
        blocked_bottom=first.bottoms[0] in blocked,
        blocked_top=chain.top in blocked,
    )
    param = LayerParameter()
    param.CopyFrom(first.context.param)
    param.name = " + ".join(node.name for node in chain.nodes)
    context = replace(first.context, param=param)
    return replace(
        first,
        name=param.name,
        layer=layer,
        context=context,
        plan=layer.plan(context),
        tops=(chain.top,),
        loss_weights=chain.nodes[-1].loss_weights,
    )
