"""The kernels that make up a convolution's forward, with their arguments (Layer.calls)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mycaffe_py.kernels.convolution import im2col as kernels
from mycaffe_py.kernels.products.gemm import gemm_call
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import Array, LayerIO
from mycaffe_py.layers.vision.filter_options import product_sides


def calls_of(io: LayerIO[Any]) -> list[Call] | None:
    """What a Convolution on `io` calls; None where it makes its columns in several parts."""
    facts = io.facts
    if facts.direct is None:
        return _by_columns(io)
    return direct_calls(io, relu=False)


def direct_calls(io: LayerIO[Any], relu: bool) -> list[Call]:
    """One kernel a bottom, without columns; rectified if `relu`."""
    facts, dtype = io.facts, io.tops[0].dtype
    shift = io.params[1] if facts.bias else np.zeros(facts.outputs, dtype)
    ends = np.ones(facts.outputs, dtype), shift
    pairs = zip(io.bottoms, io.tops, strict=True)
    return [_direct(io, bottom, ends, relu, top) for bottom, top in pairs]


def _direct(
    io: LayerIO[Any], bottom: Array, ends: tuple[Array, Array], relu: bool, top: Array
) -> Call:
    """One bottom, without columns; `ends` are factor and shift of each output."""
    columns, direct = io.facts.columns, io.facts.direct
    y = top.reshape(columns.rows, io.facts.outputs, *columns.plane()[4])
    laid_out = io.scratch.get("planes")
    call: Call = direct.call(columns.pictures(bottom), io.params[0], ends, None, relu, laid_out, y)
    return call


def _by_columns(io: LayerIO[Any]) -> list[Call] | None:
    """Columns, product and bias of one bottom; None for several, for groups, and for chunks."""
    facts = io.facts
    columns = facts.columns
    parts = columns.parts()
    if columns.tabled or facts.group > 1 or len(parts) != 1 or len(io.bottoms) != 1:
        return None
    seen, made = product_sides(columns, io.scratch, "products", facts.outputs, parts[0])
    bias = io.params[1] if facts.bias else np.empty(0, io.params[0].dtype)
    product = gemm_call(io.params[0].reshape(facts.outputs, -1), seen, made)
    x, y = columns.pictures(io.bottoms[0]), io.tops[0]
    y = y.reshape(columns.rows, facts.outputs, columns.area)
    return [
        Call(kernels.im2col, (x, *columns.plane(), seen), product.threads),
        product,
        Call(kernels.rows_to_images, (made, bias, y), product.threads),
    ]
