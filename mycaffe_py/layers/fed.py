"""Floor 3. What layers that are filled by a feed have in common."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.data.choice import Chooses
from mycaffe_py.data.feed import BatchFeed, Feed
from mycaffe_py.data.image_list import ImageListFeed
from mycaffe_py.data.prefetch import PrefetchFeed
from mycaffe_py.data.record_feed import RecordFeed
from mycaffe_py.layers.base import NONE, BlobSpec, Layer, LayerIO, LayerPlan
from mycaffe_py.layers.source_feed import SourceFeed

_DATA, _LABEL = 0, 1


@dataclass(frozen=True)
class DataFacts:
    """What fills the tops; `varies` says that each batch tells the shape of the first one anew."""

    feed: BatchFeed
    varies: bool = False


def feed_of(facts: object) -> Feed | None:
    """The feed of a layer that reads a data set, given the facts of its plan; else None."""
    if not isinstance(facts, DataFacts):
        return None
    feed = facts.feed.feed if isinstance(facts.feed, PrefetchFeed) else facts.feed
    return feed if isinstance(feed, Feed) else None


def choice_of(facts: object) -> Chooses | None:
    """What chooses the items of a layer's batches, given the facts of its plan, or None."""
    if not isinstance(facts, DataFacts):
        return None
    feed = facts.feed.feed if isinstance(facts.feed, PrefetchFeed) else facts.feed
    if isinstance(feed, SourceFeed):
        return feed.choice
    return feed.selection if isinstance(feed, Feed) else None


class FedLayer(Layer):
    """A layer without bottoms whose facts hold the feed of its tops."""

    bottom_count = NONE
    has_backward = False

    def forward(self, io: LayerIO) -> None:
        """Write the batch."""
        facts = io.facts
        if facts.varies:
            for top, shape in enumerate(facts.feed.shapes_of(io.run.batch_number)):
                io.resize(top, shape)
        facts.feed.fill(io.run.batch_number, io.tops)


def fed_plan(feed: BatchFeed, ahead: int = 0) -> LayerPlan:
    """The plan of a layer that `feed` fills; a thread makes the next `ahead` batches.

    None are made ahead where pictures of any size come one by one, as their room is not known, and
    where a batch is made sooner than handed over.
    """
    if isinstance(feed, Feed) and feed.quick:
        ahead = 0
    labels = feed.classes if isinstance(feed, Feed) else ()
    tops = tuple(
        BlobSpec(shape, feed.label_count, labels) if index == _LABEL else BlobSpec(shape)
        for index, shape in enumerate(feed.shapes)
    )
    if isinstance(feed, RecordFeed | ImageListFeed) and feed.varies:
        return LayerPlan(tops=tops, facts=DataFacts(feed, varies=True), varying=(_DATA,))
    return LayerPlan(tops=tops, facts=DataFacts(PrefetchFeed(feed, ahead) if ahead else feed))
