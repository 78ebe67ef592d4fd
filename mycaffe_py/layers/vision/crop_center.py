"""CropCenter: cuts off the borders of a blob."""

from __future__ import annotations

from mycaffe_py.layers.base import BlobSpec, LayerContext, LayerPlan, register
from mycaffe_py.layers.vision.crop import CropFacts, KeepsWindow


@register
class CropCenter(KeepsWindow):
    """Cuts off the same number of values at both ends of each axis, so that the middle stays.

    Formula:
        y = x[..., c : size - c, ...] with the crop_size c of each axis; dx = dy inside, 0
        outside.
    Shapes:
        x (N, C, H, W), y (N - 2 c_0, C - 2 c_1, H - 2 c_2, W - 2 c_3); as many sizes as axes.
    Source:
        As in waifu2x's Caffe, whose nets pad nothing: what skips two 3x3 convolutions loses their
        borders by it.
    Example:
        layer {
          name: "middle" type: "CropCenter" bottom: "x" top: "y"
          crop_center_param { crop_size: 0 crop_size: 0 crop_size: 2 crop_size: 1 }
        }
    """

    type = "CropCenter"
    is_linear = True
    example = ((2, 3, 6, 4),)

    def keeps_rows_apart(self, ctx: LayerContext) -> bool:
        """Where no rows are cut off."""
        return not any(ctx.param.crop_center_param.crop_size[:1])

    def plan(self, ctx: LayerContext) -> LayerPlan[CropFacts]:
        """Find where the middle lies."""
        shape, sizes = ctx.shapes[0], ctx.param.crop_center_param.crop_size
        if len(sizes) != len(shape):
            raise ctx.error(
                f"{len(sizes)} crop_size for bottom '{ctx.param.bottom[0]}' {shape}",
                at=("crop_center_param",),
                wanted=f"one for each of its {len(shape)} axes, 0 where nothing is cut off",
            )
        for axis, (size, length) in enumerate(zip(sizes, shape, strict=True)):
            if 2 * size >= length:
                raise ctx.error(
                    f"crop_size {size} on axis {axis}",
                    at=("crop_center_param", "crop_size", axis),
                    wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}: of its {length} something "
                    f"must be left when {size} is cut off at both ends",
                )
        window = tuple(slice(c, n - c) for c, n in zip(sizes, shape, strict=True))
        top = tuple(n - 2 * c for c, n in zip(sizes, shape, strict=True))
        return LayerPlan(tops=(BlobSpec(top),), facts=CropFacts(window))
