"""Floor 3. Data: batches of images and labels from a dataset."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.data.feed import BatchFeed, feed_for
from mycaffe_py.data.prefetch import PrefetchFeed
from mycaffe_py.layers.base import (
    NONE,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)

_LABEL = 1


@dataclass(frozen=True)
class DataFacts:
    """What fills the tops."""

    feed: BatchFeed


@register
class Data(Layer):
    """Fills its tops with the images and labels of a dataset, one batch each forward.

    Formula:
        data = (image - mean) * scale, cropped and mirrored as transform_param says. The same seed
        and batch number always give the same batch.
    Shapes:
        data (N, C, H, W), label (N). With images_per_blob k: data (N, k * C, H, W), the first
        image's channels first, and label (N, k - 1), 1 where an image has the class of the first;
        or (N, k) classes with output_all_labels. A third top: the record numbers.
    Source:
        As in MyCaffe, which adds pairs and triplets to Caffe's layer. MyCaffe's defaults hold for
        what is chosen at random; Caffe's kinds of storage are read in order. A thread makes the
        next `prefetch` batches while this one is worked on; 0 is for none.
    Example:
        layer {
          name: "mnist" type: "Data" top: "data" top: "label"
          transform_param { scale: 0.00390625 }
          data_param { source: "digits28.training" batch_size: 4 images_per_blob: 2 }
        }
    """

    type = "Data"
    bottom_count = NONE
    top_count = Count(1, 3)
    has_backward = False

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """Open the source; its images give the shapes."""
        feed = feed_for(ctx.param, ctx.phase, ctx.seed, ctx.where)
        tops = tuple(
            BlobSpec(shape, feed.label_count if index == _LABEL else 0)
            for index, shape in enumerate(feed.shapes)
        )
        ahead = ctx.param.data_param.prefetch
        return LayerPlan(tops=tops, facts=DataFacts(PrefetchFeed(feed, ahead) if ahead else feed))

    def forward(self, io: LayerIO) -> None:
        """Write the batch."""
        io.facts.feed.fill(io.run.batch_number, io.tops)
