"""Where each blob and each gradient lives: arrays of their own, views, or rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from mycaffe_py.graph.model import Graph, Node, Rows
from mycaffe_py.kernels.blocked.storage import first_element, plain_copy, stored_elements
from mycaffe_py.kernels.conv_pool.blocks import block_count, unpack
from mycaffe_py.kernels.vectors.vector import lanes
from mycaffe_py.layers.base import Array, Shape

Allocate = Callable[[str, Shape], Array]
Arrays = Mapping[str, Array]


def place_values(
    graph: Graph, dtype: np.dtype[np.floating], allocate: Allocate, before: Arrays
) -> dict[str, Array]:
    """Arrays of all blobs, by name; a view that was there `before` stays the same object."""

    def stored(name: str, shape: Shape) -> Array:
        if name in graph.channels:
            return allocate(name, (stored_elements(shape, dtype),))
        return allocate(name, blocked_shape(shape, dtype) if name in graph.blocked else shape)

    return _place(graph, set(graph.blobs), stored, before, gradients=False)


def place_gradients(graph: Graph, allocate: Allocate, before: Arrays) -> dict[str, Array]:
    """Arrays of all gradients that some layer reads or writes, by blob; always plain."""
    return _place(graph, _with_gradient(graph), allocate, before, gradients=True)


def _place(
    graph: Graph, wanted: set[str], allocate: Allocate, before: Arrays, *, gradients: bool
) -> dict[str, Array]:
    """Place the `wanted` blobs in layer order: a view's bottom needs its array before the view."""
    arrays: dict[str, Array] = {}

    def stacked(name: str) -> Array:
        if name not in arrays:
            arrays[name] = allocate(name, graph.blobs[name].shape)
        return arrays[name]

    def in_blocks(name: str) -> Array:
        place = graph.channels[name]
        whole = stacked(place.of or name)
        first = first_element(place.first, place.shape, whole.dtype)
        return whole[first:] if place.of else whole

    def view(name: str, bottom: str, shape: Shape) -> Array:
        old = before.get(name)
        if arrays[bottom].size != math.prod(shape):
            # Its layer has not learned of the bottom's new shape: it is not run (graph/replan.py).
            return old if old is not None and old.shape == shape else allocate(name, shape)
        same = arrays[bottom] is before.get(bottom) and old is not None and old.shape == shape
        return old if same and old is not None else arrays[bottom].reshape(shape)

    for node in graph.nodes:
        for index, (name, spec) in enumerate(zip(node.tops, node.plan.tops, strict=True)):
            if name not in wanted or (node.in_place[index] and name in arrays):
                continue
            shown = _shown_bottom(node, index, gradients)
            if name in graph.channels:
                arrays[name] = arrays[shown] if shown in arrays else in_blocks(name)
            elif name in graph.rows:
                arrays[name] = cut(stacked(graph.rows[name].blob), graph.rows[name])
            elif shown in arrays:
                arrays[name] = view(name, shown, spec.shape)
            else:
                arrays[name] = allocate(name, spec.shape)
            blocked = name in graph.blocked and not gradients
            for part, rows in graph.rows.items():
                if rows.blob == name and part in wanted and not blocked:
                    arrays[part] = cut(arrays[name], rows)
    return arrays


def _with_gradient(graph: Graph) -> set[str]:
    """Blobs whose gradient is read or written; a stacked one with all of its rows."""
    wanted: set[str] = set()
    for node in graph.nodes:
        if node.backward:
            wanted.update(node.tops)
            wanted.update(b for b, flag in zip(node.bottoms, node.propagate, strict=True) if flag)
    for name, rows in graph.rows.items():
        if name in wanted or rows.blob in wanted:
            wanted.update((name, rows.blob))
    wanted.update(n for n, rows in graph.rows.items() if rows.blob in wanted)
    return wanted


def _shown_bottom(node: Node, top: int, gradients: bool) -> str:
    """The bottom whose memory this top shows, or ""."""
    if top not in node.plan.views or (gradients and not node.plan.views_gradient):
        return ""
    return node.bottoms[node.plan.views[top]]


def as_caffe_has_it(graph: Graph, name: str, array: Array) -> Array:
    """The values of a blob as (N, C, H, W): its array, or a copy of one that lies otherwise."""
    if name in graph.channels:
        place = graph.channels[name]
        plain = np.empty(place.shape, array.dtype)
        plain_copy(array, place.shape, place.whole, plain)
        return plain
    if name in graph.blocked:
        plain = np.empty(graph.blobs[name].shape, array.dtype)
        unpack(array, plain)
        return plain
    return array


def blocked_shape(shape: Shape, dtype: np.dtype[np.floating]) -> Shape:
    """The shape of a blob (N, ...) in blocked storage."""
    return (block_count(shape[0], dtype), *shape[1:], lanes(dtype))


def cut(array: Array, rows: Rows) -> Array:
    """The `rows` of a stacked blob, as a view."""
    return array[rows.start : rows.start + rows.count]
