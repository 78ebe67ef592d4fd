"""One block of memory for arrays that need it at different times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mycaffe_py.engine.arrays import ALIGN_BYTES, aligned_zeros
from mycaffe_py.graph.model import Graph, Lifetime
from mycaffe_py.graph.passes.memory import gradient_key, scratch_key, value_key
from mycaffe_py.kernels.blocked.storage import stored_elements
from mycaffe_py.layers.base import Array, Shape


@dataclass(frozen=True)
class Slot:
    """A place in the block: `size` bytes that are needed at the `times`."""

    name: str
    size: int
    times: Sequence[Lifetime]

    def meets(self, other: Slot) -> bool:
        """Whether both need their memory at the same moment."""
        return any(a <= d and c <= b for a, b in self.times for c, d in other.times)


def pack(slots: Sequence[Slot]) -> tuple[dict[str, int], int]:
    """Where each slot begins, and how many bytes all need together.

    The largest slot is placed first, each at the lowest place that no slot it meets has taken.
    """
    placed: list[tuple[int, Slot]] = []
    for slot in sorted(slots, key=lambda slot: (-slot.size, slot.name)):
        start = 0
        taken = sorted((begin, other.size) for begin, other in placed if other.meets(slot))
        for begin, size in taken:
            if begin - start >= slot.size:
                break
            start = max(start, -(-(begin + size) // ALIGN_BYTES) * ALIGN_BYTES)
        placed.append((start, slot))
    starts = {slot.name: start for start, slot in placed}
    return starts, max((start + slot.size for start, slot in placed), default=0)


class Arena:
    """Hands out arrays by name: those with a lifetime share one block, the others get their own.

    Asked again for a name, it gives the same array; for another shape another view of the same
    memory, or new memory where that is too small: `grown` counts how often that was. `bytes_apart`
    is what the sharing ones would need each on its own.
    """

    def __init__(self, slots: Sequence[Slot]) -> None:
        """Lay out `slots` in one block."""
        self._starts, size = pack(slots)
        self._block = aligned_zeros((size,), np.uint8)
        self._own: dict[str, Array] = {}
        self._newest: dict[str, Array] = {}
        self.bytes_shared = size
        self.bytes_apart = sum(slot.size for slot in slots)
        self.grown = 0

    def array(self, name: str, shape: Shape, dtype: Any) -> Array:
        """The array of this name, zeros at first.

        An array that shares its memory has to be written before it is read.
        """
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
    """How many bytes an array takes."""
    return math.prod(shape) * int(np.dtype(dtype).itemsize)


def arena_of(graph: Graph, dtype: Any) -> Arena:
    """The arena of all gradients, scratch arrays and values of blobs of a net of `dtype`."""
    sizes = {
        gradient_key(name): array_bytes(spec.shape, dtype) for name, spec in graph.blobs.items()
    }
    for number, node in enumerate(graph.nodes):
        for name, scratch in node.plan.scratch.items():
            sizes[scratch_key(number, name)] = array_bytes(
                scratch.shape_for(dtype), scratch.dtype or dtype
            )
    for name, place in graph.channels.items():
        sizes[value_key(name)] = stored_elements(place.shape, dtype) * np.dtype(dtype).itemsize
    return Arena([Slot(name, sizes[name], times) for name, times in graph.lifetimes.items()])
