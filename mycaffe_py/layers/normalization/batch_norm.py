"""BatchNorm: every channel to mean 0 and deviation 1 over a batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.broadcast import add_products, add_sums, scale_and_shift
from mycaffe_py.kernels.normalize import (
    NormEnd,
    channel_norm_backward,
    channel_norm_forward,
    channel_norm_stored,
    no_end,
)
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    ParamBlob,
    Scratch,
    register,
)
from mycaffe_py.layers.fillers import filled
from mycaffe_py.proto.mycaffe_pb2 import TRAIN, FillerParameter


@dataclass(frozen=True)
class BatchNormFacts:
    """The bottom as (N, C, inner); `stored` says whether the stored means are used.

    `affine`: whether each channel is then scaled and shifted by what is learned.
    """

    blocks: tuple[int, int, int]
    stored: bool
    fraction: float
    eps: float
    affine: bool


@register
class BatchNorm(Layer[BatchNormFacts]):
    """Brings every channel to mean 0 and deviation 1; a Scale layer usually follows.

    Formula:
        y = (x - m) / s with s = sqrt(v + eps).
        From the batch (TRAIN): m and v are mean and mean squared deviation of a channel over N
        and pixels; dx = (dy - mean(dy) - y * mean(dy * y)) / s. Each forward updates
        factor = f * factor + 1, mean = f * mean + m, variance = f * variance + v * M / (M - 1),
        with f = moving_average_fraction and M = N * pixels (v itself where M is 1).
        From the stored (TEST, RUN, use_global_stats): m = mean / factor, v = variance / factor,
        0 where factor is 0; dx = dy / s.
        With scale_bias, z = g * y + b is the result: dg = sum dz * y, db = sum dz, dy = g * dz.
    Shapes:
        x and y (N, C, ...), the same; x (N,) is one channel. State: mean (C,), variance (C,),
        factor (1,), all starting at 0 and never learned. With scale_bias, learned: g (C,), b (C,).
    Source:
        Ioffe, Szegedy: Batch Normalization, 2015, algorithm 1. As in Caffe; x (N,) stops Caffe
        although it means to allow it. scale_bias is NVCaffe's. The state is updated by every TRAIN
        forward, also several times a step under iter_size. In shards of a batch m, v and M are
        those of a shard, and the state is updated once, by the means over the shards of m and of
        v * M / (M - 1).
    Example:
        layer { name: "bn1" type: "BatchNorm" bottom: "x" top: "y" }
    """

    type = "BatchNorm"
    may_be_in_place = True
    rectifies = False
    backward_reads = ("scratch", "params")
    example = ((3, 4, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan[BatchNormFacts]:
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
            affine=options.scale_bias,
        )
        scratch = {name: Scratch((channels,)) for name in ("mean", "variance", "spread")}
        if not stored or facts.affine:
            scratch["y"] = Scratch(facts.blocks)
        return LayerPlan(
            tops=(BlobSpec(shape),),
            params=_params(ctx, channels),
            scratch=scratch,
            facts=facts,
        )

    def forward(self, io: LayerIO[BatchNormFacts]) -> None:
        """Normalise; x may be y. A layer behind may overwrite y, so backward has its own copy."""
        facts, own = io.facts, io.scratch
        x, y = io.bottoms[0].reshape(facts.blocks), io.tops[0].reshape(facts.blocks)
        if facts.stored:
            _read_state(io)
            channel_norm_stored(x, own["mean"], own["spread"], y)
            if facts.affine:
                np.copyto(own["y"], y)
                scale_and_shift(y, io.params[3], io.params[4], y)
            return
        seen = (own["mean"], own["variance"], own["spread"])
        channel_norm_forward(x, facts.eps, self._end(io), *seen, own["y"], y)
        if not io.run.learns_later:
            self.learn(io, [self.observed(io)])

    def _end(self, io: LayerIO[BatchNormFacts]) -> NormEnd:
        """What is done to the normalised values in the same pass."""
        if not io.facts.affine:
            return no_end(io.params[0])
        return NormEnd(io.params[3].reshape(-1), io.params[4].reshape(-1), self.rectifies)

    def observed(self, io: LayerIO[BatchNormFacts]) -> tuple[Array, ...]:
        """Mean and variance of the batch, where these are used."""
        own = io.scratch
        return () if io.facts.stored else (own["mean"], own["variance"])

    def learn(self, io: LayerIO[BatchNormFacts], observed: Sequence[tuple[Array, ...]]) -> None:
        """Let the stored sums fade by the fraction and add the batch's, or the mean over shards."""
        rows, _, inner = io.facts.blocks
        count = rows * inner
        found = observed[0]
        if len(observed) > 1:
            parts = zip(*observed, strict=True)
            found = tuple(np.stack(part).mean(axis=0, dtype=np.float64) for part in parts)
        mean, variance, factor = io.params[:3]
        factor *= io.facts.fraction
        factor += 1
        mean *= io.facts.fraction
        mean += found[0]
        variance *= io.facts.fraction
        variance += found[1] * (count / (count - 1) if count > 1 else 1)

    def backward(self, io: LayerIO[BatchNormFacts]) -> None:
        """The gradient runs through mean and variance, too, where they came from the batch."""
        dx, facts = io.dbottoms[0], io.facts
        dy = io.dtops[0].reshape(facts.blocks)
        if facts.stored or dx is None:
            self._backward_stored(io, dy, dx)
            return
        kept, end = io.scratch["y"], self._end(io)
        sums = [end.scale[:0] if d is None else d.reshape(-1) for d in io.dparams[3:]]
        dscale, dshift = sums or (end.scale[:0], end.scale[:0])
        dx = dx.reshape(facts.blocks)
        channel_norm_backward(kept, dy, io.scratch["spread"], end, dscale, dshift, dx)

    def _backward_stored(self, io: LayerIO[BatchNormFacts], dy: Array, dx: Array | None) -> None:
        """Where mean and variance are numbers that no batch changes, or nobody asks for dx."""
        facts = io.facts
        if facts.affine:
            _learn(io, dy)
        if dx is None:
            return
        dx = dx.reshape(facts.blocks)
        if facts.affine:
            scale_and_shift(dy, io.params[3], io.params[3][:0], dx)
            dy = dx
        np.divide(dy, io.scratch["spread"][:, None], out=dx)


def _params(ctx: LayerContext, channels: int) -> tuple[ParamBlob, ...]:
    """The state, and with scale_bias what is learned."""
    options, at = ctx.param.batch_norm_param, "batch_norm_param"
    state = tuple(ParamBlob((size,), learned=False) for size in (channels, channels, 1))
    if not options.scale_bias:
        return state
    one = FillerParameter(type="constant", value=1)
    filler = options.scale_filler if options.HasField("scale_filler") else one
    return (
        *state,
        filled((channels,), filler, ctx.where.at(at, "scale_filler")),
        filled((channels,), options.bias_filler, ctx.where.at(at, "bias_filler")),
    )


def _learn(io: LayerIO[BatchNormFacts], dy: Array) -> None:
    """Add the gradients of factor and shift."""
    _, _, _, dscale, dshift = io.dparams
    if dscale is not None:
        add_products(io.scratch["y"], dy, dscale)
    if dshift is not None:
        add_sums(dy, dshift)


def _read_state(io: LayerIO[BatchNormFacts]) -> None:
    """Mean and spread from the state; an empty one gives mean 0 and variance 0, as in Caffe."""
    mean, variance, factor = io.params[:3]
    share = 1 / factor[0] if factor[0] else factor[0]
    np.multiply(mean, share, out=io.scratch["mean"])
    np.multiply(variance, share, out=io.scratch["variance"])
    np.add(io.scratch["variance"], io.facts.eps, out=io.scratch["spread"])
    np.sqrt(io.scratch["spread"], out=io.scratch["spread"])
