"""DataSequence: anchors, positives and negatives from single labelled images."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mycaffe_py.layers.base import (
    ANY,
    TWO,
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.labels import first_labels, read_labels
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter

Numbers = npt.NDArray[np.int64]

FIELD = "data_sequence_param"
# The place of the partner of a row whose label no other row has.
_ALONE = -1


@dataclass(frozen=True)
class DataSequenceFacts:
    """Labels run from `start` to `start + count - 1`; `size` newest items of each are kept."""

    start: int
    count: int
    size: int
    negatives: int
    balanced: bool
    tells_labels: bool


@register
class DataSequence(Layer[DataSequenceFacts]):
    """Puts a partner or two beside each item of a batch: what triplet and Siamese nets are fed.

    Formula:
        The cache_size newest items of each label are kept, this batch's included. Anchors are the
        batch, in order. A positive is drawn evenly from the other kept items of the anchor's
        label; a negative from those of another label, drawn evenly first.
        k 0: tops anchor, other; the other is a positive in rows 0, 2, ..., a negative in rows
        1, 3, ... (balance_matches), or always a negative.
        k 1 or more: tops anchor, positive, k negatives.
        No gradient.
    Shapes:
        data (N, ...), label (N) or (N, 1); each top (N, ...) as data; last top, unless
        output_labels is false, labels (N, 2 + k) in the order of the tops.
    Source:
        As in MyCaffe, whose draws differ: there the first and last label come half as often, and
        items in turn. An anchor that has its label to itself is its own positive; MyCaffe stops.
        label_count 0: taken from the data set (there from the first batch). The draws follow from
        the seed, the layer's name and the number of the batch. What is kept is saved with
        the solver's state, so a resumed run forms the same triplets.
        Dropped from RUN nets: what reads the anchors reads the input there.
    Example:
        layer {
          name: "triplets" type: "DataSequence" bottom: "data" bottom: "label"
          top: "anchor" top: "positive" top: "negative" top: "labels"
          data_sequence_param { cache_size: 8 k: 1 label_count: 2 }
        }
    """

    type = "DataSequence"
    spellings = ("Data_Sequence",)
    bottom_count = TWO
    top_count = ANY
    has_backward = False
    no_gradient = (0, 1)
    example = ((6, 3), (6,))

    def brings_data(self, param: LayerParameter) -> bool:
        """Yes: it arranges the batch, for which it needs labels."""
        return True

    def plan(self, ctx: LayerContext) -> LayerPlan[DataSequenceFacts]:
        """Tops shaped as the data; the kept items and how many there were of each label."""
        options = ctx.param.data_sequence_param
        count = _checked_count(ctx)
        data, parts = ctx.shapes[0], 2 + options.k
        tops = [BlobSpec(data)] * parts
        if options.output_labels:
            tops.append(BlobSpec((data[0], parts), options.label_start + count))
        return LayerPlan(
            tops=tuple(tops),
            scratch={
                "kept": Scratch((count * options.cache_size, math.prod(data[1:])), use="carried"),
                "seen": Scratch((count,), np.int64, use="carried"),
            },
            facts=DataSequenceFacts(
                options.label_start,
                count,
                options.cache_size,
                options.k,
                options.balance_matches,
                options.output_labels,
            ),
        )

    def forward(self, io: LayerIO[DataSequenceFacts]) -> None:
        """Keep the batch, then draw each row's partners among what is kept."""
        facts = io.facts
        x = io.bottoms[0].reshape(len(io.bottoms[0]), -1)
        labels = _labels(io)
        own = _keep(io, x, labels)
        partners = max(1, 1 + facts.negatives)
        draws = io.stream("data_sequence").random((len(x), partners, 2))
        chosen = np.stack([_negatives(io, labels, draws[:, p]) for p in range(partners)], axis=1)
        matching = np.zeros(len(x), np.bool_)
        matching[::2] = facts.balanced
        if facts.negatives:
            matching.fill(True)
        chosen[matching, 0] = _positives(io, labels, own, draws[:, 0, 0])[matching]
        np.copyto(io.tops[0], io.bottoms[0])
        for top, places in zip(io.tops[1:], chosen.T, strict=False):
            y = top.reshape(x.shape)
            np.take(io.scratch["kept"], places, axis=0, out=y, mode="clip")
            y[places == _ALONE] = x[places == _ALONE]
        if facts.tells_labels:
            found = np.where(chosen == _ALONE, labels[:, None], chosen // facts.size)
            io.tops[-1][...] = np.hstack([labels[:, None], found]) + facts.start


def _checked_count(ctx: LayerContext) -> int:
    """Number of labels. Errors: options, bottoms or tops that do not fit each other."""
    options = ctx.param.data_sequence_param
    for name, least in (("cache_size", 1), ("k", 0), ("label_count", 0), ("label_start", 0)):
        value = getattr(options, name)
        if value < least:
            raise ctx.error(f"{name} {value}", at=(FIELD, name), wanted=f"{least} or more")
    data, labels = ctx.shapes
    if not data or not labels or data[0] != labels[0] or math.prod(labels) != labels[0]:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[0]}' is {data}, '{ctx.param.bottom[1]}' is {labels}",
            at=("bottom", 1),
            wanted="one label for each item, so single images",
        )
    count = options.label_count or ctx.bottoms[1].label_count - options.label_start
    if count <= 0:
        raise ctx.error(
            "the number of labels is not known",
            at=(FIELD, "label_count"),
            wanted="it follows from the labels of a Data layer, or is given",
            do=f"Set {FIELD} {{ label_count: ... }}.",
        )
    parts = 2 + options.k
    if ctx.top_count != parts + options.output_labels:
        with_labels = ", and one for labels" if options.output_labels else ""
        raise ctx.error(
            f"{ctx.top_count} tops",
            at=("top", 0),
            wanted=f"k {options.k} makes {parts}{with_labels}",
        )
    return count


def _labels(io: LayerIO[DataSequenceFacts]) -> Numbers:
    """(N,) labels counted from label_start."""
    facts = io.facts
    end = facts.start + facts.count
    because = f"label_start is {facts.start} and there are {facts.count} labels"
    labels, _ = read_labels(io, first_labels(io.bottoms[1]), end, (), because=because, exact=True)
    if (labels < facts.start).any():
        raise io.context.error(
            f"label {labels.min()} in bottom '{io.context.param.bottom[1]}'",
            at=("bottom", 1),
            wanted=f"labels from {facts.start} to {end - 1}, because {because}",
        )
    return labels - facts.start


def _keep(io: LayerIO[DataSequenceFacts], x: Array, labels: Numbers) -> Numbers:
    """Put the rows in their labels' places, over the oldest; return where each one is.

    Label l has places l * size to (l + 1) * size - 1. A row that a later row of this batch was
    written over has no place: _ALONE.
    """
    size, seen = io.facts.size, io.scratch["seen"]
    np.maximum(seen, 0, out=seen)
    own = np.full(len(x), _ALONE)
    row_at: dict[int, int] = {}
    for row, label in enumerate(labels):
        place = int(label * size + seen[label] % size)
        if place in row_at:
            own[row_at[place]] = _ALONE
        row_at[place] = row
        own[row] = place
        io.scratch["kept"][place] = x[row]
        seen[label] += 1
    return own


def _positives(
    io: LayerIO[DataSequenceFacts], labels: Numbers, own: Numbers, draws: Array
) -> Numbers:
    """(N,) places of other items of the label, _ALONE where there is none; 0 <= draws < 1."""
    number = np.minimum(io.scratch["seen"], io.facts.size)[labels]
    others = number - (own != _ALONE)
    places: Numbers = labels * io.facts.size + (draws * others).astype(np.int64)
    places += (own != _ALONE) & (places >= own)
    places[others == 0] = _ALONE
    return places


def _negatives(io: LayerIO[DataSequenceFacts], labels: Numbers, draws: Array) -> Numbers:
    """(N,) places of items of other labels; draws (N, 2), for the label and for the item."""
    number = np.minimum(io.scratch["seen"], io.facts.size)
    present = np.flatnonzero(number)
    if len(present) == 1:
        raise io.context.error(
            f"all items so far have label {int(present[0]) + io.facts.start}",
            at=("bottom", 1),
            wanted="two labels or more in the first batch, to draw negatives from",
            do="Raise batch_size, or set enable_random_selection in the Data layer.",
        )
    index = (draws[:, 0] * (len(present) - 1)).astype(np.int64)
    others = present[index + (index >= np.searchsorted(present, labels))]
    places: Numbers = others * io.facts.size + (draws[:, 1] * number[others]).astype(np.int64)
    return places
