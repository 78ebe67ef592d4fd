"""Floor 5. The arrays of a graph for the shapes it has at the moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mycaffe_py.engine.arena import Arena
from mycaffe_py.engine.blobs import place_gradients, place_values
from mycaffe_py.graph.memory import gradient_key, scratch_key
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.base import Array, LayerIO, Shape

Rooms = dict[str, Array]


@dataclass(frozen=True)
class Binding:
    """A graph with its blobs, gradients and scratch rooms (`scratch[i]` are those of node i)."""

    graph: Graph
    blobs: dict[str, Array] = field(default_factory=dict)
    diffs: dict[str, Array] = field(default_factory=dict)
    scratch: Sequence[Rooms] = ()


def bind(graph: Graph, arena: Arena, dtype: np.dtype[np.floating], before: Binding) -> Binding:
    """Arrays for `graph`; one that was there `before` is the same object if its shape is."""

    def value(name: str, shape: Shape) -> Array:
        return arena.array(value_key(name), shape, dtype)

    def gradient(name: str, shape: Shape) -> Array:
        return arena.array(gradient_key(name), shape, dtype)

    return Binding(
        graph,
        place_values(graph, dtype, value, before.blobs),
        place_gradients(graph, gradient, before.diffs),
        [scratch_rooms(node, number, arena, dtype) for number, node in enumerate(graph.nodes)],
    )


def value_key(blob: str) -> str:
    """Name of a blob's values in the arena."""
    return f"values {blob}"


def scratch_rooms(node: Node, number: int, arena: Arena, dtype: Any) -> Rooms:
    """The scratch rooms of node `number`."""
    return {
        name: arena.array(scratch_key(number, name), room.shape_for(dtype), room.dtype or dtype)
        for name, room in node.plan.scratch.items()
    }


def connect(
    now: Binding,
    before: Binding,
    number: int,
    io: LayerIO,
    values: Mapping[str, Array],
    gradients: Mapping[str, Array],
) -> None:
    """Hand the layer of node `number` its arrays.

    A loss weight is written where a top's gradient is new, so that what somebody put in its place
    stays; state that is kept begins anew where its shape is another than `before`.
    """
    node = now.graph.nodes[number]
    io.context = node.context
    io.facts = node.plan.facts
    io.bottoms = [now.blobs[name] for name in node.bottoms]
    io.tops = [now.blobs[name] for name in node.tops]
    io.params = [values[key] for key in node.params]
    io.scratch = now.scratch[number]
    for name, room in node.plan.scratch.items():
        old = before.scratch[number].get(name) if before.scratch else None
        if room.lasts and old is not None and old.shape != io.scratch[name].shape:
            io.scratch[name].fill(0)
    if not node.backward:
        return
    io.dtops = [now.diffs[name] for name in node.tops]
    io.dbottoms = [
        now.diffs[name] if flag else None
        for name, flag in zip(node.bottoms, node.propagate, strict=True)
    ]
    io.dparams = [
        gradients[key] if flag else None
        for key, flag in zip(node.params, node.param_gradients, strict=True)
    ]
    for name, diff, weight in zip(node.tops, io.dtops, node.loss_weights, strict=True):
        if weight and diff is not before.diffs.get(name):
            diff[...] = weight
