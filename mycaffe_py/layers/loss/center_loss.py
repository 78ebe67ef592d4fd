"""CenterLoss: features drawn to the centre of their class."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.center import distances_to_centers, move_centers, toward_centers
from mycaffe_py.layers.base import (
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
from mycaffe_py.layers.fillers import filled
from mycaffe_py.layers.labels import read_labels


@dataclass(frozen=True)
class CenterLossFacts:
    """Rows, numbers of a feature, classes."""

    rows: int
    features: int
    classes: int


@register
class CenterLoss(Layer[CenterLossFacts]):
    """Half the mean squared distance of each feature to a learned centre of its class.

    Formula:
        loss = sum |x_m - c_label|^2 / (2 M). dx = w (x - c) / M, with w the loss weight. The
        centres move by a rule of their own, whatever the loss weight:
        dc_j = sum over the rows of class j of (c_j - x) / (1 + their number), so that a
        rate of 1 takes a centre nearly to the mean of its rows.
    Shapes:
        x (M, ...), K numbers from `axis` on; labels (M); centres (L, K), L = num_output; loss ().
    Source:
        Wen, Zhang, Li, Qiao: A Discriminative Feature Learning Approach for Deep Face Recognition,
        2016, equations 2 to 4. As in its Caffe. Alone it would draw everything to one point: it
        stands beside a SoftmaxWithLoss, with a small loss_weight. A label out of range stops (there
        it was read from foreign memory). In shards of a batch a centre moves by the mean of what
        the shards ask for.
    Example:
        layer {
          name: "center_loss" type: "CenterLoss" bottom: "feat" bottom: "label" top: "center_loss"
          loss_weight: 0.01
          center_loss_param { num_output: 3 center_filler { type: "xavier" } }
        }
    """

    type = "CenterLoss"
    bottom_count = TWO
    is_loss = True
    judges = "class"
    no_gradient = (1,)
    backward_reads = ("bottoms", "params", "scratch")
    example = ((5, 4), (5,))

    def plan(self, ctx: LayerContext) -> LayerPlan[CenterLossFacts]:
        """Scalar top, a centre for each class."""
        options = ctx.param.center_loss_param
        name = "center_loss_param"
        if options.num_output < 1:
            raise ctx.error(
                "no num_output",
                at=(name,),
                wanted="the number of classes",
                do="Write for instance: num_output: 10",
            )
        x, labels = ctx.bottoms
        axis = ctx.axis(options.axis, (name, "axis"))
        facts = CenterLossFacts(
            math.prod(x.shape[:axis]), math.prod(x.shape[axis:]), options.num_output
        )
        if facts.features < 1:
            raise ctx.error(
                f"bottom is {x.shape}", at=("bottom", 0), wanted="at least one number a feature"
            )
        if labels.count != facts.rows:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {labels.shape}",
                at=("bottom", 1),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {x.shape}, which needs {facts.rows} "
                "labels",
            )
        size = (facts.classes, facts.features)
        return LayerPlan(
            tops=(BlobSpec(()),),
            params=(filled(size, options.center_filler, ctx.where.at(name, "center_filler")),),
            scratch={
                "labels": Scratch((facts.rows,), np.int64),
                "counts": Scratch((facts.classes,), np.int64, use="backward"),
            },
            facts=facts,
        )

    def mean_of(self, io: LayerIO[CenterLossFacts]) -> float:
        """The rows."""
        return io.facts.rows

    def forward(self, io: LayerIO[CenterLossFacts]) -> None:
        """The sum over all rows, by twice their number."""
        facts, labels = io.facts, io.scratch["labels"]
        because = f"num_output is {facts.classes}"
        given = io.bottoms[1].reshape(facts.rows)
        labels[...], _ = read_labels(io, given, facts.classes, (), because=because)
        total = distances_to_centers(_rows(io), labels, io.params[0])
        io.tops[0][...] = total / (2 * max(1, facts.rows))

    def backward(self, io: LayerIO[CenterLossFacts]) -> None:
        """Toward the centres, and the centres toward their rows."""
        facts, labels = io.facts, io.scratch["labels"]
        x, centers = _rows(io), io.params[0]
        dx, dcenters = io.dbottoms[0], io.dparams[0]
        if dx is not None:
            factor = x.dtype.type(float(io.dtops[0]) / max(1, facts.rows))
            toward_centers(x, labels, centers, factor, dx.reshape(x.shape))
        if dcenters is not None:
            share = 1 / io.run.cut.shards
            move_centers(x, labels, centers, share, io.scratch["counts"], dcenters)


def _rows(io: LayerIO[CenterLossFacts]) -> Array:
    """The features as (M, K)."""
    return io.bottoms[0].reshape(io.facts.rows, io.facts.features)
