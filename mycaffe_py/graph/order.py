"""Put nodes back into an order in which every blob is made before it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mycaffe_py.graph.model import Node, Rows


def sort_nodes(nodes: Sequence[Node], rows: Mapping[str, Rows]) -> list[Node]:
    """`nodes` in an order that can run, which keeps the given order wherever it can.

    The first node, in the given order, whose bottoms are all made always comes next.

    A stacked blob is made when all of its rows are, and its rows when it is. In-place layers stay
    behind the producer of their blob because each counts as one more version of it.
    """
    writers = _writers(nodes, rows)
    waiting = list(range(len(nodes)))
    done: set[int] = set()
    order: list[Node] = []
    while waiting:
        ready = next((i for i in waiting if writers[i] <= done), None)
        if ready is None:
            raise RuntimeError(f"layers in a circle: {[nodes[i].name for i in waiting]}")
        waiting.remove(ready)
        done.add(ready)
        order.append(nodes[ready])
    return order


def _writers(nodes: Sequence[Node], rows: Mapping[str, Rows]) -> list[set[int]]:
    """For each node, the nodes that must run before it."""
    members: dict[str, list[str]] = {}
    for name, place in rows.items():
        members.setdefault(place.blob, []).append(name)
    producers: dict[str, list[int]] = {}
    for number, node in enumerate(nodes):
        for top in node.tops:
            for name in (top, *members.get(top, ())):
                producers.setdefault(name, []).append(number)
    needed = []
    for number, node in enumerate(nodes):
        wanted: set[int] = set()
        for bottom in node.bottoms:
            for name in (bottom, *members.get(bottom, ())):
                wanted.update(_before(number, node, producers.get(name, [])))
        needed.append(wanted - {number})
    return needed


def _before(number: int, node: Node, producers: Sequence[int]) -> Sequence[int]:
    """All producers of a blob; an in-place layer waits for those listed before it only."""
    if number in producers:
        return producers[: producers.index(number)]
    return producers
