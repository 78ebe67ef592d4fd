"""MemoryData: arrays that a program hands in."""

from __future__ import annotations

from mycaffe_py.data.memory_feed import MemoryFeed
from mycaffe_py.layers.base import TWO, LayerContext, LayerPlan, register
from mycaffe_py.layers.data.fed_layer import DataFacts, FedLayer, fed_plan

_SIZES = ("batch_size", "channels", "height", "width")


@register
class MemoryData(FedLayer):
    """Hands out the rows of two arrays, one batch each forward.

    Formula:
        none: `facts.feed.reset(data, labels)` says which arrays, and batches go round in them.
    Shapes:
        data (N, C, H, W), label (N).
    Source:
        As in Caffe, whose label becomes (N, 1, 1, 1) in the first forward; here it stays (N). The
        values are handed out as they are; a notice tells that a transform_param has no effect.
    Example:
        layer {
          name: "arrays" type: "MemoryData" top: "data" top: "label"
          memory_data_param { batch_size: 2 channels: 1 height: 4 width: 3 }
        }
    """

    type = "MemoryData"
    top_count = TWO

    def plan(self, ctx: LayerContext) -> LayerPlan[DataFacts]:
        """The shape stands in the text."""
        param = ctx.param.memory_data_param
        for size in _SIZES:
            if getattr(param, size) < 1:
                raise ctx.error(
                    f"{size} is {getattr(param, size)}",
                    at=("memory_data_param", size),
                    wanted="batch_size, channels, height and width are all needed",
                )
        shape = (param.batch_size, param.channels, param.height, param.width)
        transforms = bool(ctx.param.transform_param.ListFields())
        return fed_plan(ctx, MemoryFeed(shape, ctx.param.name, ctx.where.at(), transforms))
