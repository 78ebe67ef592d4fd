"""Floor 3. Dropout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.activations import keep_and_scale
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
    """Chance of a value to be dropped; 0 outside training."""

    ratio: float


@register
class Dropout(Layer):
    """While training, zeroes a random part of the values and scales the others up.

    Formula:
        TRAIN: y = x * kept / (1 - dropout_ratio), kept drawn anew for every batch, 1 with
        probability 1 - dropout_ratio; dx = dy * kept / (1 - dropout_ratio).
        Otherwise y = x and dx = dy.
    Shapes:
        x and y any shape, the same.
    Source:
        Srivastava et al.: Dropout, 2014. As in Caffe, except that which values fall follows from
        the seed, the layer's name and the number of the batch, and that a ratio of 0 is allowed
        while 1 or more is refused.
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

    def plan(self, ctx: LayerContext) -> LayerPlan:
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
        if ctx.phase != TRAIN or ratio == 0:
            return LayerPlan(tops=(BlobSpec(shape),), facts=DropoutFacts(0.0))
        scratch = {"kept": Scratch(shape, np.bool_)}
        return LayerPlan(tops=(BlobSpec(shape),), scratch=scratch, facts=DropoutFacts(ratio))

    def kept_in_place(self, facts: DropoutFacts) -> tuple[str, ...]:
        """All where nothing falls; no gradient flows where a value fell."""
        return KEEPS_SIGNS if facts.ratio else KEEPS_VALUES

    def forward(self, io: LayerIO) -> None:
        """Draw the mask and apply it."""
        x, y = io.bottoms[0], io.tops[0]
        ratio = io.facts.ratio
        if ratio == 0:
            np.copyto(y, x)
            return
        kept = io.scratch["kept"]
        draws = io.stream("dropout").random(x.shape, dtype=np.float32)
        np.greater_equal(draws, np.float32(ratio), out=kept)
        keep_and_scale(x.reshape(-1), kept.reshape(-1), 1 / (1 - ratio), y.reshape(-1))

    def backward(self, io: LayerIO) -> None:
        """The same mask, on the gradient."""
        dx = io.dbottoms[0]
        if dx is None:
            return
        ratio = io.facts.ratio
        if ratio == 0:
            np.copyto(dx, io.dtops[0])
            return
        kept = io.scratch["kept"].reshape(-1)
        keep_and_scale(io.dtops[0].reshape(-1), kept, 1 / (1 - ratio), dx.reshape(-1))
