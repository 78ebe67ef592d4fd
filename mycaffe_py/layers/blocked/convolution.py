"""Convolution, with what follows it, on pictures in blocks of channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from mycaffe_py.kernels.blocked.convolve import convolve_call
from mycaffe_py.kernels.blocked.depthwise import filter_channels_call
from mycaffe_py.kernels.blocked.filters import pack_filters
from mycaffe_py.kernels.blocked.geometry import Plan, Window, plan_convolution
from mycaffe_py.kernels.blocked.storage import block_count
from mycaffe_py.kernels.sharing import Call, perform
from mycaffe_py.kernels.vectors.vector import lanes
from mycaffe_py.layers.base import Array, LayerContext, LayerIO, LayerPlan, Scratch, Shape
from mycaffe_py.layers.blocked.place import Place
from mycaffe_py.layers.fused.conv_following import ConvolutionFollowing, Following
from mycaffe_py.layers.vision.convolution import ConvolutionFacts


@dataclass(frozen=True)
class BlockedFacts:
    """Where inputs and outputs lie, and the window; `planar`: the inputs lie as Caffe has them.

    `alone`: each output has one input channel.
    """

    x: Place
    y: Place
    window: Window
    groups: int
    bias: bool
    planar: bool
    alone: bool

    def packed_shape(self, dtype: Any) -> Shape:
        """Filters as the kernels want them."""
        size = lanes(dtype)
        (rows, columns), *_ = self.window
        inputs, outputs = self.x.shape[1] // self.groups, self.y.shape[1]
        if self.alone:
            return (block_count(outputs, dtype), 1, rows * columns, 1, size)
        filters = self.groups * block_count(outputs // self.groups, dtype)
        if self.planar:
            return (filters, inputs, rows * columns, 1, size)
        return (filters, block_count(inputs, dtype), rows * columns, size, size)

    def shift_shape(self, dtype: Any) -> Shape:
        """A number for each lane of the outputs."""
        return (self.packed_shape(dtype)[0] * lanes(dtype),)


@lru_cache(maxsize=4096)
def _plan(facts: BlockedFacts, dtype: Any) -> Plan:
    return plan_convolution(
        facts.x.shape,
        facts.y.shape,
        facts.window,
        facts.groups,
        facts.planar,
        facts.alone,
        (facts.x.whole, facts.y.whole),
        dtype,
    )


class BlockedConvolution(ConvolutionFollowing):
    """Stands for Convolution, and what follows it, where blobs lie in blocks of channels.

    Filters are packed for the kernels, with the factors of what follows in them: once for each
    version of the weights that the net is told of, in every forward if it is told of none.
    """

    type = "Convolution in blocks"

    def __init__(self, following: Sequence[Following], x: Place, y: Place, *, planar: bool) -> None:
        """`x` and `y`: where its pictures lie; `planar`: the inputs lie as Caffe has them."""
        super().__init__(following)
        self.x, self.y, self.planar = x, y, planar

    def plan(self, ctx: LayerContext) -> LayerPlan[Any]:
        """As of the layer it stands for, with packed filters."""
        plain = super().plan(ctx)
        facts = self._facts(plain.facts)
        return LayerPlan(
            tops=plain.tops,
            params=plain.params,
            scratch={
                "ends": Scratch((2, facts.y.shape[1])),
                "packed": Scratch(shape_of=facts.packed_shape, use="kept"),
                "shift": Scratch(shape_of=facts.shift_shape, use="kept"),
                "version": Scratch((1,), np.int64, use="kept"),
            },
            facts=facts,
        )

    def _facts(self, plain: ConvolutionFacts) -> BlockedFacts:
        kernel, stride, pad, dilation, _ = plain.columns.plane()
        alone = plain.group > 1 and plain.columns.channels == plain.group == plain.outputs
        window = (kernel, stride, pad, dilation)
        return BlockedFacts(self.x, self.y, window, plain.group, plain.bias, self.planar, alone)

    def forward(self, io: LayerIO[Any]) -> None:
        """Convolve, with everything that follows in the same pass over the result."""
        self.prepare(io)
        perform(self._call(io))

    def calls(self, io: LayerIO[Any]) -> tuple[Call, ...]:
        """One kernel."""
        return (self._call(io),)

    def prepare(self, io: LayerIO[Any]) -> None:
        """Pack the filters, unless they are those that were packed before."""
        version = io.scratch["version"]
        if not io.run.weights_version or version[0] != io.run.weights_version:
            self._pack(io)
            version[0] = io.run.weights_version

    def _call(self, io: LayerIO[Any]) -> Call:
        y = io.tops[0]
        return self._convolve(io.facts, io, io.bottoms[1] if len(io.bottoms) > 1 else y[:0], y)

    def _convolve(self, facts: BlockedFacts, io: LayerIO[Any], added: Array, y: Array) -> Call:
        """What writes y by the packed filters; `added` may be empty."""
        x, w, shift = io.bottoms[0], io.scratch["packed"].reshape(-1), io.scratch["shift"]
        plan = _plan(facts, y.dtype)
        if facts.alone:
            return filter_channels_call(x, w, shift, plan, self.relu, y)
        return convolve_call(x.reshape(-1), w, shift, plan, added, self.relu, y)

    def _pack(self, io: LayerIO[Any]) -> None:
        facts: BlockedFacts = io.facts
        factor, shift = self.ends(io)
        w = io.params[0]
        outputs, channels = w.shape[:2]
        groups = 1 if facts.alone else facts.groups
        self._pack_filters(w.reshape(outputs, channels, -1), factor, groups, io.scratch["packed"])
        io.scratch["shift"][:] = 0
        io.scratch["shift"][:outputs] = shift

    def _pack_filters(self, w: Array, factor: Array, groups: int, packed_out: Array) -> None:
        """Write w (K, C / groups, taps) as the kernel reads it."""
        pack_filters(w, factor, groups, packed_out.shape[3], packed_out)
