"""PrototypicalLoss: rows of a batch are told apart by the means of a few others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mycaffe_py.kernels.losses.prototypical import make_prototypes, pull_apart, tell_apart
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
from mycaffe_py.layers.labels import exact_labels, first_labels

_FIELD = "prototypical_loss_param"


@dataclass(frozen=True)
class PrototypicalFacts:
    """How many rows of a label make its prototype, and the factor of squared distances."""

    shots: int
    scale: float


@register
class PrototypicalLoss(Layer[PrototypicalFacts]):
    """Cross entropy of telling rows apart by their distances to prototypes of their own batch.

    Formula:
        The first `shots` rows of each label are its support, the others are queries. Prototype
        c_l is the mean of its support. A query x of label y costs
        -ln softmax_y(-scale |x - c_l|^2) over all labels l of the batch; loss is the mean over the
        Q queries, 0 without one. With p the softmax, w the loss weight and
        g_l = (p_l - [l = y]) w/Q: dx = -2 scale sum_l g_l (x - c_l), and each support row of l
        gets 2 scale sum over queries of g_l (x - c_l), by the number of its support rows.
        accuracy: the share of queries whose own prototype is the nearest; not a number without one.
    Shapes:
        features (N, ...); labels (N) or (N, K...), of which the first counts: a whole number, small
        enough (2^24) for the net's precision, else it stops. loss (); accuracy, optional, ().
    Source:
        Snell, Swersky, Zemel: Prototypical Networks for Few-shot Learning, 2017, equations 1 and 2.
        An episode is a batch of data_param { labels_per_batch images_per_label }. There scale is 1;
        in shards of a batch each shard is an episode of its own.
    Example:
        layer {
          name: "loss" type: "PrototypicalLoss" bottom: "feat" bottom: "label" top: "loss"
          prototypical_loss_param { shots: 1 }
        }
    """

    type = "PrototypicalLoss"
    bottom_count = TWO
    top_count = Count(1, 2)
    is_loss = True
    judges = "pairs"
    no_gradient = (1,)
    backward_reads = ("bottoms", "scratch")
    example = ((6, 3), (6,))

    def plan(self, ctx: LayerContext) -> LayerPlan[PrototypicalFacts]:
        """Scalar tops. Errors: no label for each row, options out of range."""
        features, labels = ctx.shapes
        if not features or not labels or features[0] != labels[0] or 0 in labels:
            first, second = ctx.param.bottom
            raise ctx.error(
                f"bottom '{first}' is {features}, bottom '{second}' is {labels}",
                at=("bottom", 1),
                wanted="each row of features needs a label",
            )
        options = ctx.param.prototypical_loss_param
        if options.shots < 1:
            raise ctx.error(
                "shots is 0", at=(_FIELD, "shots"), wanted="1 or more rows make a prototype"
            )
        if not (math.isfinite(options.scale) and options.scale > 0):
            raise ctx.error(
                f"scale is {options.scale:g}", at=(_FIELD, "scale"), wanted="a number above 0"
            )
        rows, size = features[0], math.prod(features[1:])
        return LayerPlan(
            tops=(BlobSpec(()), BlobSpec(()))[: ctx.top_count],
            scratch={
                "classes": Scratch((rows,), np.int64),
                "supports": Scratch((rows,), np.bool_),
                "shots": Scratch((rows,), np.int64),
                "prototypes": Scratch((rows, size), np.float64),
                "slopes": Scratch((rows, rows), np.float64),
                "asked": Scratch((2,), np.int64),
            },
            facts=PrototypicalFacts(options.shots, options.scale),
        )

    def mean_of(self, io: LayerIO[PrototypicalFacts]) -> float:
        """The queries."""
        return float(io.scratch["asked"][0])

    def forward(self, io: LayerIO[PrototypicalFacts]) -> None:
        """Prototypes, then the mean of the queries' terms."""
        x, scratch = _rows(io.bottoms[0]), io.scratch
        labels = exact_labels(io, first_labels(io.bottoms[1]))
        scratch["classes"][...], count = _numbered(labels)
        scratch["supports"][...] = _places(labels) < io.facts.shots
        prototypes = scratch["prototypes"][:count]
        make_prototypes(
            x, scratch["classes"], scratch["supports"], scratch["shots"][:count], prototypes
        )
        total, right, asked = tell_apart(
            x, scratch["classes"], scratch["supports"], prototypes, io.facts.scale,
            scratch["slopes"][:, :count],
        )  # fmt: skip
        scratch["asked"][...] = asked, count
        io.tops[0][...] = total / max(1, asked)
        if len(io.tops) > 1:
            io.tops[1][...] = right / asked if asked else np.nan

    def backward(self, io: LayerIO[PrototypicalFacts]) -> None:
        """Queries to their own prototype and away from others, supports along with these."""
        dx = io.dbottoms[0]
        if dx is None:
            return
        scratch = io.scratch
        asked, count = scratch["asked"].tolist()
        factor = float(io.dtops[0]) * io.facts.scale / max(1, asked)
        pull_apart(
            _rows(io.bottoms[0]), scratch["classes"], scratch["supports"],
            scratch["shots"][:count], scratch["prototypes"][:count], scratch["slopes"][:, :count],
            factor, _rows(dx),
        )  # fmt: skip


def _numbered(labels: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], int]:
    """Labels (N,) as 0, 1, ... and how many there are."""
    known, numbers = np.unique(labels, return_inverse=True)
    return numbers.reshape(labels.shape), len(known)


def _places(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(N,) how many earlier rows have the label of a row."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    places = np.empty(len(labels), np.int64)
    places[order] = np.arange(len(labels)) - np.searchsorted(ordered, ordered)
    return places


def _rows(array: Array) -> Array:
    """(N, ...) as (N, D)."""
    return array.reshape(len(array), -1)
