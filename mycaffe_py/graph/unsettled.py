"""Blobs whose shape is known only when a forward runs, and everything made from them."""

from __future__ import annotations

from mycaffe_py.graph.model import Graph


def unsettled(graph: Graph) -> dict[str, str]:
    """The blobs without a settled shape, each with the layer whose forward decides on it."""
    found: dict[str, str] = {}
    for node in graph.nodes:
        behind = next((found[bottom] for bottom in node.bottoms if bottom in found), None)
        for index, top in enumerate(node.tops):
            if behind is not None:
                found[top] = behind
            elif index in node.plan.varying:
                found[top] = node.name
    return found


def why_unsettled(blob: str, layer: str) -> str:
    """A sentence for the notes of a pass that leaves such a blob alone."""
    return f"the shape of '{blob}' is known only after the forward of '{layer}'"
