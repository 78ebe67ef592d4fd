"""ImageSegData: pictures with a label for each pixel."""

from __future__ import annotations

from mycaffe_py.data.caffe_stores.label_cutting import Cutting
from mycaffe_py.data.caffe_stores.label_pictures import label_picture_feed, mean_of
from mycaffe_py.layers.base import Count, LayerContext, LayerPlan, register
from mycaffe_py.layers.data.fed_layer import DataFacts, FedLayer, fed_plan
from mycaffe_py.proto import mycaffe_pb2 as pb

# A picture becomes as much wider and higher at most.
_MOST_FACTOR = 16


@register
class ImageSegData(FedLayer):
    """Reads the pictures of a list file with a label for each pixel, one batch each forward.

    Formula:
        data = (picture - mean) * scale; data and labels are cropped and mirrored alike. A picture
        smaller than crop_size is filled up below and on the right: data with 0, labels with
        ignore_label. With scale_factors picture and labels are first resized by one of them.
    Shapes:
        data (N, C, H, W), C 3 or with is_color: false 1; label (N, 1, H, W); a third top
        (N, 1, 1, 2) has height and width of each picture, crop_size at most. Without crop_size, or
        new_height and new_width, all pictures have the size of the first. crop_height and
        crop_width stand for a crop_size that is no square.
    Source:
        As in DeepLab's Caffe: a line of the list is a picture and the picture of its labels, whose
        grays are the labels; with label_type IMAGE a picture and the class of all its pixels; with
        NONE a picture, and all labels are ignore_label. There, new_height mixes labels as if they
        were colours; here the nearest one is taken. The third top may be left out here.
        scale_factors, crop_height and crop_width are PSPNet's; it resizes in TEST, too.
    Example:
        layer {
          name: "pictures" type: "ImageSegData" top: "data" top: "label" top: "size"
          image_data_param { source: "pairs.txt" batch_size: 2 }
          transform_param { crop_size: 9 mean_value: 7 }
        }
    """

    type = "ImageSegData"
    top_count = Count(2, 3)

    def plan(self, ctx: LayerContext) -> LayerPlan[DataFacts]:
        """Read the list and its first picture, which gives the shape."""
        param, train = ctx.param.image_data_param, ctx.phase == pb.TRAIN
        change = ctx.param.transform_param
        cutting = Cutting(
            mean=mean_of(ctx.param, 3 if param.is_color else 1, ctx.where),
            scale=change.scale,
            mirror=change.mirror,
            crop=_crop(ctx),
            ignored=param.ignore_label,
            by_chance=train,
            factors=tuple(change.scale_factors),
        )
        at = ctx.where.under("image_data_param")
        name, of_change = (ctx.seed, train), ctx.where.under("transform_param")
        feed = label_picture_feed(ctx.param, param, cutting, name, ctx.top_count, at, of_change)
        return fed_plan(ctx, feed, ctx.param.data_param.prefetch)


def _crop(ctx: LayerContext) -> tuple[int, int] | None:
    """Height and width that are cut out. Errors: half a size, or two; factors without a size."""
    change = ctx.param.transform_param
    size = (change.crop_height, change.crop_width)
    if bool(size[0]) != bool(size[1]) or (size[0] and change.crop_size):
        raise ctx.error(
            f"crop_size {change.crop_size}, crop_height {size[0]} and crop_width {size[1]}",
            at=("transform_param",),
            wanted="either crop_size, or crop_height and crop_width",
        )
    for place, factor in enumerate(change.scale_factors):
        if not 0 < factor <= _MOST_FACTOR:
            raise ctx.error(
                f"scale_factors {factor:g}",
                at=("transform_param", "scale_factors", place),
                wanted=f"more than 0, at most {_MOST_FACTOR}",
            )
    if change.crop_size:
        return (change.crop_size, change.crop_size)
    if size[0]:
        return size
    if change.scale_factors:
        raise ctx.error(
            "scale_factors without a size",
            at=("transform_param", "scale_factors", 0),
            wanted="crop_size: the pictures of a batch have one size",
        )
    return None
