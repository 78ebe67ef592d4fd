"""Floor 3. BatchNorm: every channel to mean 0 and deviation 1 over a batch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.normalize import (
    channel_norm_backward,
    channel_norm_forward,
    channel_norm_stored,
)
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    ParamBlob,
    Scratch,
    register,
)
from mycaffe_py.proto.mycaffe_pb2 import TRAIN


@dataclass(frozen=True)
class BatchNormFacts:
    """The bottom as (N, C, inner); `stored` says whether the stored means are used."""

    blocks: tuple[int, int, int]
    stored: bool
    fraction: float
    eps: float


@register
class BatchNorm(Layer):
    """Brings every channel to mean 0 and deviation 1; a Scale layer usually follows.

    Formula:
        y = (x - m) / s with s = sqrt(v + eps).
        From the batch (TRAIN): m and v are mean and mean squared deviation of a channel over N
        and pixels; dx = (dy - mean(dy) - y * mean(dy * y)) / s. Each forward updates
        factor = f * factor + 1, mean = f * mean + m, variance = f * variance + v * M / (M - 1),
        with f = moving_average_fraction and M = N * pixels (v itself where M is 1).
        From the stored (TEST, RUN, use_global_stats): m = mean / factor, v = variance / factor,
        0 where factor is 0; dx = dy / s.
    Shapes:
        x and y (N, C, ...), the same; x (N,) is one channel. State: mean (C,), variance (C,),
        factor (1,), all starting at 0 and never learned.
    Source:
        Ioffe, Szegedy: Batch Normalization, 2015, algorithm 1. As in Caffe; x (N,) stops Caffe
        although it means to allow it. The state is updated by every TRAIN forward, also several
        times a step under iter_size.
    Example:
        layer { name: "bn1" type: "BatchNorm" bottom: "x" top: "y" }
    """

    type = "BatchNorm"
    may_be_in_place = True
    backward_reads = ("scratch",)
    example = ((3, 4, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """Channels are axis 1; the state's shapes follow from their number."""
        options = ctx.param.batch_norm_param
        shape = ctx.shapes[0]
        if not shape:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is a single number",
                at=("bottom", 0),
                wanted="a mean needs rows",
            )
        channels = shape[1] if len(shape) > 1 else 1
        stored = ctx.phase != TRAIN
        if options.HasField("use_global_stats"):
            stored = options.use_global_stats
        facts = BatchNormFacts(
            blocks=(shape[0], channels, math.prod(shape[2:])),
            stored=stored,
            fraction=options.moving_average_fraction,
            eps=options.eps,
        )
        scratch = {name: Scratch((channels,)) for name in ("mean", "variance", "spread")}
        if not stored:
            scratch["y"] = Scratch(facts.blocks)
        sizes = (channels, channels, 1)
        return LayerPlan(
            tops=(BlobSpec(shape),),
            params=tuple(ParamBlob((size,), learned=False) for size in sizes),
            scratch=scratch,
            facts=facts,
        )

    def forward(self, io: LayerIO) -> None:
        """Normalise; x may be y. A layer behind may overwrite y, so backward has its own copy."""
        facts, room = io.facts, io.scratch
        x, y = io.bottoms[0].reshape(facts.blocks), io.tops[0].reshape(facts.blocks)
        if facts.stored:
            _read_state(io)
            channel_norm_stored(x, room["mean"], room["spread"], y)
        else:
            channel_norm_forward(
                x, facts.eps, room["mean"], room["variance"], room["spread"], room["y"], y
            )
            _update_state(io)

    def backward(self, io: LayerIO) -> None:
        """Through mean and variance where they came from the batch."""
        dx, facts = io.dbottoms[0], io.facts
        if dx is None:
            return
        spread = io.scratch["spread"]
        dy, dx = io.dtops[0].reshape(facts.blocks), dx.reshape(facts.blocks)
        if facts.stored:
            np.divide(dy, spread[:, None], out=dx)
        else:
            channel_norm_backward(io.scratch["y"], dy, spread, dx)


def _read_state(io: LayerIO) -> None:
    """Mean and spread from the state; an empty one gives mean 0 and variance 0, as in Caffe."""
    mean, variance, factor = io.params
    share = 1 / factor[0] if factor[0] else factor[0]
    np.multiply(mean, share, out=io.scratch["mean"])
    np.multiply(variance, share, out=io.scratch["variance"])
    np.add(io.scratch["variance"], io.facts.eps, out=io.scratch["spread"])
    np.sqrt(io.scratch["spread"], out=io.scratch["spread"])


def _update_state(io: LayerIO) -> None:
    """Let the stored sums fade by the fraction and add the batch's."""
    rows, _, inner = io.facts.blocks
    count = rows * inner
    mean, variance, factor = io.params
    factor *= io.facts.fraction
    factor += 1
    mean *= io.facts.fraction
    mean += io.scratch["mean"]
    variance *= io.facts.fraction
    variance += io.scratch["variance"] * (count / (count - 1) if count > 1 else 1)
