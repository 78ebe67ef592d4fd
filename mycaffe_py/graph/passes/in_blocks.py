"""Which layers can work on blobs in blocks of channels, and what takes their place there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from mycaffe_py.graph.model import Node
from mycaffe_py.kernels.blocked.patches import few_products_pay
from mycaffe_py.layers.base import Layer
from mycaffe_py.layers.blocked.convolution import BlockedConvolution
from mycaffe_py.layers.blocked.joining import BlockedConcat
from mycaffe_py.layers.blocked.lrn import BlockedLRN
from mycaffe_py.layers.blocked.patches import BlockedPatches
from mycaffe_py.layers.blocked.place import Place
from mycaffe_py.layers.blocked.pooling import BlockedPooling

# The widest vector of all machines: what is a multiple of it fills blocks on each of them.
_WIDEST = 16


def able(node: Node, chosen: Collection[str]) -> bool:
    """Whether `node` can make its tops in blocks when the blobs named in `chosen` lie so."""
    if node.layer.type in ("Convolution", "Convolution+Following"):
        return _able_convolution(node, chosen)
    if not node.bottoms or any(bottom not in chosen for bottom in node.bottoms):
        return False
    if node.layer.type == "Pooling":
        return len(node.tops) == 1
    if node.layer.type == "Concat":
        full = all(shape[1] % _WIDEST == 0 for shape in node.context.shapes)
        return node.plan.facts.axis == 1 and full and len({*node.bottoms}) == len(node.bottoms)
    if node.layer.type == "LRN":
        facts = node.plan.facts
        return not facts.within and facts.beta == 0.75 and node.context.shapes[0][1] % _WIDEST == 0
    if node.layer.type == "Dropout":
        return bool(node.plan.facts.ratio == 0)
    return node.layer.type in ("ReLU", "Split")


def _able_convolution(node: Node, chosen: Collection[str]) -> bool:
    facts = node.plan.facts
    axis = node.context.axis(node.context.param.convolution_param.axis)
    if len(node.tops) != 1 or axis != 1 or facts.direct is None or node.tops[0] in node.bottoms:
        return False
    # Another blob of a sum is read as the result is written.
    if any(bottom not in chosen for bottom in node.bottoms[1:]):
        return False
    if facts.group == 1:
        return True
    channels, outputs = facts.columns.channels, facts.outputs
    if node.bottoms[0] not in chosen:
        return False
    if channels == outputs == facts.group:
        return len(node.bottoms) == 1
    return all(count % (_WIDEST * facts.group) == 0 for count in (channels, outputs))


def _in_patches(node: Node) -> bool:
    """Whether it is a 3 x 3 convolution that takes fewer products patch by patch."""
    facts = node.plan.facts
    kernel, stride, _, dilation, _ = facts.columns.plane()
    if kernel != (3, 3) or stride != (1, 1) or dilation != (1, 1):
        return False
    return few_products_pay(node.context.shapes[0], node.plan.tops[0].shape, facts.group)


def in_blocks(node: Node, places: Mapping[str, Place]) -> Node:
    """What takes the place of `node`, whose tops lie in blocks."""
    layer: Layer
    if node.layer.type in ("Convolution", "Convolution+Following"):
        planar = node.bottoms[0] not in places
        shape = node.context.shapes[0]
        x = Place(shape, shape[1]) if planar else places[node.bottoms[0]]
        following = getattr(node.layer, "following", ())
        y = places[node.tops[0]]
        if not planar and _in_patches(node):
            layer = BlockedPatches(following, x, y, planar=False)
        else:
            layer = BlockedConvolution(following, x, y, planar=planar)
    elif node.layer.type == "Pooling":
        layer = BlockedPooling(node.plan, places[node.bottoms[0]], places[node.tops[0]])
    elif node.layer.type == "LRN":
        layer = BlockedLRN(node.plan, places[node.bottoms[0]], places[node.tops[0]])
    elif node.layer.type == "Concat":
        bottoms = [places[bottom] for bottom in node.bottoms]
        layer = BlockedConcat(node.plan, bottoms, places[node.tops[0]], node.tops[0])
    else:
        return node
    return replace(node, layer=layer, plan=layer.plan(node.context))
