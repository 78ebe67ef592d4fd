"""The arrays of a graph for the shapes it has at the moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mycaffe_py.engine.arena import Arena
from mycaffe_py.engine.blobs import place_gradients, place_values
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.graph.passes.memory import gradient_key, scratch_key, value_key
from mycaffe_py.layers.base import Array, LayerIO, Shape


@dataclass(frozen=True)
class Binding:
    """A graph with its blobs, gradients and scratch arrays (`scratch[i]` are those of node i)."""

    graph: Graph
    blobs: dict[str, Array] = field(default_factory=dict)
    diffs: dict[str, Array] = field(default_factory=dict)
    scratch: Sequence[dict[str, Array]] = ()


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
        [scratch_arrays(node, number, arena, dtype) for number, node in enumerate(graph.nodes)],
    )


def scratch_arrays(node: Node, number: int, arena: Arena, dtype: Any) -> dict[str, Array]:
    """The scratch arrays of node `number`, by name."""
    return {
        name: arena.array(scratch_key(number, name), wanted.shape_for(dtype), wanted.dtype or dtype)
        for name, wanted in node.plan.scratch.items()
    }


def connect(
    now: Binding,
    before: Binding,
    number: int,
    io: LayerIO,
    values: Mapping[ParamKey, Array],
    gradients: Mapping[ParamKey, Array],
) -> None:
    """Hand the layer of node `number` its arrays.

    A loss weight is written where a top's gradient is new, so that what somebody put in its place
    stays. Scratch that lasts is set to 0 where its shape is another than `before`.
    """
    node = now.graph.nodes[number]
    io.context = node.context
    io.facts = node.plan.facts
    io.bottoms = [now.blobs[name] for name in node.bottoms]
    io.tops = [now.blobs[name] for name in node.tops]
    io.params = [values[key] for key in node.params]
    io.scratch = now.scratch[number]
    for name, scratch in node.plan.scratch.items():
        old = before.scratch[number].get(name) if before.scratch else None
        if scratch.lasts and old is not None and old.shape != io.scratch[name].shape:
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
