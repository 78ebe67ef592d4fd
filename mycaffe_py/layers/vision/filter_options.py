"""What Convolution and Deconvolution share: checks of filters, tables for products."""

from __future__ import annotations

from collections.abc import Mapping

from mycaffe_py.layers.base import Array, LayerContext
from mycaffe_py.layers.vision.columns import Columns


def check_filters(ctx: LayerContext, axis: int) -> None:
    """Several bottoms must have one shape, and `group` must divide channels and num_output."""
    options = ctx.param.convolution_param
    at = "convolution_param"
    shape = ctx.shapes[0]
    for index, other in enumerate(ctx.shapes):
        if other != shape:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[index]}' is {other}",
                at=("bottom", index),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, and the filters are the same",
            )
    channels, outputs, group = shape[axis], options.num_output, options.group
    if outputs < 1:
        raise ctx.error("no num_output", at=(at,), do="Write for instance: num_output: 20")
    if group < 1 or channels % group or outputs % group:
        raise ctx.error(
            f"group {group} for {channels} channels and num_output {outputs}",
            at=(at, "group"),
            wanted="group must divide both",
        )


def product_sides(
    columns: Columns, scratch: Mapping[str, Array], name: str, lines: int, part: slice
) -> tuple[Array, Array]:
    """Scratch for the products of the n pictures of a part.

    Columns (C * T, n * P), and under `name` the other side (`lines`, n * P).
    """
    places = (part.stop - part.start) * columns.area
    seen = scratch["columns"][: columns.lines * places].reshape(columns.lines, places)
    return seen, scratch[name][: lines * places].reshape(lines, places)


def group_tables(
    group: int, w: Array, columns: Array, other: Array
) -> list[tuple[Array, Array, Array]]:
    """(w, columns, other side) of each group, as tables."""
    lines, seen = other.shape[0] // group, columns.shape[0] // group
    filters = w.reshape(group, lines, seen)
    return [
        (
            filters[g],
            columns[g * seen : (g + 1) * seen],
            other[g * lines : (g + 1) * lines],
        )
        for g in range(group)
    ]
