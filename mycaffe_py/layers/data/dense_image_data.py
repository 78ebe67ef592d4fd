"""DenseImageData: pictures with a label for each pixel, as SegNet lists them."""

from __future__ import annotations

from mycaffe_py.data.caffe_stores.label_cutting import Cutting
from mycaffe_py.data.caffe_stores.label_pictures import label_picture_feed, mean_of
from mycaffe_py.layers.base import TWO, LayerContext, LayerPlan, register
from mycaffe_py.layers.data.fed_layer import DataFacts, FedLayer, fed_plan
from mycaffe_py.proto import mycaffe_pb2 as pb

_PARAM = "dense_image_data_param"
# Options that ImageSegData has, too.
_COMMON = (
    "source", "batch_size", "rand_skip", "shuffle", "new_height", "new_width", "is_color",
    "root_folder",
)  # fmt: skip


@register
class DenseImageData(FedLayer):
    """Reads the pictures of a list file with a label for each pixel, one batch each forward.

    Formula:
        data = (picture - mean) * scale; data and labels are cropped and mirrored alike, by chance
        in every phase.
    Shapes:
        data (N, C, H, W), C 3 or with is_color: false 1; label (N, 1, H, W), divided by
        label_divide_factor. Without crop_height and crop_width, or new_height and new_width, all
        pictures have the size of the first.
    Source:
        As in SegNet's Caffe: a line of the list is a picture and the picture of its labels, whose
        grays are the labels. mean_value and scale stand in transform_param; mirror and the crop
        do not, as there. There a batch of one picture takes on its size; here all have one.
    Example:
        layer {
          name: "pictures" type: "DenseImageData" top: "data" top: "label"
          dense_image_data_param { source: "pairs.txt" batch_size: 2 mirror: true }
        }
    """

    type = "DenseImageData"
    top_count = TWO

    def plan(self, ctx: LayerContext) -> LayerPlan[DataFacts]:
        """Read the list and its first picture, which gives the shape."""
        options, change = ctx.param.dense_image_data_param, ctx.param.transform_param
        for name in ("crop_size", "mirror"):
            if getattr(change, name):
                raise ctx.error(
                    f"transform_param has {name}",
                    at=("transform_param", name),
                    wanted=f"mirror, crop_height and crop_width in {_PARAM}",
                )
        crop = (options.crop_height, options.crop_width)
        if bool(crop[0]) != bool(crop[1]):
            raise ctx.error(
                f"crop_height {crop[0]} and crop_width {crop[1]}", at=(_PARAM,), wanted="both"
            )
        divided = options.label_divide_factor
        if not divided or (divided > 1 and crop[0]):
            raise ctx.error(
                f"label_divide_factor {divided}" + (" with a crop" if crop[0] else ""),
                at=(_PARAM, "label_divide_factor"),
                wanted="1 or more, and 1 where pictures are cut",
            )
        param = pb.ImageDataParameter(label_type=pb.ImageDataParameter.PIXEL)
        for name in _COMMON:
            setattr(param, name, getattr(options, name))
        cutting = Cutting(
            mean=mean_of(ctx.param, 3 if options.is_color else 1, ctx.where),
            scale=change.scale,
            mirror=options.mirror,
            crop=crop if crop[0] else None,
            ignored=None,
            by_chance=True,
            divided=divided,
        )
        at, of_change = ctx.where.under(_PARAM), ctx.where.under("transform_param")
        drawn = (ctx.seed, ctx.phase == pb.TRAIN)
        feed = label_picture_feed(ctx.param, param, cutting, drawn, 2, at, of_change)
        return fed_plan(ctx, feed, ctx.param.data_param.prefetch)
