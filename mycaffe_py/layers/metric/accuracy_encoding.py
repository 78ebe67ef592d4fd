"""AccuracyEncoding: how often an encoding is nearest to the centroid of its label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.centroids import nearest_labels, squared_distances
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
from mycaffe_py.layers.metric.centroid_state import (
    CentroidState,
    check_label_rows,
    feature_count,
    label_count,
    state_blobs,
)


@dataclass(frozen=True)
class AccuracyEncodingFacts:
    """Labels whose rows do not count."""

    ignored: tuple[int, ...]


@register
class AccuracyEncoding(Layer[AccuracyEncodingFacts]):
    """Part of the rows whose encoding is nearest to the centroid of their own label.

    Formula:
        accuracy = rows with argmin_l |x - c_l|^2 equal to their first label / rows whose label is
        not ignored; nan if there are none. The lower label wins a tie; a label without a centroid
        never wins, so accuracy is 0 before any training.
    Shapes:
        x (N, D...) encodings; labels (N), (N, 1) or (N, K...), the first of a row counting;
        accuracy (). State: centroids, status and enc_counts of the Decode layer that reads the
        same encodings.
    Source:
        MyCaffe's AccuracyEncoding, right where that is wrong: there the layer learns centroids
        of its own from the very test rows it scores, keeps them while the network changes, and
        never saves them. Here it scores with the centroids that Decode learned in training, and
        learns nothing. ignore_label works.
    Example:
        layer {
          name: "accuracy1" type: "AccuracyEncoding" bottom: "feat" bottom: "sim" top: "accuracy1"
          decode_param { label_count: 10 }
        }
    """

    type = "AccuracyEncoding"
    measures = True
    spellings = ("Accuracy_Encoding",)
    bottom_count = TWO
    has_backward = False
    no_gradient = (0, 1)
    shares_params_with = "Decode"
    example = ((4, 3), (4, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan[AccuracyEncodingFacts]:
        """Scalar top; the state blobs of Decode."""
        check_top_one(ctx)
        features = feature_count(ctx)
        check_label_rows(ctx)
        labels = label_count(ctx)
        rows = ctx.shapes[0][0]
        return LayerPlan(
            tops=(BlobSpec(()),),
            params=state_blobs(labels, features),
            scratch={
                "distance": Scratch((rows, labels)),
                "nearest": Scratch((rows,), np.int64),
            },
            facts=AccuracyEncodingFacts(ignored_labels(ctx)),
        )

    def mean_of(self, io: LayerIO[AccuracyEncodingFacts]) -> float:
        """The rows that count."""
        ignored = (*io.facts.ignored, *io.run.unlearned)
        return labels_counted(first_labels(io.bottoms[1]), ignored)

    def forward(self, io: LayerIO[AccuracyEncodingFacts]) -> None:
        """Find the nearest centroid of each row and compare."""
        state = CentroidState.of(io)
        x = as_rows(io.bottoms[0])
        distance, nearest = io.scratch["distance"], io.scratch["nearest"]
        squared_distances(x, state.centroids, state.counts, distance)
        nearest_labels(distance, nearest)
        count = len(state.centroids)
        labels, counted = read_labels(
            io,
            first_labels(io.bottoms[1]),
            count,
            (*io.facts.ignored, *io.run.unlearned),
            because=f"there are centroids for {count} labels",
            exact=True,
        )
        io.tops[0][...] = hit_rate(nearest, labels, counted)
