"""Crop: cuts a blob to the size of another."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.layers.base import TWO, BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class CropFacts:
    """The index expression of the part that is kept."""

    window: tuple[slice, ...]


class KeepsWindow(Layer[CropFacts]):
    """What layers have in common whose top is a part of their first bottom."""

    def forward(self, io: LayerIO[CropFacts]) -> None:
        """Copy the part."""
        io.tops[0][...] = io.bottoms[0][io.facts.window]

    def backward(self, io: LayerIO[CropFacts]) -> None:
        """Copy the gradient of the part; around it the gradient is 0."""
        dx = io.dbottoms[0]
        if dx is not None:
            dx.fill(0)
            dx[io.facts.window] = io.dtops[0]


@register
class Crop(KeepsWindow):
    """Cuts the first bottom to the size of the second, from an axis on.

    Formula:
        y = x[..., o : o + size, ...] with an offset o and the second bottom's size on every axis
        from `axis` on; dx = dy inside the window, 0 outside.
    Shapes:
        x (N, C, H, W), reference (., ., h, w), y (N, C, h, w) for the default axis 2.
    Source:
        As in Caffe: the second bottom lends its shape only and gets no gradient.
    Example:
        layer {
          name: "same" type: "Crop" bottom: "x" bottom: "reference" top: "y"
          crop_param { axis: 2 offset: 1 offset: 0 }
        }
    """

    type = "Crop"
    bottom_count = TWO
    no_gradient = (1,)
    example = ((2, 1, 4, 3), (2, 5, 2, 3))

    def plan(self, ctx: LayerContext) -> LayerPlan[CropFacts]:
        """Find where the part lies."""
        shape, reference = ctx.shapes
        axis = ctx.axis(ctx.param.crop_param.axis, at=("crop_param", "axis"))
        if len(reference) < len(shape):
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {reference}",
                at=("bottom", 1),
                wanted=f"it gives the size for each axis of bottom '{ctx.param.bottom[0]}' "
                f"{shape} from axis {axis} on",
            )
        window = [slice(None)] * axis
        for i, offset in enumerate(_offsets(ctx, len(shape) - axis), start=axis):
            if offset + reference[i] > shape[i]:
                raise ctx.error(
                    f"offset {offset} on axis {i}",
                    at=("crop_param", "offset"),
                    wanted=f"bottom '{ctx.param.bottom[0]}' is {shape} and bottom "
                    f"'{ctx.param.bottom[1]}' {reference}: the offset plus {reference[i]} must "
                    f"not pass {shape[i]}",
                )
            window.append(slice(offset, offset + reference[i]))
        top = (*shape[:axis], *reference[axis : len(shape)])
        return LayerPlan(tops=(BlobSpec(top),), facts=CropFacts(tuple(window)))


def _offsets(ctx: LayerContext, axes: int) -> tuple[int, ...]:
    """One offset for each cropped axis: those given, or the only one (0 if none) for all."""
    given = tuple(ctx.param.crop_param.offset)
    if len(given) <= 1:
        return (given or (0,)) * axes
    if len(given) != axes:
        raise ctx.error(
            f"{len(given)} offset for {axes} axes",
            at=("crop_param", "offset", 0),
            wanted=f"none, one for all, or one for each axis that is cropped ({axes})",
        )
    return given
