"""Runs one layer from a prototxt snippet, with poisoned buffers, without a net around it.

run = LayerRun('layer { name: "x" type: "ReLU" bottom: "x" top: "y" }', [x])
(y,) = run.forward()
(dx,) = run.backward([dy])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import Array, BlobSpec, LayerContext, LayerIO, RunState
from mycaffe_py.layers.fillers import fill
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.random_streams import stream


def context_of(
    text: str,
    specs: Sequence[BlobSpec],
    *,
    phase: int = pb.TRAIN,
    seed: int = 1,
    stored: tuple[tuple[int, ...], ...] | None = None,
    file: str = "test.prototxt",
) -> LayerContext:
    """What `plan` gets for the last layer of `text` on bottoms of these kinds."""
    parsed = read_text(text, pb.NetParameter, file)
    last = len(parsed.message.layer) - 1
    param = parsed.message.layer[last]
    return LayerContext(
        param=param,
        phase=phase,
        bottoms=tuple(specs),
        where=parsed.locations.under("layer", last),
        stored=stored,
        seed=seed,
        top_count=max(len(param.top), layer_types.get(param.type).top_count.least),
    )


def poison(array: Array) -> None:
    """Fill `array` with what must never be read: NaN, or -1 (255, True) where there is no NaN."""
    array[...] = np.nan if array.dtype.kind == "f" else np.array(-1).astype(array.dtype)


class LayerRun:
    """One layer with its arrays, all of `dtype`.

    `params` replaces the values of the fillers (None at a place keeps the filler's). With
    `in_place` the first top is the first bottom's array, as the engine does it. `loss_weight`
    is the gradient of a loss layer's first top.
    """

    def __init__(
        self,
        text: str,
        bottoms: Sequence[Array],
        *,
        dtype: Any = np.float64,
        phase: int = pb.TRAIN,
        seed: int = 1,
        batch_number: int = 0,
        params: Sequence[Array | None] = (),
        label_counts: Sequence[int] = (),
        stored: tuple[tuple[int, ...], ...] | None = None,
        in_place: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        """Plan and allocate."""
        self.dtype = np.dtype(dtype)
        self.inputs = [np.array(bottom, dtype=self.dtype) for bottom in bottoms]
        counts = [*label_counts, *[0] * (len(self.inputs) - len(label_counts))]
        specs = [BlobSpec(x.shape, n) for x, n in zip(self.inputs, counts, strict=True)]
        self.context = context_of(text, specs, phase=phase, seed=seed, stored=stored)
        self.layer = layer_types.get(self.context.param.type)
        self.plan = self.layer.plan(self.context)
        self.in_place = in_place
        self.loss_weight = loss_weight
        self.values = self._first_values(params)
        run = RunState(seed=seed, batch_number=batch_number)
        self.io = LayerIO(self.context, self.plan.facts, run)
        self._allocate()

    def _first_values(self, given: Sequence[Array | None]) -> list[Array]:
        values = []
        for index, blob in enumerate(self.plan.params):
            value = np.zeros(blob.shape, self.dtype)
            chosen = given[index] if index < len(given) else None
            if chosen is None:
                fill(blob.filler, value, stream(self.context.seed, f"param {index}"), None)
            else:
                value[...] = chosen
            values.append(value)
        return values

    def _allocate(self) -> None:
        io = self.io
        io.bottoms = [x.copy() for x in self.inputs]
        io.tops = [np.empty(spec.shape, self.dtype) for spec in self.plan.tops]
        io.dbottoms = [
            np.empty_like(x) if self.layer.gives_gradient(index, len(io.bottoms)) else None
            for index, x in enumerate(io.bottoms)
        ]
        io.dtops = [np.zeros(spec.shape, self.dtype) for spec in self.plan.tops]
        for top, bottom in self.plan.views.items():
            io.tops[top] = io.bottoms[bottom].reshape(self.plan.tops[top].shape)
            dbottom = io.dbottoms[bottom]
            if self.plan.views_gradient and dbottom is not None:
                io.dtops[top] = dbottom.reshape(self.plan.tops[top].shape)
        if self.in_place:
            io.tops[0] = io.bottoms[0]
            dbottom = io.dbottoms[0]
            io.dtops[0] = io.dtops[0] if dbottom is None else dbottom
        io.params = [value.copy() for value in self.values]
        io.dparams = [
            np.zeros_like(value) if blob.learned else None
            for value, blob in zip(io.params, self.plan.params, strict=True)
        ]
        io.scratch = {
            name: np.empty(room.shape_for(self.dtype), room.dtype or self.dtype)
            for name, room in self.plan.scratch.items()
        }

    def forward(self) -> list[Array]:
        """Start from the given bottoms and parameters; return copies of the tops."""
        io = self.io
        for top in io.tops:
            poison(top)
        for room in io.scratch.values():
            poison(room)
        for array, value in zip(io.bottoms, self.inputs, strict=True):
            array[...] = value
        for array, value in zip(io.params, self.values, strict=True):
            array[...] = value
        self.layer.forward(io)
        return [top.copy() for top in io.tops]

    def backward(self, dtops: Sequence[Array] | None = None) -> list[Array | None]:
        """Return copies of the bottom gradients; parameter gradients are added to `dparams`.

        Everything the layer does not declare in `backward_reads` is poisoned first. Without
        `dtops` a loss layer gets its loss weight; other layers need them given.
        """
        io = self.io
        given = self.loss_gradients() if dtops is None else dtops
        for dbottom in io.dbottoms:
            if dbottom is not None:
                poison(dbottom)
        for array, value in zip(io.dtops, given, strict=True):
            array[...] = value
        self._poison_undeclared()
        self.layer.backward(io)
        return [None if dx is None else dx.copy() for dx in io.dbottoms]

    def loss_gradients(self) -> list[Array]:
        """Gradients of a loss layer's tops: the loss weight, and 0 for further tops."""
        assert self.layer.is_loss, "only a loss layer knows the gradient of its tops"
        rest = [np.zeros(spec.shape) for spec in self.plan.tops[1:]]
        return [np.full(self.plan.tops[0].shape, self.loss_weight), *rest]

    def _poison_undeclared(self) -> None:
        io = self.io
        groups = {
            "bottoms": io.bottoms,
            "tops": io.tops,
            "params": io.params,
            "scratch": list(io.scratch.values()),
        }
        read = [array for name in self.layer.backward_reads for array in groups[name]]
        for name, arrays in groups.items():
            if name in self.layer.backward_reads:
                continue
            for array in arrays:
                if not any(np.shares_memory(array, kept) for kept in read):
                    poison(array)
