"""Names of classes behind an exported net: distances to all of them, the nearest, and unknown.

As trained/identify.py decides it: beyond the threshold an input is unknown; an enrolled class has a
limit of its own, and is none where a trained one is hardly farther (trained/open_space.py).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mycaffe_py.export.answers import AnswerBlobs, Answers
from mycaffe_py.export.onnx.onnx_net import Dim, OnnxNet, Port
from mycaffe_py.export.onnx.operators import Operators
from mycaffe_py.kernels.losses.centroids import NO_DISTANCE
from mycaffe_py.trained.open_space import RATIO

# The threshold is often the distance of one known item. Other programs sum in another order, so
# what is this share beyond it still counts.
SLACK = 1e-4


def with_naming(net: OnnxNet, answers: Answers, blobs: AnswerBlobs) -> OnnxNet:
    """`net`, which makes `blobs`, with four outputs more.

    `label` (N,) is the place of the nearest class among the labels, `distance` (N,) how far it is,
    `unknown` (N,) whether it does not count, `distances` (N, labels) are those to all classes.
    A name that the net has already gets a number behind it.
    """
    do = Operators(net, "naming")
    ports = _ports(do, net.outputs[0].dims[0], len(answers.labels))
    label, distance, unknown, distances = (port.name for port in ports)
    learned = _learned(do, answers, blobs)
    added = _added(do, answers, blobs)
    kind, *rows = ("Min", learned, added) if added else ("Identity", learned)
    do.op(kind, *rows, out=distances)
    nearest = do.op("ArgMin", distances, axis=1, keepdims=1)
    near = do.op("GatherElements", distances, nearest, axis=1)
    within = _within(do, answers, nearest, near, learned, added)
    do.op("Squeeze", nearest, do.whole(1), out=label)
    do.op("Squeeze", near, do.whole(1), out=distance)
    do.op("Not", do.op("Squeeze", within, do.whole(1)), out=unknown)
    return replace(
        net,
        ops=(*net.ops, *do.tape.ops),
        constants={**net.constants, **do.tape.constants},
        outputs=(*net.outputs, *ports),
    )


def _ports(do: Operators, batch: Dim, count: int) -> tuple[Port, Port, Port, Port]:
    fresh = do.tape.fresh
    return (
        Port(fresh("label"), (batch,), "int64"),
        Port(fresh("distance"), (batch,)),
        Port(fresh("unknown"), (batch,), "bool"),
        Port(fresh("distances"), (batch, count)),
    )


def _learned(do: Operators, answers: Answers, blobs: AnswerBlobs) -> str:
    """(N, labels): distances to the trained classes, and to the others the largest float."""
    if blobs.distances:
        rows = do.op("Gather", blobs.distances, do.constant(answers.numbers), axis=1)
    else:
        rows = _squared(do, blobs.features, answers.centroids)
    only_enrolled = len(answers.labels) - len(answers.trained)
    return _padded(do, rows, only_enrolled) if only_enrolled else rows


def _added(do: Operators, answers: Answers, blobs: AnswerBlobs) -> str:
    """The same for the enrolled classes; "" where there are none."""
    if not answers.enrolled:
        return ""
    rows = _padded(do, _squared(do, blobs.features, answers.means), 1)
    places = {name: place for place, name in enumerate(answers.enrolled)}
    columns = [places.get(name, len(places)) for name in answers.labels]
    return do.op("Gather", rows, do.whole(*columns), axis=1)


def _squared(do: Operators, features: str, centroids: np.ndarray) -> str:
    """(N, L): squared distances to `centroids` (L, D)."""
    rows = do.op("Unsqueeze", do.op("Flatten", features, axis=1), do.whole(1))
    apart = do.op("Sub", rows, do.constant(centroids[np.newaxis]))
    return do.op("ReduceSumSquare", apart, axes=(2,), keepdims=0)


def _padded(do: Operators, rows: str, count: int) -> str:
    """`count` more columns of the largest float."""
    nobody = do.constant(np.float32(NO_DISTANCE))
    return do.op("Pad", rows, do.whole(0, 0, 0, count), nobody, mode="constant")


def _within(
    do: Operators, answers: Answers, nearest: str, distance: str, learned: str, added: str
) -> str:
    """(N, 1) truth: whether an input belongs to the nearest class. NaN belongs to none."""
    threshold = answers.threshold
    trained_limit = _limit(do, threshold.value)
    if not added:
        return do.op("LessOrEqual", distance, trained_limit)
    own = do.op("GatherElements", added, nearest, axis=1)
    other = do.op("GatherElements", learned, nearest, axis=1)
    by_example = do.op("Less", own, other)
    reach = dict(zip(answers.enrolled, answers.limits, strict=True))
    limits = np.array([reach.get(name, threshold.value) for name in answers.labels])
    reached = do.op("Gather", _limit(do, limits), nearest, axis=0)
    within = do.op("LessOrEqual", distance, do.op("Where", by_example, reached, trained_limit))
    if threshold.floor is None:
        return within
    # The ratio test: beyond the threshold no trained class may be hardly farther than this one.
    places = do.constant(np.arange(len(answers.labels))[np.newaxis])
    nobody = do.constant(np.float32(NO_DISTANCE))
    others = do.op("Where", do.op("Equal", places, nearest), nobody, learned)
    rival = do.op("ReduceMin", others, axes=(1,), keepdims=1)
    clear = do.op("LessOrEqual", distance, do.op("Mul", rival, _limit(do, RATIO)))
    near = do.op("LessOrEqual", distance, trained_limit)
    allowed = do.op("Or", do.op("Or", clear, near), do.op("Not", by_example))
    return do.op("And", within, allowed)


def _limit(do: Operators, value: float | np.ndarray) -> str:
    return do.constant((np.asarray(value) * (1 + SLACK)).astype(np.float32))
