"""BN: every channel to mean 0 and deviation 1, then scaled and shifted; PSPNet's and SegNet's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.broadcast import add_products, add_sums, scale_and_shift
from mycaffe_py.kernels.normalize import (
    channel_norm_backward,
    channel_norm_forward,
    channel_norm_stored,
    no_end,
)
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.normalization.bn_kind import is_segnet, params_of
from mycaffe_py.proto.mycaffe_pb2 import TRAIN, BNParameter

# What SegNet's layer adds to a variance.
_SEGNET_EPS = 1e-9


@dataclass(frozen=True)
class BNFacts:
    """The bottom as (N, C, inner), and where means and variances come from.

    `stored`: from the parameters; `batch`: from the batch; neither: there are none. `keeps`: the
    batch's change the stored ones, of which `momentum` is kept.
    """

    blocks: tuple[int, int, int]
    stored: bool
    batch: bool
    keeps: bool
    eps: float
    momentum: float


@register
class BN(Layer[BNFacts]):
    """Brings every channel to mean 0 and deviation 1, then scales and shifts it.

    Formula:
        y = a u + b with u = (x - m) / s, s = sqrt(v + eps); da = sum dy u, db = sum dy.
        PSPNet in TRAIN: m and v are mean and mean squared deviation of a channel over the batch,
        dx = (du - mean(du) - u mean(du u)) / s with du = a dy. Each forward updates mean = momentum
        mean + (1 - momentum) m, and the variance likewise.
        PSPNet otherwise, or frozen: m and v are the stored ones, dx = a dy / s.
        SegNet, LEARN: as PSPNet in TRAIN, in every phase, eps 1e-9, nothing stored.
        SegNet, INFERENCE: u = x.
    Shapes:
        x and y (N, C, ...), the same; a, b (1, C, 1, 1), learned. PSPNet's has two more, never
        learned: mean and variance, both starting at 0. SegNet's has a second and third top with
        LEARN, m and v (1, C, 1, 1).
    Source:
        Ioffe, Szegedy: Batch Normalization, 2015. With slope_filler, bias_filler, momentum, eps or
        frozen as in the Caffe of PSPNet and ICNet; with scale_filler, shift_filler or bn_mode as in
        SegNet's and ENet's, where LEARN is what a TEST net does, too, until its statistics are made
        part of a and b. Without any of them: SegNet's if the weights have two blobs, else PSPNet's.
        frozen leaves a and b as they are. Unlike BatchNorm no factor goes with the stored mean.
        Gradients of m and v as tops are handed on; SegNet's drops them.
    Example:
        layer {
          name: "bn1" type: "BN" bottom: "x" top: "y"
          bn_param {
            slope_filler { type: "constant" value: 1 } bias_filler { type: "constant" value: 0 }
          }
        }
    """

    type = "BN"
    top_count = Count(1, 3)
    may_be_in_place = True
    backward_reads = ("scratch", "params")
    example = ((3, 4, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan[BNFacts]:
        """Channels are axis 1; which layer it is says where the means come from."""
        shape, options = ctx.shapes[0], ctx.param.bn_param
        if len(shape) < 2:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="two axes or more: items, and their channels",
            )
        segnet = is_segnet(ctx)
        stored = not segnet and (options.frozen or ctx.phase != TRAIN)
        batch = not stored and not (segnet and options.bn_mode == BNParameter.INFERENCE)
        if ctx.top_count > 1 and not (segnet and batch):
            raise ctx.error(
                f"{ctx.top_count} tops",
                at=("top", 1),
                wanted="one top; mean and variance are tops of SegNet's BN with bn_mode: LEARN",
            )
        facts = BNFacts(
            blocks=(shape[0], shape[1], math.prod(shape[2:])),
            stored=stored,
            batch=batch,
            keeps=batch and not segnet,
            eps=_SEGNET_EPS if segnet else options.eps,
            momentum=options.momentum,
        )
        few = BlobSpec((1, shape[1], 1, 1))
        scratch = {name: Scratch((shape[1],)) for name in ("mean", "variance", "spread")}
        return LayerPlan(
            tops=(BlobSpec(shape), few, few)[: ctx.top_count],
            params=params_of(ctx, shape[1], segnet=segnet),
            scratch={**scratch, "u": Scratch(facts.blocks)},
            facts=facts,
        )

    def forward(self, io: LayerIO[BNFacts]) -> None:
        """Normalise, keep that for backward, then scale and shift; x may be y."""
        facts, own = io.facts, io.scratch
        x, y = io.bottoms[0].reshape(facts.blocks), io.tops[0].reshape(facts.blocks)
        if facts.batch:
            channel_norm_forward(
                x, facts.eps, no_end(x), own["mean"], own["variance"], own["spread"], own["u"], y
            )
            if facts.keeps and not io.run.learns_later:
                self.learn(io, [self.observed(io)])
            u = y
        elif facts.stored:
            np.add(io.params[3].reshape(-1), facts.eps, out=own["spread"])
            np.sqrt(own["spread"], out=own["spread"])
            channel_norm_stored(x, io.params[2].reshape(-1), own["spread"], y)
            u = y
        else:
            u = x
        if io.dbottoms and not facts.batch:
            np.copyto(own["u"], u)
        scale_and_shift(u, io.params[0].reshape(-1), io.params[1].reshape(-1), y)
        for top, name in zip(io.tops[1:], ("mean", "variance"), strict=False):
            top.reshape(-1)[...] = own[name]

    def observed(self, io: LayerIO[BNFacts]) -> tuple[Array, ...]:
        """Mean and variance of the batch, where they change the stored ones."""
        return (io.scratch["mean"], io.scratch["variance"]) if io.facts.keeps else ()

    def learn(self, io: LayerIO[BNFacts], observed: Sequence[tuple[Array, ...]]) -> None:
        """Move the stored ones towards those of the batch, or towards their mean over shards."""
        found = observed[0]
        if len(observed) > 1:
            parts = zip(*observed, strict=True)
            found = tuple(np.stack(part).mean(axis=0, dtype=np.float64) for part in parts)
        for state, new in zip(io.params[2:], found, strict=True):
            state *= io.facts.momentum
            state += (1 - io.facts.momentum) * new.reshape(state.shape)

    def backward(self, io: LayerIO[BNFacts]) -> None:
        """The gradient runs through mean and variance, too, where they came from the batch."""
        facts, u = io.facts, io.scratch["u"]
        dy, (da, db) = io.dtops[0].reshape(facts.blocks), io.dparams[:2]
        if da is not None:
            add_products(u, dy, da.reshape(-1))
        if db is not None:
            add_sums(dy, db.reshape(-1))
        if io.dbottoms[0] is None:
            return
        dx, a = io.dbottoms[0].reshape(facts.blocks), io.params[0].reshape(-1)
        spread = io.scratch["spread"]
        scale_and_shift(dy, a, a[:0], dx)
        if facts.stored:
            dx /= spread[:, None]
        elif facts.batch:
            channel_norm_backward(u, dx, spread, no_end(u), a[:0], a[:0], dx)
            _through_tops(io, dx)


def _through_tops(io: LayerIO[BNFacts], dx: Array) -> None:
    """Add the gradients of mean and variance as tops."""
    rows, _, inner = io.facts.blocks
    for dtop, name in zip(io.dtops[1:], ("mean", "variance"), strict=False):
        each = dtop.reshape(-1, 1) / (rows * inner)
        if name == "mean":
            dx += each
        else:
            dx += 2 * each * io.scratch["spread"][:, None] * io.scratch["u"]
