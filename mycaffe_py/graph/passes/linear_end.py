"""Whether a layer's results reach the loss through layers that only add and multiply.

Then the gradients that ContrastiveLoss sends two twins still are of opposite sign when they come
to this layer, and those of its bias leave nothing. A max pooling hands them on as they are.
"""

from __future__ import annotations

from mycaffe_py.graph.model import Graph


def ends_linearly(graph: Graph, number: int) -> bool:
    """Whether all that runs backward behind node `number` is linear, or a loss."""
    reached = _with_rows(graph, graph.nodes[number].tops)
    for node in graph.nodes[number + 1 :]:
        if not node.backward or node.layer.is_loss or not reached.intersection(node.bottoms):
            continue
        if not node.layer.is_linear:
            return False
        reached |= _with_rows(graph, node.tops)
    return True


def _with_rows(graph: Graph, blobs: tuple[str, ...]) -> set[str]:
    """`blobs`, and those whose rows lie in them or that they are rows of."""
    whole = {graph.rows[blob].blob for blob in blobs if blob in graph.rows}
    return {*blobs, *whole, *(name for name, rows in graph.rows.items() if rows.blob in blobs)}
