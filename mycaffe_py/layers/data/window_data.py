"""WindowData: windows cut out of pictures, for R-CNN."""

from __future__ import annotations

from mycaffe_py.data.rcnn_windows.window_text import window_feed
from mycaffe_py.layers.base import TWO, LayerContext, LayerPlan, register
from mycaffe_py.layers.data.fed_layer import DataFacts, FedLayer, fed_plan
from mycaffe_py.proto import mycaffe_pb2 as pb


@register
class WindowData(FedLayer):
    """Samples windows of objects and of background from pictures, one batch each forward.

    Formula:
        data = (pixel - mean) * scale of the window, stretched to crop_size with context_pad pixels
        of its surroundings on each side; 0 where it reaches out of its picture. floor(N *
        fg_fraction) windows of a batch are objects; the background comes first.
    Shapes:
        data (N, 3, crop_size, crop_size), label (N), 0 for background.
    Source:
        R. Girshick et al., Rich feature hierarchies (2014), appendix A, as Caffe has it, drawn by
        chance in every phase. scale is that of window_data_param times that of transform_param:
        Caffe moves it there from old texts, and then forgets it. A window is cut from the picture
        it stands under; Caffe trusts the number in the file, and its place for the mean to the
        width alone.
    Example:
        layer {
          name: "windows" type: "WindowData" top: "data" top: "label"
          transform_param { crop_size: 8 mirror: true }
          window_data_param { source: "windows.txt" batch_size: 4 context_pad: 1 }
        }
    """

    type = "WindowData"
    top_count = TWO

    def plan(self, ctx: LayerContext) -> LayerPlan[DataFacts]:
        """Read the window file."""
        feed = window_feed(ctx.param, ctx.phase == pb.TRAIN, ctx.seed, ctx.where)
        return fed_plan(ctx, feed, ctx.param.data_param.prefetch)
