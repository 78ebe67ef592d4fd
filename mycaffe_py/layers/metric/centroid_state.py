"""The saved state behind Decode and AccuracyEncoding: centroids, status, counts.

Blob shapes and their order are those MyCaffe saves: centroids (L, D, 1, 1), status (L, 1, 1, 1),
enc_counts (L, 1, 1, 1). No solver touches them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.layers.base import Array, LayerContext, LayerIO, ParamBlob, Shape


@dataclass(frozen=True)
class CentroidState:
    """The state blobs as (L, D), (L,) and (L,) views."""

    centroids: Array
    status: Array
    counts: Array

    @classmethod
    def of(cls, io: LayerIO) -> CentroidState:
        """Views of a layer's first three parameters."""
        centroids, status, counts = io.params[:3]
        return cls(centroids.reshape(len(centroids), -1), status.reshape(-1), counts.reshape(-1))


def feature_count(ctx: LayerContext) -> int:
    """Features D of each row of bottom 0, which may have any further axes."""
    shape = ctx.shapes[0]
    if len(shape) < 2 or math.prod(shape[1:]) == 0:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[0]}' is {shape}",
            at=("bottom", 0),
            wanted="encodings need rows and features, (N, D)",
        )
    return math.prod(shape[1:])


def label_count(ctx: LayerContext, given: int = 0) -> int:
    """Labels L: of the weights about to be loaded, else `given`, label_count, or the label blob's.

    Stored shapes of another number of features say nothing; loading will report them.
    """
    features = feature_count(ctx)
    stored = ctx.stored[0] if ctx.stored else ()
    if len(stored) >= 2 and stored[1] == features:
        return stored[0]
    count = given or ctx.param.decode_param.label_count
    if count <= 0 and len(ctx.bottoms) > 1:
        count = ctx.bottoms[1].label_count
    if count <= 0:
        raise ctx.error(
            "the number of labels is not known",
            at=("decode_param", "label_count"),
            wanted="it follows from the labels of a Data layer, or from weights to be loaded"
            + (f" (those given have centroids {stored})" if stored else ""),
            do="Set decode_param { label_count: ... }, or give the weights.",
        )
    return count


def state_blobs(labels: int, features: int) -> tuple[ParamBlob, ...]:
    """Centroids, status and counts of `labels` labels, all starting at 0."""
    shapes: tuple[Shape, ...] = (
        (labels, features, 1, 1),
        (labels, 1, 1, 1),
        (labels, 1, 1, 1),
    )
    return tuple(ParamBlob(shape, learned=False) for shape in shapes)


def check_label_rows(ctx: LayerContext) -> None:
    """Bottom 1 must have labels for each row of bottom 0."""
    rows, labels = ctx.shapes[0][0], ctx.shapes[1]
    if not labels or labels[0] != rows or math.prod(labels[1:]) == 0:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[1]}' is {labels}",
            at=("bottom", 1),
            wanted=f"bottom '{ctx.param.bottom[0]}' has {rows} rows, and each needs a label",
        )
