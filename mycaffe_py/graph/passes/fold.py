"""Lets a convolution do the work of the layers behind it, while its results are in registers.

This is done where nothing runs backward: BatchNorm and BN with stored means and Scale are a factor
and a shift of each channel; the other branch of a residual is added, and ReLU taken, before
anything is stored. The results are read and written once instead of up to five times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.unsettled import unsettled
from mycaffe_py.layers.fused.conv_following import ConvolutionFollowing, Following
from mycaffe_py.proto.mycaffe_pb2 import EltwiseParameter, LayerParameter

Chain = tuple[Node, ...]
# What may stand behind a convolution, in this order, each once or not at all.
_ORDER = ("BatchNorm", "Scale", "BN", "Eltwise", "ReLU")


def fold(graph: Graph) -> Graph:
    """Fold every chain of such layers in `graph` into one; the notes say which."""
    chains = _find(graph)
    last = {id(chain[-1]): chain for chain in chains}
    inner = {id(node) for chain in chains for node in chain[:-1]}
    nodes = [
        _folded(last[id(node)]) if id(node) in last else node
        for node in graph.nodes
        if id(node) not in inner
    ]
    inside = {}
    for chain in chains:
        inside.update(_inside(chain))
    names = [" + ".join(node.name for node in chain) for chain in chains]
    note = f"fold: {len(chains)} convolutions with what follows them"
    return replace(
        graph,
        nodes=tuple(nodes),
        fused={**graph.fused, **inside},
        notes=(*graph.notes, note + (f": {', '.join(names)}" if names else "")),
    )


def _find(graph: Graph) -> list[Chain]:
    """The chains that can be folded.

    Their layers stand one right behind the other, so that nothing runs between them.
    """
    loose = unsettled(graph)
    chains = []
    for number, node in enumerate(graph.nodes):
        if not _starts(graph, node) or loose.keys() & {*node.bottoms, *node.tops}:
            continue
        chain = [node]
        for following in graph.nodes[number + 1 :]:
            if not _continues(graph, chain, following):
                break
            chain.append(following)
        if len(chain) > 1:
            chains.append(tuple(chain))
    return chains


def _starts(graph: Graph, node: Node) -> bool:
    plain = node.layer.type == "Convolution" and not node.backward and not node.has_loss
    return plain and len(node.bottoms) == 1 and _fits(graph, node)


def _fits(graph: Graph, node: Node) -> bool:
    """Whether the kernels fit, and the channels are axis 1, as they are for what follows."""
    axis = node.context.axis(node.context.param.convolution_param.axis)
    return axis == 1 and node.plan.facts.direct is not None


def _continues(graph: Graph, chain: Sequence[Node], node: Node) -> bool:
    """Whether `node` reads the chain's end alone and does what the kernels can do behind it."""
    kind, blob = node.layer.type, chain[-1].tops[0]
    done = [_ORDER.index(one.layer.type) for one in chain[1:]]
    if kind not in _ORDER or any(at >= _ORDER.index(kind) for at in done):
        return False
    if node.backward or node.has_loss or node.bottoms.count(blob) != 1 or len(node.tops) != 1:
        return False
    if not any(node.in_place) and _other_readers(graph, chain, node, blob):
        return False
    # A blob in front of a sum is made again from one bottom, the sum itself from two.
    if any(one.layer.type == "Eltwise" for one in chain) and node.tops[0] != blob:
        return False
    return _plain(node, chain[0])


def _other_readers(graph: Graph, chain: Sequence[Node], node: Node, blob: str) -> bool:
    readers = {id(graph.nodes[number]) for number, _ in graph.consumers(blob)}
    rows = blob in graph.rows or any(place.blob == blob for place in graph.rows.values())
    return rows or bool(readers - {id(node), *map(id, chain)})


def _plain(node: Node, convolution: Node) -> bool:
    """Whether the options are those the kernels know."""
    facts = node.plan.facts
    outputs = convolution.plan.facts.outputs
    if node.layer.type == "BatchNorm":
        return bool(facts.stored)
    if node.layer.type == "BN":
        return not facts.batch
    if node.layer.type == "Scale":
        shape = convolution.plan.tops[0].shape
        return bool(facts.learned and facts.blocks[:2] == (shape[0], outputs))
    if node.layer.type == "Eltwise":
        plain = facts.operation == EltwiseParameter.SUM and set(facts.coeff) == {1.0}
        return plain and len(node.bottoms) == 2
    return bool(facts.slope == 0)


def _inside(chain: Chain) -> dict[str, Chain]:
    """For each blob that is no longer stored, the plain layers that make it again."""
    found = {}
    for count, node in enumerate(chain, start=1):
        if node.tops[0] != chain[-1].tops[0]:
            found[node.tops[0]] = chain[:count]
    return found


def _folded(chain: Chain) -> Node:
    """The node that stands for `chain`."""
    first = chain[0]
    layer = ConvolutionFollowing([Following(node.layer.type, node.plan) for node in chain[1:]])
    param = LayerParameter()
    param.CopyFrom(first.context.param)
    param.name = " + ".join(node.name for node in chain)
    context = replace(first.context, param=param)
    added = [
        bottom
        for before, node in pairwise(chain)
        if node.layer.type == "Eltwise"
        for bottom in node.bottoms
        if bottom != before.tops[0]
    ]
    return replace(
        first,
        name=param.name,
        layer=layer,
        context=context,
        plan=layer.plan(context),
        bottoms=(*first.bottoms, *added),
        tops=chain[-1].tops,
        loss_weights=chain[-1].loss_weights,
        params=tuple(key for node in chain for key in node.params),
        propagate=tuple(False for _ in (*first.bottoms, *added)),
    )
