"""KNN: classes by the nearest remembered encodings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    ParamBlob,
    Shape,
    register,
)
from mycaffe_py.layers.labels import first_labels, read_labels
from mycaffe_py.proto.mycaffe_pb2 import TRAIN

FIELD = "knn_param"


@dataclass(frozen=True)
class KNNFacts:
    """Classes, neighbours whose distances are averaged, batches that are remembered."""

    classes: int
    k: int
    batches: int


@register
class KNN(Layer[KNNFacts]):
    """Tells for each class how near its remembered encodings are; the largest value wins.

    Formula:
        In TRAIN the last max_stored_batches batches (those of all shards) are remembered, and
        y = 0.
        Otherwise y_nl = 1 - (d_l - min d) / (max d - min d), with d_l the mean of the k smallest
        distances |x_n - z| to remembered encodings z of class l (of all, where there are fewer
        or k is 0); 0 for a class of which nothing is remembered; 1 where all d are equal.
        No gradient.
    Shapes:
        x (N, D...) encodings; labels (N) or (N, K...), of which the first counts, needed in TRAIN
        only. y (N, num_output).
        State: info (1, 1, 1, 1), how many batches there are; then for each place the encodings,
        shaped as x, and their labels.
    Source:
        MyCaffe's KNN, whose files load here. Right where MyCaffe is wrong: column l is class l
        (there the l-th class that was seen), equal distances do not divide by 0, no labels are
        needed to answer, batches for testing may have another size, and the place to write next
        follows from the number of the batch, so a resumed run goes on where it was.
    Example:
        layer {
          name: "knn" type: "KNN" bottom: "feat" bottom: "label" top: "knn"
          knn_param { num_output: 3 k: 2 max_stored_batches: 2 }
        }
    """

    type = "KNN"
    answers = "votes"
    bottoms_in_run = 1
    bottom_count = Count(1, 2)
    has_backward = False
    no_gradient = (0, 1)
    example = ((4, 3), (4,))

    def plan(self, ctx: LayerContext) -> LayerPlan[KNNFacts]:
        """One score for each class; places for the batches."""
        options = ctx.param.knn_param
        for name, least in (("k", 0), ("num_output", 1), ("max_stored_batches", 1)):
            value = getattr(options, name)
            if value < least:
                raise ctx.error(f"{name} {value}", at=(FIELD, name), wanted=f"{least} or more")
        encodings = ctx.shapes[0]
        if not encodings or ctx.bottoms[0].count == 0:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {encodings}",
                at=("bottom", 0),
                wanted="rows of encodings, (N, D)",
            )
        if ctx.phase == TRAIN and len(ctx.bottoms) < 2:
            raise ctx.error(
                "no labels",
                at=("bottom", 0),
                wanted="in TRAIN a second bottom says which class each row is of",
            )
        shapes = _places(ctx)
        state = [ParamBlob(shape, learned=False) for shape in ((1, 1, 1, 1), *shapes)]
        return LayerPlan(
            tops=(BlobSpec((encodings[0], options.num_output)),),
            params=tuple(state),
            facts=KNNFacts(options.num_output, options.k, len(shapes) // 2),
        )

    def forward(self, io: LayerIO[KNNFacts]) -> None:
        """Remember in TRAIN, else answer."""
        if io.phase == TRAIN:
            if not io.run.learns_later:
                self.learn(io, [self.observed(io)])
            io.tops[0][...] = 0
        else:
            self._answer(io)

    def observed(self, io: LayerIO[KNNFacts]) -> tuple[Array, ...]:
        """Encodings and labels."""
        if io.phase != TRAIN:
            return ()
        _classes(io, io.bottoms[1])
        return io.bottoms[0], io.bottoms[1]

    def learn(self, io: LayerIO[KNNFacts], observed: Sequence[tuple[Array, ...]]) -> None:
        """Write the batch into the first free place, or in turn over the older batches."""
        batches = io.facts.batches
        stored = int(io.params[0].item())
        place = stored if stored < batches else io.run.batch_number % batches
        encodings, labels = zip(*observed, strict=True)
        np.concatenate(encodings, out=io.params[1 + 2 * place])
        np.concatenate(labels, out=io.params[2 + 2 * place])
        io.params[0][...] = min(stored + 1, batches)

    def _answer(self, io: LayerIO[KNNFacts]) -> None:
        """Find for each row the nearest encodings of each class."""
        facts = io.facts
        x = io.bottoms[0].reshape(len(io.bottoms[0]), -1)
        y = io.tops[0]
        y.fill(0)
        count = min(int(io.params[0].item()), facts.batches)
        if count == 0:
            return
        places = [io.params[1 + 2 * place] for place in range(count)]
        z = np.concatenate([place.reshape(-1, x.shape[1]) for place in places])
        classes = np.concatenate([_classes(io, io.params[2 + 2 * p]) for p in range(count)])
        known = np.unique(classes)
        for row in range(len(x)):
            distances = np.sqrt(((z - x[row]) ** 2).sum(axis=1))
            d = np.array([_nearest(distances[classes == label], facts.k) for label in known])
            span = d.max() - d.min()
            y[row, known] = 1 - (d - d.min()) / (span if span != 0 else 1)


def _places(ctx: LayerContext) -> list[Shape]:
    """Shapes of encodings and labels for each batch; outside TRAIN as they are stored, if so."""
    encodings = ctx.shapes[0]
    labels = ctx.shapes[1] if len(ctx.shapes) > 1 else encodings[:1]
    stored = list(ctx.stored or ())[1:]
    features = math.prod(encodings[1:])
    fits = stored and len(stored) % 2 == 0 and math.prod(stored[0][1:]) == features
    if ctx.phase != TRAIN and fits:
        return stored
    whole = [(shape[0] * ctx.cut.shards, *shape[1:]) for shape in (encodings, labels)]
    return whole * ctx.param.knn_param.max_stored_batches


def _classes(io: LayerIO[KNNFacts], labels: Array) -> Array:
    """(N,) first labels, checked."""
    because = f"num_output is {io.facts.classes}"
    first = first_labels(labels)
    return read_labels(io, first, io.facts.classes, (), because=because, exact=True)[0]


def _nearest(distances: Array, k: int) -> float:
    """Mean of the k smallest."""
    return float(np.sort(distances)[: k or len(distances)].mean())
