"""ImageData: pictures that a list file names."""

from __future__ import annotations

from mycaffe_py.data.caffe_stores.image_list import image_list_feed
from mycaffe_py.layers.base import TWO, LayerContext, LayerPlan, register
from mycaffe_py.layers.data.fed_layer import DataFacts, FedLayer, fed_plan
from mycaffe_py.proto import mycaffe_pb2 as pb


@register
class ImageData(FedLayer):
    """Reads the pictures of a list file, one "path label" a line, one batch each forward.

    Formula:
        data = (picture - mean) * scale, cropped and mirrored as transform_param says.
    Shapes:
        data (N, C, H, W), C 3 or with is_color: false 1; label (N). Pictures that differ in size
        need new_height and new_width, or crop_size, or batch_size 1: then no batch is made ahead.
    Source:
        As in Caffe: pictures are decoded and resized as OpenCV does, blue first (color_order: RGB
        for red first), and read in the order of the list or, with shuffle, in a new one each time
        round; the first time round starts at a place that rand_skip draws. data_param.prefetch
        batches (4) are made ahead. A line without a label is an error; Caffe takes 0.
    Example:
        layer {
          name: "pictures" type: "ImageData" top: "data" top: "label"
          image_data_param { source: "list.txt" batch_size: 2 new_height: 8 new_width: 6 }
        }
    """

    type = "ImageData"
    top_count = TWO

    def plan(self, ctx: LayerContext) -> LayerPlan[DataFacts]:
        """Read the list and its first picture, which gives the shape."""
        feed = image_list_feed(ctx.param, ctx.phase == pb.TRAIN, ctx.seed, ctx.where)
        return fed_plan(ctx, feed, ctx.param.data_param.prefetch)
