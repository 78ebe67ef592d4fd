"""Decode: the distances by which a file classifies."""

from __future__ import annotations

import numpy as np

from mycaffe_py.export.onnx.translator import Site, translates
from mycaffe_py.kernels.losses.centroids import NO_DISTANCE
from mycaffe_py.proto.mycaffe_pb2 import DecodeParameter


@translates("Decode")
def decode(at: Site) -> None:
    """Squared distances (N, L) to the centroids; the smallest is the answer.

    A label without a centroid, or one that is ignored, has the largest float as its distance. A
    second top is the centroids, if they are complete.
    """
    facts = at.facts
    if facts.target == DecodeParameter.KNN:
        raise at.refuse("target KNN", at=("decode_param", "target"))
    centroids, status, counts = (array.reshape(len(array), -1) for array in at.arrays[:3])
    labels, features = centroids.shape
    ignored = [label for label in facts.ignored if 0 <= label < labels]
    rows = at.op("Flatten", at.x[0], axis=1)
    apart = at.op(
        "Sub", at.unsqueeze(rows, 1), at.constant(centroids.reshape(1, labels, features), "c")
    )
    nobody = counts[:, 0] == 0
    nobody[ignored] = True
    last = "" if nobody.any() else at.y[0]
    distance = at.op("ReduceSumSquare", apart, out=last, axes=(2,), keepdims=0)
    if nobody.any():
        mask = at.tape.constant(at.fresh("nobody"), nobody.reshape(1, labels))
        at.op("Where", mask, at.constant(NO_DISTANCE), distance, out=at.y[0])
    if len(at.y) > 1:
        complete = np.delete(status[:, 0], ignored).all() and counts.sum() >= facts.wait_items
        shown = centroids if complete else np.zeros_like(centroids)
        at.same(at.constant(shown.reshape(labels, features, 1, 1)), at.y[1])
