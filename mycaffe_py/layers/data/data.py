"""Data: batches of images and labels from a dataset, an LMDB or a LevelDB folder."""

from __future__ import annotations

from mycaffe_py.data.feed import feed_for
from mycaffe_py.layers.base import Count, LayerContext, LayerPlan, register
from mycaffe_py.layers.data.fed_layer import DataFacts as DataFacts
from mycaffe_py.layers.data.fed_layer import FedLayer, fed_plan
from mycaffe_py.layers.user.python_source import source_feed


@register
class Data(FedLayer):
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
        next `prefetch` batches while this one is worked on; 0 is for none, and none are made ahead
        where handing them over would take longer than making them.
        With labels_per_batch P and images_per_label K a batch is P classes, drawn by chance, of K
        images each, as losses want that form pairs or triplets of its rows (TripletLoss with
        mining); of a class with fewer than K, some come twice.
        Two Data layers are kept in step by `synchronize_with: "OTHER"` in one of them, for two
        sources in one pair, such as sketches and photos. The one with primary_data: false or
        synchronize_target: true follows; where neither has it, the one that names the other. For
        each image of the leading layer it draws one of the same label from its own source. Labels
        are matched by name, and both tops hold the leader's numbers; batch_size and
        images_per_blob have to be equal, and the leader alone balances. Drawn by chance, no image
        comes again in 64 batches as long as there are others of its label; in order, the first
        sketch of a label goes with its first photo. With synchronize_records, image i of one source
        goes with image i of the other. Template: sketch_photo_28x28.
        A source that is a folder is one of Caffe's, LMDB or LevelDB (extra `leveldb`):
        records in the order of their keys, cyclic, from a place that rand_skip draws. Encoded
        pictures are decoded as OpenCV does, blue first (color_order: RGB for red first);
        force_color and force_gray act on these alone. They may differ in size with
        crop_size, or with batch_size 1; then no batch is made ahead.
        With python_source_param { module: "my_windows" function: "windows" } images come from
        code: the function or class is called with those of seed, phase ("TRAIN" or "TEST"),
        batch_size and param_str that it takes, and what it returns is iterated over. Each item is a
        pair, image (C, H, W) and label (a number or (K,) numbers), or all are batches of such:

            def windows(seed, phase):
                numbers = numpy.random.default_rng(seed)
                while True:
                    label = numbers.integers(2)
                    yield numbers.normal(label, 1.0, (1, 30, 9)), label

        Commands that only look or measure need consent to it (--run-code, `mycaffe trust`); sources
        that mycaffe-py brings do not, and go by a name alone: module: "mixtures".
        The module is looked for beside the net's text, then in the current folder. `seed` differs
        from layer to layer and from phase to phase, and code that draws from nothing else gives
        the same batches each time, ahead of use or after a resume. At its end it is called again.
        A run that resumes at batch b first makes all items before it, and drops them; an object
        with __getitem__ saves that: object[i] is item i, or batch i. Labels for labels_per_batch
        are the `labels` (n,) of an object that has __len__ too; without them each item is asked
        for once. Values are handed out as they are, checked for shape, type, finiteness and, with
        label_count, range.
    Example:
        layer {
          name: "mnist" type: "Data" top: "data" top: "label"
          transform_param { scale: 0.00390625 }
          data_param { source: "digits28.training" batch_size: 4 images_per_blob: 2 }
        }
    """

    type = "Data"
    top_count = Count(1, 3)

    def plan(self, ctx: LayerContext) -> LayerPlan[DataFacts]:
        """Open the source; its images give the shapes."""
        own = ctx.param.HasField("python_source_param")
        feed = (
            source_feed(ctx)
            if own
            else feed_for(
                ctx.param,
                ctx.phase,
                ctx.seed,
                ctx.where,
                learned=ctx.learned,
                opening=ctx.opening,
                leader=ctx.leader,
            )
        )
        return fed_plan(ctx, feed, ctx.param.data_param.prefetch)
