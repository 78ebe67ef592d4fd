"""Gradients and scratch arrays that are never needed at the same time may share memory.

Time runs over the layers forwards, then backwards: node i of n runs forward at i and backward at
2 n - 1 - i. Values of blobs stay where they are, so that every blob can be looked at; but those in
blocks of channels that layers in blocks alone read are made again when somebody asks for one
(engine/again.py).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from mycaffe_py.graph.model import Graph, Lifetime, Node
from mycaffe_py.graph.unsettled import unsettled


def share_memory(graph: Graph) -> Graph:
    """Note the lifetimes of all arrays that may share memory; others keep memory of their own."""
    values = _values(graph)
    lifetimes = {**_gradients(graph), **_scratch(graph), **values}
    notes = [f"memory: {len(lifetimes)} gradients and scratch rooms share memory in turns"]
    if values:
        notes[0] += f", and {len(values)} blobs in blocks"
    layers = sorted(set(unsettled(graph).values()))
    if layers:
        notes.append(
            f"memory: {', '.join(layers)} and all behind keep memory of their own: the shapes of "
            "their tops are known only after a forward"
        )
    return replace(graph, lifetimes=lifetimes, notes=(*graph.notes, *notes))


def scratch_key(number: int, name: str) -> str:
    """What the scratch array `name` of node `number` is called among the lifetimes."""
    return f"scratch {number} {name}"


def gradient_key(blob: str) -> str:
    """What the gradient of a blob is called among the lifetimes."""
    return f"gradient {blob}"


def value_key(blob: str) -> str:
    """What the values of a blob are called among the lifetimes."""
    return f"values {blob}"


def block_homes(graph: Graph) -> dict[str, str]:
    """For each blob in blocks the one in whose array it lies: itself, a Concat's top."""
    homes: dict[str, str] = {}
    for node in graph.nodes:
        for index, top in enumerate(node.tops):
            if top in graph.channels and top not in homes:
                shown = homes[node.bottoms[0]] if index in node.plan.views else top
                homes[top] = graph.channels[top].of or shown
    return homes


def _values(graph: Graph) -> dict[str, tuple[Lifetime, ...]]:
    """From the first layer that writes to the last that reads, where none but blocks are read."""
    homes = block_homes(graph)
    times: dict[str, list[int]] = defaultdict(list)
    own: set[str] = set()
    for number, node in enumerate(graph.nodes):
        for name in (*node.bottoms, *node.tops):
            if name in homes:
                times[homes[name]].append(number)
        if not any(top in homes for top in node.tops):
            own.update(homes[name] for name in node.bottoms if name in homes)
    return {
        value_key(name): ((min(moments), max(moments)),)
        for name, moments in times.items()
        if name not in own
    }


def _scratch(graph: Graph) -> dict[str, tuple[Lifetime, ...]]:
    found: dict[str, tuple[Lifetime, ...]] = {}
    loose = unsettled(graph)
    for number, node in enumerate(graph.nodes):
        if loose.keys() & {*node.bottoms, *node.tops}:
            continue
        backward = 2 * len(graph.nodes) - 1 - number
        for name, scratch in node.plan.scratch.items():
            if scratch.lasts:
                continue
            if scratch.use == "backward":
                times: tuple[Lifetime, ...] = ((backward, backward),)
            elif not node.backward:
                times = ((number, number),)
            elif "scratch" in node.layer.backward_reads:
                times = ((number, backward),)
            else:
                times = ((number, number), (backward, backward))
            found[scratch_key(number, name)] = times
    return found


def _gradients(graph: Graph) -> dict[str, tuple[Lifetime, ...]]:
    """Their lifetimes: from the first reader that writes one to the layer that takes it."""
    homes = _homes(graph)
    times: dict[str, list[int]] = defaultdict(list)
    own = {*graph.inputs, *_around_varying(graph)}
    written = set()
    for number, node in enumerate(graph.nodes):
        if not node.backward:
            continue
        moment = 2 * len(graph.nodes) - 1 - number
        for name, weight in zip(node.tops, node.loss_weights, strict=True):
            times[homes.get(name, name)].append(moment)
            if weight:
                own.add(homes.get(name, name))
        for name, flag in zip(node.bottoms, node.propagate, strict=True):
            if flag:
                times[homes.get(name, name)].append(moment)
                written.update(_parts(graph, name))
    found: dict[str, tuple[Lifetime, ...]] = {}
    for name, moments in times.items():
        # What nobody writes is read as zero, so it must stay as it was allocated.
        if name not in own and written.issuperset(_parts(graph, name)):
            found[gradient_key(name)] = ((min(moments), max(moments)),)
    return found


def _around_varying(graph: Graph) -> set[str]:
    """Blobs without a size of their own, and the bottoms of the layers that leave it open.

    Such a layer may be a user's code, which may write a gradient at any time or not at all.
    """
    homes = _homes(graph)
    names = set(unsettled(graph))
    for node in graph.nodes:
        if node.plan.varying:
            names.update(homes.get(bottom, bottom) for bottom in node.bottoms)
    return names


def _parts(graph: Graph, blob: str) -> set[str]:
    """The rows a stacked blob is made of, or the blob itself."""
    return {name for name, rows in graph.rows.items() if rows.blob == blob} or {blob}


def _homes(graph: Graph) -> dict[str, str]:
    """The blob in whose gradient another one's lies: of its bottom for a view, of the whole."""
    homes = {name: rows.blob for name, rows in graph.rows.items()}
    for node in graph.nodes:
        for top, bottom in _views(node):
            homes[node.tops[top]] = homes.get(node.bottoms[bottom], node.bottoms[bottom])
    return homes


def _views(node: Node) -> list[tuple[int, int]]:
    return list(node.plan.views.items()) if node.plan.views_gradient else []
