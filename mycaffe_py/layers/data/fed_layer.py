"""What layers that are filled by a feed have in common."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.batch_feed import BatchFeed
from mycaffe_py.data.prefetch import PrefetchFeed
from mycaffe_py.data.selection.class_batches import ClassBatches
from mycaffe_py.data.shards.cut_feed import CutFeed
from mycaffe_py.layers.base import NONE, BlobSpec, Layer, LayerContext, LayerIO, LayerPlan

_DATA, _LABEL = 0, 1


@dataclass(frozen=True)
class DataFacts:
    """What fills the tops."""

    feed: BatchFeed


def feed_of(facts: object) -> BatchFeed | None:
    """What fills the tops of a layer, given the facts of its plan; None where nothing does."""
    return facts.feed if isinstance(facts, DataFacts) else None


def source_of(facts: object) -> ArraySource | None:
    """The data set that a layer reads, given the facts of its plan; None where it reads none."""
    feed = feed_of(facts)
    return None if feed is None else feed.source


class FedLayer(Layer[DataFacts]):
    """A layer without bottoms whose facts hold the feed of its tops."""

    bottom_count = NONE
    has_backward = False

    def forward(self, io: LayerIO[DataFacts]) -> None:
        """Write the batch."""
        feed = io.facts.feed
        if feed.varies:
            for top, shape in enumerate(feed.shapes_of(io.run.fed)):
                io.resize(top, shape)
        feed.fill(io.run.fed, io.tops)


def fed_plan(ctx: LayerContext, feed: BatchFeed, ahead: int = 0) -> LayerPlan[DataFacts]:
    """The plan of a layer that `feed` fills; a thread makes the next `ahead` batches.

    None are made ahead where each batch has another shape, as the arrays to make it in are not
    known, and where a batch is made sooner than handed over. Where batches are cut, each shard of
    one is filled on its own. Errors: the number of shards does not divide the rows of a batch.
    """
    if ctx.cut.shards > 1:
        _check_divides(ctx, feed)
        feed, ahead = CutFeed(feed, ctx.cut), ahead * ctx.cut.count
    tops = tuple(
        BlobSpec(shape, feed.label_count, feed.classes) if index == _LABEL else BlobSpec(shape)
        for index, shape in enumerate(feed.shapes)
    )
    if feed.varies:
        return LayerPlan(tops=tops, facts=DataFacts(feed), varying=(_DATA,))
    ahead = 0 if feed.quick else ahead
    return LayerPlan(tops=tops, facts=DataFacts(PrefetchFeed(feed, ahead) if ahead else feed))


def _check_divides(ctx: LayerContext, feed: BatchFeed) -> None:
    """Errors: the number of shards does not divide the rows of a batch, or its classes."""
    choice = feed.choice
    classes = choice.labels_per_batch if isinstance(choice, ClassBatches) else 0
    parts = {"batch_size": feed.shapes[0][0], "labels_per_batch": classes}
    for name, count in parts.items():
        if count % ctx.cut.shards:
            raise ctx.error(
                f"{name} {count} in {ctx.cut.shards} shards",
                wanted="shards are equal parts of a batch, and no class is torn apart",
                do=f"Let shards in the solver divide {name}.",
            )
