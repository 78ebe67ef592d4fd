"""Dropout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.activations import keep_and_scale
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.in_place import KEEPS_SIGNS, KEEPS_VALUES
from mycaffe_py.proto.mycaffe_pb2 import TRAIN


@dataclass(frozen=True)
class DropoutFacts:
    """The chance that a value is dropped, 0 outside training; what the others are multiplied by."""

    ratio: float
    factor: float


@register
class Dropout(Layer[DropoutFacts]):
    """While training, zeroes a random part of the values and scales the others up.

    Formula:
        TRAIN: y = x * kept / (1 - dropout_ratio), kept drawn anew for every batch, 1 with
        probability 1 - dropout_ratio; dx = dy * kept / (1 - dropout_ratio).
        Otherwise y = x and dx = dy.
        With scale_train false the division is left out, and otherwise y = x * (1 - dropout_ratio).
        With sample_weights_test values are dropped in all phases.
    Shapes:
        x and y any shape, the same.
    Source:
        Srivastava et al.: Dropout, 2014. As in Caffe, except that which values fall follows from
        the seed, the layer's name and the number of the batch, and that a ratio of 0 is allowed
        while 1 or more is refused. scale_train is Faster R-CNN's, sample_weights_test SegNet's,
        for Kendall et al.: Bayesian SegNet, 2015.
    Example:
        layer {
          name: "drop" type: "Dropout" bottom: "x" top: "y"
          dropout_param { dropout_ratio: 0.4 }
        }
    """

    type = "Dropout"
    may_be_in_place = True
    backward_reads = ("scratch",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[DropoutFacts]:
        """The top has the bottom's shape; in TRAIN there is a mask beside it."""
        ratio = ctx.param.dropout_param.dropout_ratio
        if not 0 <= ratio < 1:
            raise ctx.error(
                f"dropout_ratio {ratio:g}",
                at=("dropout_param", "dropout_ratio"),
                wanted="it is the chance of a value to be dropped, from 0 to below 1, "
                "as the values kept are divided by 1 - dropout_ratio",
            )
        shape = ctx.shapes[0]
        options = ctx.param.dropout_param
        drops = ctx.phase == TRAIN or options.sample_weights_test
        if not drops or ratio == 0:
            facts = DropoutFacts(0.0, 1.0 if options.scale_train else 1 - ratio)
            return LayerPlan(tops=(BlobSpec(shape),), facts=facts)
        facts = DropoutFacts(ratio, 1 / (1 - ratio) if options.scale_train else 1.0)
        scratch = {"kept": Scratch(shape, np.bool_)}
        return LayerPlan(tops=(BlobSpec(shape),), scratch=scratch, facts=facts)

    def kept_in_place(self, facts: DropoutFacts) -> tuple[str, ...]:
        """The values where none is dropped; where one was dropped no gradient flows."""
        return KEEPS_VALUES if facts == DropoutFacts(0.0, 1.0) else KEEPS_SIGNS

    def forward(self, io: LayerIO[DropoutFacts]) -> None:
        """Draw the mask and apply it."""
        x, y = io.bottoms[0], io.tops[0]
        ratio = io.facts.ratio
        if ratio == 0:
            np.multiply(x, x.dtype.type(io.facts.factor), out=y)
            return
        kept = io.scratch["kept"]
        draws = io.stream("dropout").random(x.shape, dtype=np.float32)
        np.greater_equal(draws, np.float32(ratio), out=kept)
        keep_and_scale(x.reshape(-1), kept.reshape(-1), io.facts.factor, y.reshape(-1))

    def calls(self, io: LayerIO[DropoutFacts]) -> tuple[Call, ...] | None:
        """None at all where x stays as it is."""
        stays = io.facts == DropoutFacts(0.0, 1.0)
        return () if stays and io.tops[0].ctypes.data == io.bottoms[0].ctypes.data else None

    def backward(self, io: LayerIO[DropoutFacts]) -> None:
        """Apply the same mask to the gradient."""
        dx = io.dbottoms[0]
        if dx is None:
            return
        if io.facts.ratio == 0:
            np.multiply(io.dtops[0], dx.dtype.type(io.facts.factor), out=dx)
            return
        kept = io.scratch["kept"].reshape(-1)
        keep_and_scale(io.dtops[0].reshape(-1), kept, io.facts.factor, dx.reshape(-1))
