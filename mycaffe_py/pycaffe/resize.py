"""Resizes pictures by interpolation, without smoothing.

Caffe resizes with scikit-image and scipy; the pictures its models were trained on look like that.
Pictures of 1 or 3 channels are read at pixel centres: (i + 1/2) * size / new - 1/2 on each axis,
which is scikit-image's `resize(order=1, anti_aliasing=False)`. Other arrays (a mean of many
channels, say) are read with the corners on the corners: i * (size - 1) / (new - 1), which is
scipy's `zoom(order=1)`. One difference: places outside the first and last pixel centre, which
occur when enlarging, get the edge's value; Caffe blends the edge into the darkest value there
(scikit-image of its time, mode='constant'). Scikit-image of today smooths before it makes a
picture smaller; Caffe's did not, so this does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError

# (height, width) in pixels.
Size = Sequence[int] | NDArray[Any]


def resize_image(im: NDArray[Any], new_dims: Size, interp_order: int = 1) -> NDArray[np.float32]:
    """`im` (H, W, K) of any number type as float32 (new_dims[0], new_dims[1], K).

    `interp_order` 0 takes the nearest pixel, 1 is linear, 2 to 5 are splines, which need scipy.
    Raises ValueError for an array that is not (H, W, K) or is empty.
    """
    if im.ndim != 3 or 0 in im.shape:
        raise ValueError(f"resize_image takes an array (H, W, K), not one of shape {im.shape}")
    size = (int(new_dims[0]), int(new_dims[1]))
    if min(size) < 1:
        raise ValueError(f"resize_image cannot make a picture of {size[0]}x{size[1]} pixels")
    centres = im.shape[-1] in (1, 3)
    values = im.astype(np.float64)
    if interp_order > 1:
        return _spline(values, size, interp_order, centres).astype(np.float32)
    for axis, new in enumerate(size):
        values = _along(values, axis, _places(im.shape[axis], new, centres), interp_order)
    return values.astype(np.float32)


def _places(size: int, new: int, centres: bool) -> NDArray[np.float64]:
    """Where on an axis of `size` pixels the `new` ones are read."""
    if centres:
        return np.clip((np.arange(new) + 0.5) * (size / new) - 0.5, 0, size - 1)
    places: NDArray[np.float64] = np.linspace(0, size - 1, new)
    return places


def _along(
    values: NDArray[np.float64], axis: int, places: NDArray[np.float64], order: int
) -> NDArray[np.float64]:
    if order == 0:
        return values.take(np.floor(places + 0.5).astype(np.intp), axis)
    low = np.floor(places).astype(np.intp)
    high = np.minimum(low + 1, values.shape[axis] - 1)
    share = (places - low).reshape([-1 if number == axis else 1 for number in range(3)])
    mixed: NDArray[np.float64] = values.take(low, axis) * (1 - share)
    mixed += values.take(high, axis) * share
    return mixed


def _spline(
    values: NDArray[np.float64], size: tuple[int, int], order: int, centres: bool
) -> NDArray[np.float64]:
    try:
        zoom = import_module("scipy.ndimage").zoom
    except ImportError:
        raise UserError(
            f"interp_order={order} needs scipy, which is not installed", do="pip install scipy"
        ) from None
    factors = [new / old for new, old in zip(size, values.shape, strict=False)] + [1.0]
    smooth: NDArray[np.float64] = zoom(
        values, factors, order=order, mode="nearest", grid_mode=centres
    )
    # A spline overshoots the values between; scikit-image cuts that off.
    return np.clip(smooth, values.min(), values.max())
