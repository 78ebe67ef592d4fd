"""Convolution, Deconvolution, Im2col and InnerProduct."""

from __future__ import annotations

import math

import numpy as np

from mycaffe_py.export.onnx.onnx_net import Dims
from mycaffe_py.export.onnx.translator import Site, translates
from mycaffe_py.kernels.losses.margin_scores import unit_rows
from mycaffe_py.layers.vision.sliding_window import SlidingWindow, convolution_window


@translates("Convolution")
def convolution(at: Site) -> None:
    """Conv; what has no pixels gets one."""
    _filtered(at, "Conv")


@translates("Deconvolution")
def deconvolution(at: Site) -> None:
    """ConvTranspose, whose weights lie as Caffe's do."""
    _filtered(at, "ConvTranspose")


def _filtered(at: Site, kind: str) -> None:
    axis, window = _window(at)
    inputs = [at.param(index) for index in range(len(at.arrays))]
    if not window.kernel:
        inputs[0] = at.unsqueeze(inputs[0], 2)
    for x, y, before, behind in zip(at.x, at.y, at.bottoms, at.tops, strict=True):
        plain = axis == 1 and bool(window.kernel)
        pictures = x if plain else at.reshape(x, _pictures(before, axis))
        made = at.op(
            kind, pictures, *inputs, out=y if plain else "",
            **_attributes(window), group=at.options.convolution_param.group,
        )  # fmt: skip
        if not plain:
            at.reshape(made, behind, out=y)


def _window(at: Site) -> tuple[int, SlidingWindow]:
    """The axis of the channels, and the window over those behind it."""
    axes = len(at.bottoms[0])
    axis = at.options.convolution_param.axis % axes
    return axis, convolution_window(at.node.context, axes - axis - 1)


def _pictures(dims: Dims, axis: int) -> Dims:
    """(rows, C, pixels...): all axes before `axis` as one, at least one axis of pixels."""
    rows = {0: 1, 1: dims[0]}.get(axis, "rows")
    return (rows, *dims[axis:], *(() if dims[axis + 1 :] else (1,)))


def _attributes(window: SlidingWindow) -> dict[str, tuple[int, ...]]:
    """Of Conv; the single pixel of what has none is seen by a filter of 1."""
    if not window.kernel:
        return {"kernel_shape": (1,)}
    return {
        "kernel_shape": window.kernel,
        "strides": window.stride,
        "pads": (*window.pad, *window.pad),
        "dilations": window.dilation,
    }


@translates("Im2col")
def im2col(at: Site) -> None:
    """A Conv whose filters each see one place of the window: 1 there, 0 elsewhere."""
    axis, window = _window(at)
    channels = at.length(at.bottoms[0], axis)
    places = math.prod(window.kernel)
    one_place = np.eye(places).reshape(places, 1, *(window.kernel or (1,)))
    filters = at.constant(np.concatenate([one_place] * channels), "places")
    plain = axis == 1 and bool(window.kernel)
    pictures = at.x[0] if plain else at.reshape(at.x[0], _pictures(at.bottoms[0], axis))
    made = at.op(
        "Conv", pictures, filters, out=at.y[0] if plain else "",
        **_attributes(window), group=channels,
    )  # fmt: skip
    if not plain:
        at.reshape(made, at.tops[0], out=at.y[0])


@translates("MarginInnerProduct")
def margin_inner_product(at: Site) -> None:
    """Gemm with rows of length 1; the margin is for learning."""
    if len(at.x) > 1:
        raise at.refuse(
            "an angular margin has no ONNX form",
            do="Export a net without labels: in its RUN net this layer has no margin.",
        )
    axis = at.options.margin_inner_product_param.axis % len(at.bottoms[0])
    unit = np.empty_like(at.arrays[0])
    unit_rows(at.arrays[0], unit)
    rows = at.op("Flatten", at.x[0], axis=axis)
    made = at.op("Gemm", rows, at.constant(unit), transB=1)
    at.reshape(made, at.tops[0], out=at.y[0])


@translates("InnerProduct")
def inner_product(at: Site) -> None:
    """Gemm of the rows; what stands ahead of `axis` is put back behind it."""
    dims = at.bottoms[0]
    axis = at.options.inner_product_param.axis % len(dims)
    flat = len(dims) == 2 and axis == 1
    rows = at.x[0] if flat else at.op("Flatten", at.x[0], axis=axis)
    params = [at.param(index) for index in range(len(at.arrays))]
    at_once = axis == 1
    made = at.op(
        "Gemm", rows, *params, out=at.y[0] if at_once else "", transB=int(not at.facts.transpose)
    )
    if not at_once:
        at.reshape(made, at.tops[0], out=at.y[0])
