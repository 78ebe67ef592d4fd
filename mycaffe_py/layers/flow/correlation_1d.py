"""Correlation1D: how alike the places of two feature maps are along their rows."""

from __future__ import annotations

from mycaffe_py.layers.base import LayerContext, LayerPlan, register
from mycaffe_py.layers.flow.correlation import (
    CorrelationFacts,
    ShiftedMaps,
    check_correlation,
    check_inside,
    shifted,
)

_PARAM = "correlation_param"
# Both maps are laid out with so many zeros more.
_MOST_STEP = 1024


@register
class Correlation1D(ShiftedMaps):
    """Compares the window around each place of one map with those beside it in another.

    Formula:
        g = floor(max_displacement / stride_2); channel c of y stands for the shift of
        (c - g) stride_2 columns; with single_direction 1 of c stride_2, with -1 of
        (c - g - 1) stride_2; y = mean over channels and the kernel_size x kernel_size window of
        a b there, both maps standing in `pad` columns of zeros on each side. correlation_type
        SUBTRACT: of |a - b|. Gradients exact; that of |a - b| is 1 where a = b.
    Shapes:
        a and b (N, C, H, W); y (N, 2g + 1, h, w), with a single_direction (N, g + 1, h, w);
        h = ceil((H - 2r) / stride_1) with r = (kernel_size - 1) / 2,
        w = ceil((W + 2 pad - 2 (max_displacement + r)) / stride_1).
    Source:
        As in FlowNet2's Caffe on a GPU, where DispNet uses it. single_direction -1 leaves out the
        shift by 0 there, and so here; what it then reads left of the zeros is 0 here. do_abs has
        no effect there, nor here.
    Example:
        layer {
          name: "corr" type: "Correlation1D" bottom: "a" bottom: "b" top: "corr"
          correlation_param { pad: 2 kernel_size: 1 max_displacement: 2 single_direction: -1 }
        }
    """

    type = "Correlation1D"
    example = ((2, 3, 4, 5), (2, 3, 4, 5))

    def plan(self, ctx: LayerContext) -> LayerPlan[CorrelationFacts]:
        """A channel for each shift."""
        check_correlation(ctx)
        options, (height, width) = ctx.param.correlation_param, ctx.shapes[0][2:]
        way = options.single_direction
        if way not in (-1, 0, 1):
            raise ctx.error(
                f"single_direction {way}",
                at=(_PARAM, "single_direction"),
                wanted="-1 to the left, 1 to the right, or 0",
            )
        if way and options.stride_2 > _MOST_STEP:
            raise ctx.error(
                f"stride_2 {options.stride_2}",
                at=(_PARAM, "stride_2"),
                wanted=f"at most {_MOST_STEP} pixels",
            )
        radius, reach = options.kernel_size // 2, options.max_displacement
        sides = 2 * (reach + radius - options.pad)
        check_inside(
            ctx,
            (height - 2 * radius, width - sides),
            f"more than {2 * radius} rows and {sides} columns: windows reach {reach + radius} "
            f"pixels to each side, and pad adds {options.pad}",
        )
        grid = reach // options.stride_2
        first = (-grid - 1, -grid, 0)[way + 1]
        count = grid + 1 if way else 2 * grid + 1
        shifts = tuple((0, (first + k) * options.stride_2) for k in range(count))
        # Zeros for the shift that reaches further than max_displacement, and above and below so
        # that the first place is as far from both borders.
        further = options.stride_2 if way < 0 else 0
        pad = (reach + further, options.pad + further)
        inside = (height - 2 * radius, width - sides)
        return shifted(ctx, inside, pad, reach + radius + further, shifts)
