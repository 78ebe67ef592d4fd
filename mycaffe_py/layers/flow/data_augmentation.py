"""DataAugmentation: FlowNet2's pictures without their mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    ParamBlob,
    register,
)

_PARAM = "augmentation_param"


@dataclass(frozen=True)
class DataAugmentationFacts:
    """The mean that the text gives, and which parameter holds one; -1: none."""

    given: tuple[float, ...]
    held: int


@register
class DataAugmentation(Layer[DataAugmentationFacts]):
    """Takes the mean off pictures, as FlowNet2's deploy texts have it done.

    Formula:
        y = x - m: with recompute_mean m is stored, a mean for each pixel or, with
        mean_per_pixel: false, for each channel; else `mean` with mean_per_pixel: false; else 0.
        dx = dy.
    Shapes:
        x and y (N, C, H, W), the same. State, never learned: a count (1, 1, 1, 1), and with
        recompute_mean the means (1, C, h, w) and (1, C, 1, 1). Where (h, w) is not (H, W) the
        channels' means count.
    Source:
        As in FlowNet2's Caffe with trained weights. There training finds the mean over
        recompute_mean batches, and changes pictures by chance where crop_width and crop_height are
        given: that is not done here, and these are refused.
    Example:
        layer {
          name: "aug" type: "DataAugmentation" bottom: "x" top: "y"
          augmentation_param { recompute_mean: 1000 mean_per_pixel: false }
        }
    """

    type = "DataAugmentation"
    is_linear = True
    rows_independent = True
    may_be_in_place = True
    example = ((2, 3, 4, 5),)

    def plan(self, ctx: LayerContext) -> LayerPlan[DataAugmentationFacts]:
        """Which mean there is."""
        shape, options = ctx.shapes[0], ctx.param.augmentation_param
        if len(shape) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="pictures, (N, C, H, W)",
            )
        for name in ("crop_width", "crop_height"):
            if getattr(options, name):
                raise ctx.error(
                    f"{name} {getattr(options, name)}",
                    at=(_PARAM, name),
                    wanted="0: pictures are not changed here, only their mean is taken off",
                    do="Take the deploy text of the net.",
                )
        count = ParamBlob((1, 1, 1, 1), learned=False)
        channels = (1, shape[1], 1, 1)
        params: tuple[ParamBlob, ...] = (count,)
        held, given = -1, tuple[float, ...]()
        if options.recompute_mean:
            stored = ctx.stored or ()
            pixels = stored[1] if len(stored) == 3 else (1, *shape[1:])
            fits = options.mean_per_pixel and pixels == (1, *shape[1:])
            params = (count, ParamBlob(pixels, learned=False), ParamBlob(channels, learned=False))
            held = 1 if fits else 2
        elif len(options.mean) == 3 and not options.mean_per_pixel:
            given = _given(ctx)
        return LayerPlan(
            tops=(BlobSpec(shape),), params=params, facts=DataAugmentationFacts(given, held)
        )

    def forward(self, io: LayerIO[DataAugmentationFacts]) -> None:
        """Take it off; x may be y."""
        mean: Array = np.array(io.facts.given or (0,), io.tops[0].dtype).reshape(1, -1, 1, 1)
        if io.facts.held >= 0:
            mean = io.params[io.facts.held]
        np.subtract(io.bottoms[0], mean, out=io.tops[0])

    def backward(self, io: LayerIO[DataAugmentationFacts]) -> None:
        """The gradient as it is."""
        if io.dbottoms[0] is not None:
            np.copyto(io.dbottoms[0], io.dtops[0])


def _given(ctx: LayerContext) -> tuple[float, ...]:
    """The mean of the text."""
    if ctx.shapes[0][1] != 3:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[0]}' is {ctx.shapes[0]}",
            at=("bottom", 0),
            wanted="three channels, as there are three values of mean",
        )
    return tuple(ctx.param.augmentation_param.mean)
