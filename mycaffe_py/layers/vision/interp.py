"""Interp: maps of another size, their corners kept."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.resize import interpolate, interpolate_backward
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Shape,
    register,
)


@dataclass(frozen=True)
class InterpFacts:
    """Pixels cut off above and on the left; height and width of what is left; the result's."""

    cut: int
    inside: tuple[int, int]
    size: tuple[int, int]


@register
class Interp(Layer[InterpFacts]):
    """Stretches or shrinks maps by straight lines between pixels; corners stay corners.

    Formula:
        row i of OH lies at row i (H - 1) / (OH - 1) of x, at 0 where OH is 1; a value between
        rows and columns is the mean of its four pixels by nearness; dx takes back each share of dy.
        OH is (H - 1) / shrink_factor + 1, rounded down, then H + (H - 1) (zoom_factor - 1); or
        height. OW likewise. pad_beg -1 leaves out the first row and column of x, pad_end the last.
    Shapes:
        x (N, C, H, W), y (N, C, OH, OW). A second bottom (..., OH, OW) gives the size alone.
    Source:
        As in the Caffe of DeepLab and PSPNet. Where a text gives several sizes, a factor without
        the other one counts more than height and width, and these more than both factors. OpenCV
        4.12 refuses a shrink_factor alone, and makes another size of both.
    Example:
        layer {
          name: "large" type: "Interp" bottom: "x" top: "y" interp_param { height: 5 width: 7 }
        }
    """

    type = "Interp"
    bottom_count = Count(1, 2)
    no_gradient = (1,)
    is_linear = True
    rows_independent = True
    example = ((2, 2, 3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[InterpFacts]:
        """What is left of the bottom, and the size of the top."""
        shape = ctx.shapes[0]
        options = ctx.param.interp_param
        if len(shape) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="pictures (N, C, H, W)",
            )
        for name in ("pad_beg", "pad_end"):
            if getattr(options, name) > 0:
                raise ctx.error(
                    f"{name} {getattr(options, name)}",
                    at=("interp_param", name),
                    wanted="0, or less: so many pixels are left out",
                )
        inside = tuple(length + options.pad_beg + options.pad_end for length in shape[2:])
        if min(inside) < 1:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}, and pad_beg {options.pad_beg} with "
                f"pad_end {options.pad_end} leaves no pixel",
                at=("interp_param",) if ctx.param.HasField("interp_param") else ("bottom", 0),
            )
        size = _size(ctx, inside)
        facts = InterpFacts(-options.pad_beg, (inside[0], inside[1]), (size[0], size[1]))
        return LayerPlan(tops=(BlobSpec((*shape[:2], *size)),), facts=facts, unread=(1,))

    def forward(self, io: LayerIO[InterpFacts]) -> None:
        """Look between the pixels."""
        x, y, cut = io.bottoms[0], io.tops[0], io.facts.cut
        interpolate(
            x.reshape(-1, *x.shape[2:]), cut, cut, *io.facts.inside, y.reshape(-1, *y.shape[2:])
        )

    def backward(self, io: LayerIO[InterpFacts]) -> None:
        """Give each pixel its share."""
        dx, dy, cut = io.dbottoms[0], io.dtops[0], io.facts.cut
        if dx is not None:
            interpolate_backward(
                dy.reshape(-1, *dy.shape[2:]),
                cut,
                cut,
                *io.facts.inside,
                dx.reshape(-1, *dx.shape[2:]),
            )


def _size(ctx: LayerContext, inside: Shape) -> Shape:
    """Height and width of the top."""
    options = ctx.param.interp_param
    if len(ctx.shapes) == 2:
        if len(ctx.shapes[1]) < 2 or min(ctx.shapes[1][-2:]) < 1:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {ctx.shapes[1]}",
                at=("bottom", 1),
                wanted="its last two axes are height and width of the top",
            )
        return ctx.shapes[1][-2:]
    shrinks, zooms = options.HasField("shrink_factor"), options.HasField("zoom_factor")
    named = options.HasField("height") and options.HasField("width")
    if named and shrinks == zooms:
        if options.height < 1 or options.width < 1:
            name = "height" if options.height < 1 else "width"
            raise ctx.error(
                f"{name} {getattr(options, name)}",
                at=("interp_param", name),
                wanted="one pixel or more",
            )
        return options.height, options.width
    if not (shrinks or zooms):
        raise ctx.error(
            "no size",
            at=("interp_param",) if ctx.param.HasField("interp_param") else ("type",),
            wanted="height with width, zoom_factor, shrink_factor, or a second bottom",
            do="Write for instance: interp_param { height: 33 width: 33 }",
        )
    for name in ("shrink_factor", "zoom_factor"):
        if getattr(options, name) < 1:
            raise ctx.error(
                f"{name} {getattr(options, name)}", at=("interp_param", name), wanted="1 or more"
            )
    small = tuple((length - 1) // options.shrink_factor + 1 for length in inside)
    return tuple(length + (length - 1) * (options.zoom_factor - 1) for length in small)
