"""AccuracyDecode: how often the smallest distance is that to the row's own label."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.centroids import nearest_labels
from mycaffe_py.layers.base import (
    TWO,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.labels import as_rows, first_labels, read_labels
from mycaffe_py.layers.metric.accuracy import (
    check_top_one,
    hit_rate,
    ignored_labels,
    labels_counted,
)
from mycaffe_py.layers.metric.centroid_state import check_label_rows


@dataclass(frozen=True)
class AccuracyDecodeFacts:
    """Labels whose rows do not count, and what sets the number of labels."""

    ignored: tuple[int, ...]
    because: str


@register
class AccuracyDecode(Layer[AccuracyDecodeFacts]):
    """Part of the rows whose smallest distance is that to their own label.

    Formula:
        accuracy = rows with argmin_l d_l equal to their first label / rows whose label is not
        ignored; nan if there are none. The lower label wins a tie; a distance of the largest
        float32 (no centroid yet) or NaN never wins.
    Shapes:
        d (N, L...) distances, as Decode makes them; labels (N), (N, 1) or (N, K...), the first
        of a row counting; accuracy (). No gradient.
    Source:
        MyCaffe's AccuracyDecode. Before any training it is 0 (there: the part of label 0).
    Example:
        layer {
          name: "accuracy1" type: "AccuracyDecode" bottom: "decode1" bottom: "sim"
          top: "accuracy1" accuracy_param { ignore_label: 9 }
        }
    """

    type = "AccuracyDecode"
    measures = True
    spellings = ("Accuracy_Decode",)
    bottom_count = TWO
    has_backward = False
    no_gradient = (0, 1)
    example = ((4, 3), (4, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan[AccuracyDecodeFacts]:
        """Scalar top."""
        check_top_one(ctx)
        name, shape = ctx.param.bottom[0], ctx.shapes[0]
        if len(shape) < 2 or math.prod(shape[1:]) == 0:
            raise ctx.error(
                f"bottom '{name}' is {shape}",
                at=("bottom", 0),
                wanted="rows of distances, one for each label, (N, L)",
            )
        check_label_rows(ctx)
        because = f"bottom '{name}' has {math.prod(shape[1:])} distances a row"
        return LayerPlan(
            tops=(BlobSpec(()),),
            scratch={"nearest": Scratch((shape[0],), np.int64)},
            facts=AccuracyDecodeFacts(ignored_labels(ctx), because),
        )

    def mean_of(self, io: LayerIO[AccuracyDecodeFacts]) -> float:
        """The rows that count."""
        ignored = (*io.facts.ignored, *io.run.unlearned)
        return labels_counted(first_labels(io.bottoms[1]), ignored)

    def forward(self, io: LayerIO[AccuracyDecodeFacts]) -> None:
        """Find the smallest distance of each row and compare."""
        distance = as_rows(io.bottoms[0])
        nearest = io.scratch["nearest"]
        nearest_labels(distance, nearest)
        labels, counted = read_labels(
            io,
            first_labels(io.bottoms[1]),
            distance.shape[1],
            (*io.facts.ignored, *io.run.unlearned),
            because=io.facts.because,
            exact=True,
        )
        io.tops[0][...] = hit_rate(nearest, labels, counted)
