"""Who reads a blob: what a pass must know before it makes two layers one."""

from __future__ import annotations

from mycaffe_py.graph.model import Graph


def reader_count(graph: Graph, blob: str) -> int:
    """How many layers read `blob` or rows of it."""
    names = {blob, *(name for name, rows in graph.rows.items() if rows.blob == blob)}
    return sum(bottom in names for node in graph.nodes for bottom in node.bottoms)


def only_reader(graph: Graph, number: int) -> int | None:
    """The layer that alone reads the only top of node `number`, if it has one bottom and one top.

    Layers behind one that works in place do not count: they read what that one makes.
    """
    node = graph.nodes[number]
    if len(node.tops) != 1:
        return None
    blob = node.tops[0]
    later = [i for i, other in enumerate(graph.nodes) if i > number and blob in other.bottoms]
    rows = {name for name, place in graph.rows.items() if place.blob == blob}
    if not later:
        return None
    first = graph.nodes[later[0]]
    if not any(first.in_place) and (
        len(later) > 1 or any(rows.intersection(other.bottoms) for other in graph.nodes)
    ):
        return None
    return later[0] if len(first.bottoms) == 1 and len(first.tops) == 1 else None
