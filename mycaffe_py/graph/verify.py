"""What must hold of a graph between passes, so that a broken pass is named at once."""

from __future__ import annotations

from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.passes.memory import gradient_key
from mycaffe_py.graph.unsettled import unsettled


def verify(graph: Graph, after: str) -> Graph:
    """Return `graph` unchanged, or raise RuntimeError naming the pass `after` which broke it."""
    made: set[str] = set()
    for node in graph.nodes:
        for bottom in node.bottoms:
            rows = [name for name, place in graph.rows.items() if place.blob == bottom]
            if bottom not in made and not (rows and made.issuperset(rows)):
                raise RuntimeError(f"after {after}: '{node.name}' reads '{bottom}' too early")
        for top in node.tops:
            if top not in graph.blobs:
                raise RuntimeError(f"after {after}: '{node.name}' makes unknown blob '{top}'")
            made.add(top)
            made.update(name for name, place in graph.rows.items() if place.blob == top)
        if len(node.tops) != len(node.plan.tops) or len(node.tops) != len(node.loss_weights):
            raise RuntimeError(f"after {after}: '{node.name}' has a wrong number of tops")
        for key in node.params:
            if key not in graph.params:
                raise RuntimeError(f"after {after}: '{node.name}' uses unknown parameter '{key}'")
        if node.backward and len(node.propagate) != len(node.bottoms):
            raise RuntimeError(f"after {after}: '{node.name}' has a wrong number of flags")
    stacked = {place.blob for place in graph.rows.values()}
    for blob in unsettled(graph):
        fixed = blob in stacked or blob in graph.rows or blob in graph.blocked
        fixed = fixed or blob in graph.channels
        if fixed or gradient_key(blob) in graph.lifetimes:
            raise RuntimeError(f"after {after}: '{blob}' has a fixed size, but its shape varies")
    return graph
