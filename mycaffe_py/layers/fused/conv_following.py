"""Floor 3. Convolution with the layers behind it that only scale, shift, add and rectify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    layer_types,
)
from mycaffe_py.layers.convolution import first_ends, run_direct


@dataclass(frozen=True)
class Following:
    """A layer behind the convolution: its type, its plan, and how many parameters it has."""

    type: str
    plan: LayerPlan

    @property
    def count(self) -> int:
        """Of its parameters."""
        return len(self.plan.params)


class ConvolutionFollowing(Layer):
    """Stands for Convolution [+ BatchNorm with stored means] [+ Scale] [+ Eltwise SUM] [+ ReLU].

    Forward only. Its text is the Convolution's; its parameters are those of all of them in order,
    and so are read anew each time: as many numbers as there are outputs. With an Eltwise its second
    bottom is the other blob of the sum.
    """

    type = "Convolution+Following"
    rows_independent = True
    has_backward = False

    def __init__(self, following: Sequence[Following]) -> None:
        """What follows, in order."""
        self.following = tuple(following)
        self.relu = any(one.type == "ReLU" for one in self.following)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The convolution's, without what its backward needs."""
        plain = layer_types.get("Convolution").plan(ctx)
        params = [*plain.params]
        for one in self.following:
            params += one.plan.params
        return LayerPlan(
            tops=(BlobSpec(plain.tops[0].shape),),
            params=tuple(params),
            scratch={k: room for k, room in plain.scratch.items() if room.use != "backward"},
            facts=plain.facts,
        )

    def forward(self, io: LayerIO) -> None:
        """One pass over the result."""
        ends = io.scratch["ends"]
        first_ends(io, ends)
        start = 2 if io.facts.bias else 1
        for one in self.following:
            _put_behind(one, io.params[start : start + one.count], ends)
            start += one.count
        added = io.bottoms[1].reshape(io.tops[0].shape) if len(io.bottoms) > 1 else None
        run_direct(io, io.bottoms[0], ends, added, self.relu, io.tops[0])


def _put_behind(one: Following, params: Sequence[Array], ends: Array) -> None:
    """Change factor and shift to those of this layer behind what they stood for."""
    if one.type == "BatchNorm":
        mean, variance, count = params
        share = 1 / count[0] if count[0] else count[0]
        spread = np.sqrt(variance * share + variance.dtype.type(one.plan.facts.eps))
        ends[1] -= mean * share
        ends /= spread
    elif one.type == "Scale":
        ends *= params[0].reshape(-1)
        if one.plan.facts.shifts:
            ends[1] += params[1].reshape(-1)
