"""Accuracy: how often the right class has the highest score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.softmax import count_rivals
from mycaffe_py.layers.activation.softmax import blocks_around
from mycaffe_py.layers.base import (
    TWO,
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.labels import Flags, Labels, read_labels


@dataclass(frozen=True)
class AccuracyFacts:
    """Scores as (outer, C, inner); labels that do not count."""

    blocks: tuple[int, int, int]
    top_k: int
    ignored: tuple[int, ...]
    because: str


@register
class Accuracy(Layer[AccuracyFacts]):
    """Part of the labels whose class is among the top_k highest scores.

    Formula:
        A label is right when fewer than top_k other classes score as high or higher, so a tie
        counts against it; accuracy = right / labels that are not ignored, 0 if there are none.
    Shapes:
        x (N, C, ...) scores; labels (N, ...) without the class axis, or with 1 in its place;
        accuracy (); second top, if any, (C): the same for each class alone, 0 for a class
        without labels. No gradient.
    Source:
        As in Caffe, except that a NaN score counts against the label (in Caffe a NaN at the
        label's own class makes it right) and that a label out of range stops.
    Example:
        layer {
          name: "accuracy" type: "Accuracy" bottom: "x" bottom: "label" top: "accuracy"
          accuracy_param { top_k: 2 }
        }
    """

    type = "Accuracy"
    measures = True
    judges = "class"
    bottom_count = TWO
    top_count = Count(1, 2)
    has_backward = False
    no_gradient = (0, 1)
    example = ((3, 4), (3,))

    def plan(self, ctx: LayerContext) -> LayerPlan[AccuracyFacts]:
        """Scalar top; per-class top (C)."""
        options = ctx.param.accuracy_param
        axis = ctx.axis(options.axis, at=("accuracy_param", "axis"))
        scores, labels = ctx.bottoms
        blocks = blocks_around(scores.shape, axis)
        if labels.count != blocks[0] * blocks[2]:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {labels.shape}",
                at=("bottom", 1),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {scores.shape} with the classes on "
                f"axis {axis}, which needs {blocks[0] * blocks[2]} labels",
            )
        if options.enable_last_element_only:
            raise ctx.error(
                "enable_last_element_only",
                at=("accuracy_param", "enable_last_element_only"),
                wanted="every label counts here",
                do="Name the labels to leave out in ignore_labels.",
            )
        if not 1 <= options.top_k <= blocks[1]:
            raise ctx.error(
                f"top_k {options.top_k}",
                at=("accuracy_param", "top_k"),
                wanted=f"1 to {blocks[1]}, the number of classes",
            )
        facts = AccuracyFacts(
            blocks=blocks,
            top_k=options.top_k,
            ignored=ignored_labels(ctx),
            because=f"bottom '{ctx.param.bottom[0]}' has {blocks[1]} scores on axis {axis}",
        )
        return LayerPlan(
            tops=(BlobSpec(()), BlobSpec((blocks[1],)))[: ctx.top_count],
            scratch={"rivals": Scratch((blocks[0], blocks[2]), np.int64)},
            facts=facts,
        )

    def mean_of(self, io: LayerIO[AccuracyFacts]) -> float:
        """The labels that count."""
        return labels_counted(io.bottoms[1], io.facts.ignored)

    def forward(self, io: LayerIO[AccuracyFacts]) -> None:
        """Count for each row how many classes score as high as its label."""
        facts = io.facts
        rivals = io.scratch["rivals"]
        classes = facts.blocks[1]
        given = io.bottoms[1].reshape(rivals.shape)
        labels, counted = read_labels(io, given, classes, facts.ignored, because=facts.because)
        count_rivals(io.bottoms[0].reshape(facts.blocks), labels, counted, rivals)
        right = labels[counted & (rivals < facts.top_k)]
        seen = int(counted.sum())
        io.tops[0][...] = len(right) / max(1, seen)
        if len(io.tops) > 1:
            per_class = np.bincount(labels[counted], minlength=classes)
            io.tops[1][...] = np.bincount(right, minlength=classes) / np.maximum(1, per_class)


def labels_counted(labels: Array, ignored: tuple[int, ...]) -> int:
    """How many of `labels` are not ignored."""
    return int((~np.isin(labels, ignored)).sum())


def ignored_labels(ctx: LayerContext) -> tuple[int, ...]:
    """The labels of accuracy_param.ignore_label and ignore_labels."""
    options = ctx.param.accuracy_param
    single = (options.ignore_label,) if options.HasField("ignore_label") else ()
    return (*single, *options.ignore_labels)


def check_top_one(ctx: LayerContext) -> None:
    """Nearest-centroid accuracies know top_k 1 and axis 1 only."""
    options = ctx.param.accuracy_param
    for name in ("top_k", "axis"):
        value = getattr(options, name)
        if value != 1:
            raise ctx.error(
                f"{name} {value}", at=("accuracy_param", name), wanted="1: the nearest label counts"
            )


def hit_rate(found: Labels, labels: Labels, counted: Flags) -> float:
    """Part of the counted rows where `found` is the label; nan when no row counts."""
    seen = int(counted.sum())
    return int((counted & (found == labels)).sum()) / seen if seen else float("nan")
