"""Normalize: positions, or whole items, scaled to a length; both layers of that name."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.row_length import places_to_length, places_to_length_backward
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    ParamBlob,
    Scratch,
    Shape,
    register,
)
from mycaffe_py.layers.fillers import filled
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter

# What happynear's layer adds to a sum of squares or amounts.
_PLAIN_EPS = 1e-6


@dataclass(frozen=True)
class NormalizeFacts:
    """The bottom as (N, C, inner); whether one length is for a whole item; eps.

    `scales` says that there is a parameter; `amounts` that a length is a sum of amounts;
    `through_length` that the gradient of the second top goes on.
    """

    blocks: Shape
    across: bool
    eps: float
    scales: bool = True
    amounts: bool = False
    through_length: bool = False


Planned = tuple[NormalizeFacts, tuple[ParamBlob, ...]]


@register
class Normalize(Layer[NormalizeFacts]):
    """Scales the channels of each position, or whole items, to a length that may be learned.

    Formula:
        n = sqrt(sum x^2 + eps) over the channels of a position, or over the whole item with
        across_spatial; y = s * x / n, s one for all channels or one for each;
        dx = (s * dy - u (u . s dy)) / n with u = x / n, summed as n was, and ds = sum dy * u.
        With normalize_param: y = x / n, n over the channels of a position, eps 1e-6, without s.
        normalize_type: "L1" makes n = sum |x| + eps, and sign(x) the first u.
    Shapes:
        x and y (N, C, ...), the same; s () or, with channel_shared: false, (C,). With
        normalize_param a second top holds n (N, 1, ...); its gradient goes on with bp_norm.
    Source:
        Liu, Rabinovich, Berg: ParseNet, 2015, as in the SSD fork of Caffe (norm_param), whose
        gradient with a scale for each channel is another, and not that of its forward; ours is. The
        layer with normalize_param is happynear's and other face forks'; there fix_gradient is read
        and has no effect, and so it is here. A text with neither is taken for happynear's if it
        has a second top or its weights have no blob, else for SSD's.
    Example:
        layer {
          name: "norm" type: "Normalize" bottom: "x" top: "y"
          norm_param {
            across_spatial: false channel_shared: false
            scale_filler { type: "constant" value: 20 }
          }
        }
    """

    type = "Normalize"
    top_count = Count(1, 2)
    backward_reads = ("bottoms", "params", "scratch")
    example = ((2, 3, 2, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan[NormalizeFacts]:
        """The first top has the bottom's shape; the lengths are kept."""
        shape = ctx.shapes[0]
        if len(shape) < 2:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="two axes or more: items, and their channels",
            )
        blocks = (shape[0], shape[1], math.prod(shape[2:]))
        facts, params = _plain(ctx, blocks) if _is_plain(ctx) else _scaled(ctx, blocks)
        lengths = (blocks[0], 1 if facts.across else blocks[2])
        tops = (BlobSpec(shape), BlobSpec((shape[0], 1, *shape[2:])))
        return LayerPlan(
            tops=tops[: ctx.top_count],
            params=params,
            scratch={"length": Scratch(lengths)},
            facts=facts,
        )

    def forward(self, io: LayerIO[NormalizeFacts]) -> None:
        """Measure and divide."""
        facts, length = io.facts, io.scratch["length"]
        x, y = io.bottoms[0].reshape(facts.blocks), io.tops[0].reshape(facts.blocks)
        places_to_length(x, _scale(io), facts.across, facts.amounts, facts.eps, length, y)
        if len(io.tops) == 2:
            io.tops[1].reshape(length.shape)[...] = length

    def backward(self, io: LayerIO[NormalizeFacts]) -> None:
        """The gradient runs through the lengths, too."""
        facts, length = io.facts, io.scratch["length"]
        x, dy = io.bottoms[0].reshape(facts.blocks), io.dtops[0].reshape(facts.blocks)
        ds = io.dparams[0] if facts.scales else None
        if ds is not None:
            unit = x / length[:, None, :]
            along = np.einsum("nci,nci->c", unit, dy)
            ds += along.reshape(ds.shape) if ds.ndim else along.sum()
        if io.dbottoms[0] is None:
            return
        dx = io.dbottoms[0].reshape(facts.blocks)
        dlength = io.dtops[1].reshape(length.shape) if facts.through_length else length[:0]
        places_to_length_backward(
            x, _scale(io), length, dy, dlength, facts.across, facts.amounts, dx
        )


def _scale(io: LayerIO[NormalizeFacts]) -> np.ndarray:
    """The scale of each channel, or a single one for all."""
    return io.params[0].reshape(-1) if io.facts.scales else np.ones(1, io.bottoms[0].dtype)


def _is_plain(ctx: LayerContext) -> bool:
    """Whether happynear's layer is meant, which has no parameter."""
    names = [name for name in ("norm_param", "normalize_param") if ctx.param.HasField(name)]
    if len(names) == 2:
        raise ctx.error(
            "norm_param stands beside normalize_param",
            at=("normalize_param",),
            wanted="norm_param is for the SSD fork's layer, which learns a scale; "
            "normalize_param for happynear's, which does not",
            do="Remove one of them.",
        )
    return names == ["normalize_param"] if names else ctx.stored == () or ctx.top_count == 2


def _plain(ctx: LayerContext, blocks: Shape) -> Planned:
    options = ctx.param.normalize_param
    if options.normalize_type not in ("L1", "L2"):
        raise ctx.error(
            f"normalize_type '{options.normalize_type}'",
            at=("normalize_param", "normalize_type"),
            wanted="'L2', a root of squares, or 'L1', a sum of amounts",
        )
    facts = NormalizeFacts(
        blocks,
        across=False,
        eps=_PLAIN_EPS,
        scales=False,
        amounts=options.normalize_type == "L1",
        through_length=options.bp_norm and ctx.top_count == 2,
    )
    return facts, ()


def _scaled(ctx: LayerContext, blocks: Shape) -> Planned:
    options = ctx.param.norm_param
    if ctx.top_count == 2:
        raise ctx.error(
            "two tops with norm_param",
            at=("top", 1),
            wanted="one top: the lengths are the second top of the layer with normalize_param",
        )
    if not (options.eps >= 0 and math.isfinite(options.eps)):
        raise ctx.error(f"eps {options.eps:g}", at=("norm_param", "eps"), wanted="0 or more")
    filler = FillerParameter(type="constant", value=1)
    if options.HasField("scale_filler"):
        filler = options.scale_filler
    shape = () if options.channel_shared else (blocks[1],)
    scale = filled(shape, filler, ctx.where.at("norm_param", "scale_filler"))
    return NormalizeFacts(blocks, options.across_spatial, options.eps), (scale,)
