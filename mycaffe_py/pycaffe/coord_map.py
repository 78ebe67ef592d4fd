"""Where a pixel of one blob lies in another: there = scale * here + shift.

A map is (axis, scale, shift): the first spatial axis (None where a layer does not care), and for
each spatial axis, or for all of them at once, how far apart neighbours lie and where the first one
does. `coord_map_from_to(n.score, n.data)` maps along the layers between two tops of one net, and
`crop(n.score, n.data)` is the Crop layer that lines the first up with the second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from mycaffe_py.pycaffe.net_spec import Function, Top, layers

CoordMap = tuple[int | None, Any, Any]

_IDENTITY: CoordMap = (None, 1, 0)
_PASS_THROUGH = (
    "AbsVal", "BatchNorm", "Bias", "BNLL", "Dropout", "Eltwise", "ELU", "Log", "LRN", "Exp", "MVN",
    "Power", "ReLU", "PReLU", "Scale", "Sigmoid", "Split", "TanH", "Threshold",
)  # fmt: skip
_ONE_AXIS_FIELDS = ("kernel_h", "kernel_w", "stride_h", "stride_w", "pad_h", "pad_w")


class UndefinedMapException(Exception):  # noqa: N818, the name that scripts catch
    """A layer whose tops have no place in its bottoms."""


class AxisMismatchException(Exception):  # noqa: N818, the name that scripts catch
    """Maps that begin at different axes."""


def coord_map(fn: Function) -> CoordMap:
    """The map from places in the bottom of the layer `fn` to places in its top.

    Convolution, Pooling, Im2col: scale 1/stride, shift (pad - (kernel - 1)/2)/stride, where kernel
    counts its dilation. Deconvolution is the inverse of that, Crop shifts by -offset, layers that
    work on each value alone map nothing. Raises UndefinedMapException for all others.
    """
    if fn.type_name in ("Convolution", "Pooling", "Im2col"):
        axis, kernel, stride, pad = _sliding_window(fn)
        return axis, 1 / stride, (pad - (kernel - 1) / 2) / stride
    if fn.type_name == "Deconvolution":
        axis, kernel, stride, pad = _sliding_window(fn)
        return axis, stride, (kernel - 1) / 2 - pad
    if fn.type_name == "Crop":
        own = fn.params.get("crop_param", fn.params)
        return own.get("axis", 2) - 1, 1, -np.atleast_1d(own.get("offset", 0))
    if fn.type_name in _PASS_THROUGH:
        return _IDENTITY
    raise UndefinedMapException(f"a {fn.type_name} layer has no map of coordinates")


def _sliding_window(fn: Function) -> tuple[int, Any, Any, Any]:
    """(axis, kernel with its dilation, stride, pad) of a layer with a sliding window."""
    field = "pooling_param" if fn.type_name == "Pooling" else "convolution_param"
    own = fn.params.get(field, fn.params)
    single = [name for name in _ONE_AXIS_FIELDS if name in own]
    if single:
        raise AssertionError(f"{single[0]}: give kernel_size, stride and pad as lists instead")
    dilation = np.atleast_1d(own.get("dilation", 1))
    kernel = (np.atleast_1d(own["kernel_size"]) - 1) * dilation + 1
    stride, pad = (np.atleast_1d(own.get(*field)) for field in (("stride", 1), ("pad", 0)))
    return own.get("axis", 1), kernel, stride, pad


def compose(base: CoordMap, following: CoordMap) -> CoordMap:
    """The map that does `following` first and `base` on what comes of it."""
    axis1, scale1, shift1 = base
    axis2, scale2, shift2 = following
    if axis1 is not None and axis2 is not None and axis1 != axis2:
        raise AxisMismatchException(f"one map begins at axis {axis1}, the other at axis {axis2}")
    axis = axis2 if axis1 is None else axis1
    return axis, scale1 * scale2, scale1 * shift2 + shift1


def inverse(mapping: CoordMap) -> CoordMap:
    """The map that undoes `mapping`."""
    axis, scale, shift = mapping
    return axis, 1 / scale, -shift / scale


def coord_map_from_to(top_from: Top, top_to: Top) -> CoordMap:
    """The map from places in `top_from` to places in `top_to`.

    It goes through the nearest blob that leads to both. Raises RuntimeError where no layers with a
    map connect the two.
    """
    known = dict(_upstream(top_from))
    for top, mapping in _upstream(top_to):
        if top in known:
            return compose(mapping, inverse(known[top]))
    raise RuntimeError("the two tops are not connected by layers that map coordinates")


def _upstream(top: Top) -> Iterator[tuple[Top, CoordMap]]:
    """`top` and the tops before it, nearest first, each with the map from it to `top`."""
    waiting = deque([(top, _IDENTITY)])
    seen = {top}
    while waiting:
        here, mapping = waiting.popleft()
        yield here, mapping
        # The second bottom of a Crop lends its size only; its place is that of the first.
        bottoms = here.fn.inputs[:1] if here.fn.type_name == "Crop" else here.fn.inputs
        try:
            step = coord_map(here.fn)
        except UndefinedMapException:
            continue
        for bottom in bottoms:
            if bottom not in seen:
                seen.add(bottom)
                waiting.append((bottom, compose(mapping, step)))


def crop(top_from: Top, top_to: Top) -> Top:
    """The top of a Crop layer that cuts `top_from` to the place and size of `top_to`.

    Raises AssertionError where the two differ in scale, or the cut is negative or no whole number.
    """
    axis, scale, shift = coord_map_from_to(top_from, top_to)
    if not np.allclose(scale, 1):
        raise AssertionError(f"the scales differ by {scale}; cropping cannot make them equal")
    if not np.all(np.less_equal(shift, 1e-6)):
        raise AssertionError(f"cannot crop a negative offset, {np.negative(shift)}")
    if not np.allclose(np.round(shift), shift):
        raise AssertionError(f"cannot crop an offset of parts of pixels, {np.negative(shift)}")
    offset = [round(value) for value in np.atleast_1d(np.negative(shift)).tolist()]
    # A map's axes count from the channels, a Crop's from the images.
    param = {"axis": 2 if axis is None else axis + 1, "offset": offset}
    cut: Top = layers.Crop(top_from, top_to, crop_param=param)
    return cut
