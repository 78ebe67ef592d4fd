"""Floor 5. One block of memory for arrays that need it at different times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mycaffe_py.engine.arrays import ALIGN_BYTES, aligned_zeros
from mycaffe_py.graph.memory import gradient_key, scratch_key
from mycaffe_py.graph.model import Graph, Lifetime
from mycaffe_py.layers.base import Array, Shape


@dataclass(frozen=True)
class Room:
    """Something that wants `size` bytes at the `times`."""

    name: str
    size: int
    times: Sequence[Lifetime]

    def meets(self, other: Room) -> bool:
        """Whether both want their memory at the same moment."""
        return any(a <= d and c <= b for a, b in self.times for c, d in other.times)


def pack(rooms: Sequence[Room]) -> tuple[dict[str, int], int]:
    """Where each room begins, and the bytes needed in all.

    The largest first, each at the lowest place free of those it meets.
    """
    placed: list[tuple[int, Room]] = []
    for room in sorted(rooms, key=lambda room: (-room.size, room.name)):
        start = 0
        taken = sorted((begin, other.size) for begin, other in placed if other.meets(room))
        for begin, size in taken:
            if begin - start >= room.size:
                break
            start = max(start, -(-(begin + size) // ALIGN_BYTES) * ALIGN_BYTES)
        placed.append((start, room))
    starts = {room.name: start for start, room in placed}
    return starts, max((start + room.size for start, room in placed), default=0)


class Arena:
    """Hands out arrays by name: those with a lifetime share one block, the others get their own.

    Asked again for a name, it gives the same array; for another shape another view of the same
    memory, or new memory where that is too small: `grown` counts how often that was. `bytes_apart`
    is what the sharing ones would need each on its own.
    """

    def __init__(self, rooms: Sequence[Room]) -> None:
        """Lay out `rooms` in one block."""
        self._starts, size = pack(rooms)
        self._block = aligned_zeros((size,), np.uint8)
        self._own: dict[str, Array] = {}
        self._newest: dict[str, Array] = {}
        self.bytes_shared = size
        self.bytes_apart = sum(room.size for room in rooms)
        self.grown = 0

    def array(self, name: str, shape: Shape, dtype: Any) -> Array:
        """Zeros at first; what shares its memory has to be written before it is read."""
        known = self._newest.get(name)
        if known is not None and known.shape == shape and known.dtype == dtype:
            return known
        size = array_bytes(shape, dtype)
        if name in self._starts:
            start = self._starts[name]
            block = self._block[start : start + size]
        else:
            block = self._apart(name, size)[:size]
        array: Array = block.view(dtype).reshape(shape)
        self._newest[name] = array
        return array

    def _apart(self, name: str, size: int) -> Array:
        known = self._own.get(name)
        if known is None or known.size < size:
            self.grown += known is not None
            self._own[name] = known = aligned_zeros((size,), np.uint8)
        return known


def array_bytes(shape: Shape, dtype: Any) -> int:
    """Bytes of an array."""
    return math.prod(shape) * int(np.dtype(dtype).itemsize)


def arena_of(graph: Graph, dtype: Any) -> Arena:
    """The arena of all gradients and scratch rooms of a net of `dtype`."""
    sizes = {
        gradient_key(name): array_bytes(spec.shape, dtype) for name, spec in graph.blobs.items()
    }
    for number, node in enumerate(graph.nodes):
        for name, room in node.plan.scratch.items():
            sizes[scratch_key(number, name)] = array_bytes(
                room.shape_for(dtype), room.dtype or dtype
            )
    return Arena([Room(name, sizes[name], times) for name, times in graph.lifetimes.items()])
