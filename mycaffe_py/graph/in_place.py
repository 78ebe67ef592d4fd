"""Floor 4. Refuse in-place layers that overwrite what another layer's gradient is made from."""

from __future__ import annotations

from mycaffe_py.graph.model import Graph, Node


def check_in_place(graph: Graph) -> Graph:
    """Return `graph`, or raise UserError where a gradient would silently be wrong.

    A layer that looks at its own top in backward (Sigmoid, TanH, ...) must find it as it left it.
    ReLU looks at signs only, which ReLU and Dropout in place behind it keep wherever a gradient
    flows.
    """
    last: dict[str, Node] = {}
    for node in graph.nodes:
        for index, top in enumerate(node.tops):
            if node.in_place[index] and top in last:
                _check(last[top], node, top)
            last[top] = node
    return graph


def _check(earlier: Node, node: Node, blob: str) -> None:
    reads = earlier.layer.backward_reads
    own = "tops" in reads or ("bottoms" in reads and any(earlier.in_place))
    signs = earlier.layer.reads_signs_only and node.layer.keeps_signs
    if not earlier.backward or not own or signs:
        return
    raise node.context.error(
        f"it works in place on '{blob}'",
        at=("top", 0),
        wanted=f"the gradient of layer '{earlier.name}' ({earlier.layer.type}), which made "
        f"'{blob}', needs it unchanged",
        do="Give the top a name of its own.",
    )
