"""Correlation: how alike the places of two feature maps are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mycaffe_py.kernels.flow.correlation import correlate, correlate_backward
from mycaffe_py.layers.base import (
    TWO,
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.proto.mycaffe_pb2 import CorrelationParameter as Options

Shifts = tuple[tuple[int, int], ...]
# 263,169 channels; FlowNet2 has 10 steps, 441 channels.
_MOST_STEPS = 256
# Both maps are laid out with their padding.
_MOST_PIXELS = 1024


@dataclass(frozen=True)
class CorrelationFacts:
    """Radius of the window; zeros above and on the left; first place, step to the next; shifts."""

    radius: int
    pad: tuple[int, int]
    border: int
    stride: int
    shifts: Shifts
    subtract: bool

    @property
    def given(self) -> tuple[npt.NDArray[np.int64], int, int, int, bool]:
        """What both kernels ask for; shifts are (D, 2), rows and columns."""
        table = np.array(self.shifts, np.int64)
        return table, self.radius, self.border, self.stride, self.subtract

    def padded(self, x: Array) -> Array:
        """Maps in their zeros."""
        return np.pad(x, ((0, 0), (0, 0), *((zeros, zeros) for zeros in self.pad)))


class ShiftedMaps(Layer[CorrelationFacts]):
    """Compares a map with another one that is shifted. A layer says in `plan` by how much."""

    bottom_count = TWO
    rows_independent = True
    backward_reads = ("bottoms",)

    def forward(self, io: LayerIO[CorrelationFacts]) -> None:
        """Item by item."""
        a, b = (io.facts.padded(x) for x in io.bottoms)
        for item, y in enumerate(io.tops[0]):
            correlate(a[item], b[item], *io.facts.given, y)

    def backward(self, io: LayerIO[CorrelationFacts]) -> None:
        """Both gradients at once, padding and all."""
        facts = io.facts
        a, b = (facts.padded(x) for x in io.bottoms)
        da, db = np.zeros_like(a), np.zeros_like(b)
        for item, dy in enumerate(io.dtops[0]):
            correlate_backward(a[item], b[item], *facts.given, dy, da[item], db[item])
        size = io.bottoms[0].shape[2:]
        rows, columns = (slice(at, at + n) for at, n in zip(facts.pad, size, strict=True))
        for dx, made in zip(io.dbottoms, (da, db), strict=True):
            if dx is not None:
                dx[...] = made[:, :, rows, columns]


@register
class Correlation(ShiftedMaps):
    """Compares the window around each place of one map with those nearby in another.

    Formula:
        g = floor(max_displacement / stride_2); channel c of y stands for the shift of
        ((c mod (2g + 1)) - g) stride_2 columns and (c / (2g + 1) - g) stride_2 rows;
        y = mean over channels and the kernel_size x kernel_size window of a b there, both maps
        standing in `pad` zeros. correlation_type SUBTRACT: of |a - b|. Gradients exact; that of
        |a - b| is 1 where a = b.
    Shapes:
        a and b (N, C, H, W); y (N, (2g + 1)^2, h, w), h = ceil((H + 2 pad - 2 (max_displacement +
        r)) / stride_1) with r = (kernel_size - 1) / 2, w alike.
    Source:
        Dosovitskiy and others: FlowNet: Learning Optical Flow with Convolutional Networks, 2015,
        equation 1. As in FlowNet2's Caffe on a GPU, and as in OpenCV; it has no CPU form there.
        SUBTRACT has its true gradient here (there windows are compared without the shift). do_abs
        and single_direction have no effect there, nor here: they are Correlation1D's.
    Example:
        layer {
          name: "corr" type: "Correlation" bottom: "a" bottom: "b" top: "corr"
          correlation_param { pad: 2 kernel_size: 1 max_displacement: 2 stride_1: 1 stride_2: 1 }
        }
    """

    type = "Correlation"
    example = ((2, 3, 4, 5), (2, 3, 4, 5))

    def plan(self, ctx: LayerContext) -> LayerPlan[CorrelationFacts]:
        """A channel for each shift."""
        options = ctx.param.correlation_param
        check_correlation(ctx)
        a = ctx.shapes[0]
        border = options.max_displacement + options.kernel_size // 2
        inside = [length + 2 * options.pad - 2 * border for length in a[2:]]
        check_inside(
            ctx,
            inside,
            f"more than {2 * border - 2 * options.pad} rows and columns: windows reach {border} "
            f"pixels to each side, and pad adds {options.pad}",
        )
        grid = options.max_displacement // options.stride_2
        steps = [step * options.stride_2 for step in range(-grid, grid + 1)]
        shifts = tuple((row, column) for row in steps for column in steps)
        return shifted(ctx, inside, (options.pad, options.pad), border, shifts)


def shifted(
    ctx: LayerContext, inside: Sequence[int], pad: tuple[int, int], border: int, shifts: Shifts
) -> LayerPlan[CorrelationFacts]:
    """The plan for these shifts, of windows whose middles lie in so many rows and columns."""
    options, a = ctx.param.correlation_param, ctx.shapes[0]
    size = [-(-length // options.stride_1) for length in inside]
    facts = CorrelationFacts(
        radius=options.kernel_size // 2,
        pad=pad,
        border=border,
        stride=options.stride_1,
        shifts=shifts,
        subtract=options.correlation_type == Options.SUBTRACT,
    )
    return LayerPlan(tops=(BlobSpec((a[0], len(shifts), *size)),), facts=facts)


def check_inside(ctx: LayerContext, inside: Sequence[int], wanted: str) -> None:
    """Errors: maps in which no window has room."""
    if min(inside) < 1:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[0]}' is {ctx.shapes[0]}", at=("bottom", 0), wanted=wanted
        )


def check_correlation(ctx: LayerContext) -> None:
    """Errors: mistakes of the options that any maps would show, and bottoms that differ."""
    name, options = "correlation_param", ctx.param.correlation_param
    for field in ("kernel_size", "max_displacement"):
        if not options.HasField(field):
            raise ctx.error(
                f"no {field}",
                at=(name,),
                do="Write for instance: pad: 20 kernel_size: 1 max_displacement: 20 stride_2: 2",
            )
    if options.kernel_size % 2 == 0:
        raise ctx.error(
            f"kernel_size {options.kernel_size}",
            at=(name, "kernel_size"),
            wanted="an odd number: the window has a middle",
        )
    for field in ("pad", "kernel_size"):
        if getattr(options, field) > _MOST_PIXELS:
            raise ctx.error(
                f"{field} {getattr(options, field)}",
                at=(name, field),
                wanted=f"at most {_MOST_PIXELS} pixels",
            )
    for field in ("stride_1", "stride_2"):
        if not getattr(options, field):
            raise ctx.error(f"{field} 0", at=(name, field), wanted="1 or more")
    if options.max_displacement // options.stride_2 > _MOST_STEPS:
        raise ctx.error(
            f"max_displacement {options.max_displacement} in steps of {options.stride_2}",
            at=(name, "max_displacement"),
            wanted=f"at most {_MOST_STEPS} steps to each side: a channel stands for each shift",
        )
    a, b = ctx.shapes
    if len(a) != 4 or a != b:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[1]}' is {b}",
            at=("bottom", 1),
            wanted=f"two maps of one shape (N, C, H, W); bottom '{ctx.param.bottom[0]}' is {a}",
        )
