"""Resample: maps of another size, by kernels that widen where they shrink."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.flow.resample import resample, resample_backward
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.layers.flow.axis_weights import (
    MOST_PIXELS,
    AxisWeights,
    cubic,
    nearest,
    spread,
    triangle,
)
from mycaffe_py.proto.mycaffe_pb2 import ResampleParameter as Options


@dataclass(frozen=True)
class ResampleFacts:
    """Weights along rows and along columns."""

    rows: AxisWeights
    columns: AxisWeights

    def given(self, like: Array) -> tuple[Array, Array, Array, Array]:
        """What both kernels ask for."""
        return (*self.rows.arrays(like), *self.columns.arrays(like))


class WeightedPixels(Layer[ResampleFacts]):
    """Makes each pixel of y of some of x by weights. A layer says in `plan` by which."""

    bottom_count = Count(1, 2)
    is_linear = True
    rows_independent = True

    def gives_gradient(self, bottom: int, count: int) -> bool:
        """The maps get one; of a second bottom only the size counts."""
        return bottom == 0

    def forward(self, io: LayerIO[ResampleFacts]) -> None:
        """Item by item."""
        given = io.facts.given(io.tops[0])
        for x, y in zip(io.bottoms[0], io.tops[0], strict=True):
            resample(x, *given, y)

    def backward(self, io: LayerIO[ResampleFacts]) -> None:
        """The gradient, back by the same weights."""
        dx = io.dbottoms[0]
        if dx is None:
            return
        dx[...] = 0
        given = io.facts.given(dx)
        for dy, gradient in zip(io.dtops[0], dx, strict=True):
            resample_backward(dy, *given, gradient)


@register
class Resample(WeightedPixels):
    """Brings maps to another size.

    Formula:
        with fx = W / w and fy = H / h, pixel (i, j) of y lies at column j fx + fy / 2 - 1/2 and row
        i fy + fx / 2 - 1/2 of x. LINEAR: weights max(0, 1 - d), d the distance along an axis.
        CUBIC: Catmull and Rom's. Both are divided by their sum over the pixels inside. Where either
        axis shrinks and `antialias` is set, d is divided by the axis's ratio. NEAREST: the nearest
        pixel, halves away from 0. dx gets dy by the same weights.
    Shapes:
        x (N, C, H, W), perhaps a second bottom whose rows and columns count; y (N, C, h, w):
        height and width, else `factor` times H and W.
    Source:
        Ilg and others: FlowNet 2.0: Evolution of Optical Flow Estimation with Deep Networks, 2017.
        As in its Caffe on a GPU, fx and fy mixed as above, which matters where they differ. There
        it has no backward and reads foreign memory where the nearest pixel lies outside; here it
        is the last one. AREA is refused, as there.
    Example:
        layer {
          name: "small" type: "Resample" bottom: "x" top: "small"
          resample_param { width: 3 height: 2 type: LINEAR }
        }
    """

    type = "Resample"
    example = ((2, 3, 5, 6),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ResampleFacts]:
        """Work out the weights."""
        x, options = ctx.shapes[0], ctx.param.resample_param
        check_maps(ctx)
        if options.type == Options.AREA:
            raise ctx.error(
                "type AREA",
                at=("resample_param", "type"),
                wanted="NEAREST, LINEAR or CUBIC, as in FlowNet2",
                do="LINEAR with antialias: true is nearest to it.",
            )
        height, width = _size(ctx)
        if max(height, width) > MOST_PIXELS:
            raise ctx.error(
                f"{height} rows and {width} columns",
                at=("resample_param",),
                wanted=f"at most {MOST_PIXELS} of each",
            )
        fy, fx = x[2] / height, x[3] / width
        wide = options.antialias and (fx > 1 or fy > 1)
        axes = ((x[2], height, fy, fx / 2 - 0.5), (x[3], width, fx, fy / 2 - 0.5))
        if options.type == Options.NEAREST:
            facts = ResampleFacts(*(nearest(*axis) for axis in axes))
        else:
            kernel, reach = (cubic, 4) if options.type == Options.CUBIC else (triangle, 2)
            facts = ResampleFacts(*(spread(*axis, kernel, reach, wide) for axis in axes))
        return LayerPlan(tops=(BlobSpec((*x[:2], height, width)),), facts=facts)


def check_maps(ctx: LayerContext) -> None:
    """Errors: a bottom that is no maps, or maps without pixels."""
    for index, shape in enumerate(ctx.shapes):
        if len(shape) != 4 or not (shape[2] and shape[3]):
            raise ctx.error(
                f"bottom '{ctx.param.bottom[index]}' is {shape}",
                at=("bottom", index),
                wanted="maps with pixels, (N, C, H, W)",
            )


def _size(ctx: LayerContext) -> tuple[int, int]:
    """Height and width of the top."""
    options, x = ctx.param.resample_param, ctx.shapes[0]
    if len(ctx.bottoms) > 1:
        return ctx.shapes[1][2], ctx.shapes[1][3]
    if options.width and options.height:
        return options.height, options.width
    if options.width or options.height:
        missing = "height" if options.width else "width"
        raise ctx.error(
            f"no {missing}",
            at=("resample_param",),
            wanted="width and height, or neither and a factor",
        )
    if not 1 <= options.factor * min(x[2:]) <= options.factor * max(x[2:]) < 2**31:
        raise ctx.error(
            f"factor {options.factor:g}",
            at=("resample_param", "factor"),
            wanted=f"bottom '{ctx.param.bottom[0]}' is {x}, of which a pixel must be left",
        )
    return int(x[2] * options.factor), int(x[3] * options.factor)
