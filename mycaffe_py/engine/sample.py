"""A fixed sample of a data set, and where a net puts it: what a film is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.selection.balanced import balanced_sample
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.random_streams import stream
from mycaffe_py.snapshot.film import FilmHead, Frame

# Enough for a map of ten classes; a frame of siamese_28x28 then takes as long as 1.5 iterations.
SAMPLE_ITEMS = 500
SAMPLE_BATCH = 100


@dataclass(frozen=True, eq=False)
class Sample:
    """Items of a data set: `images` (M, C, H, W), and what a film says of them."""

    images: Images
    head: FilmHead


def draw_sample(source: ArraySource, seed: int, net: AnsweringNet) -> Sample:
    """At most 500 items of `source`, balanced over its classes, the same for the same seed.

    The head's net has no name yet and its interval is 0.
    """
    records = balanced_sample(source.labels, SAMPLE_ITEMS, stream(seed, "film"))
    images = source.gather(records)
    labels = source.labels[records]
    head = FilmHead(
        net="",
        seed=seed,
        every=0,
        width=net.encodings(images[:1]).shape[1],
        source=source.name,
        checksum=source.checksum,
        items=len(source),
        stand_in_for=source.stand_in_for or "",
        decodes=net.by_distance,
        records=tuple(records.tolist()),
        labels=tuple(labels.tolist()),
        label_names={i: source.label_names.get(i, str(i)) for i in np.unique(labels).tolist()},
    )
    return Sample(images, head)


def take_frame(
    sample: Sample, net: AnsweringNet, iteration: int, losses: Sequence[float] = ()
) -> Frame:
    """Where `net` puts the sample now, and the centroids a Decode layer has learned so far."""
    points = net.encodings(sample.images)
    centroids, learned = np.empty((0, sample.head.width), np.float32), np.empty(0, np.int64)
    if sample.head.decodes:
        every, counts = net.centroids()
        learned = np.flatnonzero(counts > 0)
        centroids = every[learned].astype(np.float32)
    return Frame(iteration, points, centroids, learned, np.asarray(losses, np.float32))
