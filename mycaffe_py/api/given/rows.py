"""Values that go into a net as they are: features, and float images of a program's own data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.api.given.given import Given, items_of, name_of
from mycaffe_py.api.given.layout import pictures_laid_out
from mycaffe_py.api.given.pixel_values import check_real
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.errors import UserError


def given_rows(given: Any, like: ArraySource) -> Given:
    """Arrays with the values and the size the net learned from: (N, D), or (N, H, W[, C]).

    Errors: something else, another size, NaN.
    """
    items = items_of(given)
    if isinstance(items, list):
        items = _stacked(items, like)
    check_real(items)
    rows = _laid_out(items, like.shape)
    if rows.shape[1:] != like.shape:
        raise _refused(items, like.shape)
    return Given(
        len(rows),
        lambda first, end: np.ascontiguousarray(rows[first:end], np.float32),
        lambda number: name_of(None, number),
    )


def _stacked(items: list[Any], like: ArraySource) -> NDArray[Any]:
    """Arrays of one shape as one. Errors: files or pictures, which have other values."""
    for item in items:
        if not isinstance(item, np.ndarray) and not hasattr(item, "__array__"):
            raise UserError(
                f"an object of type {type(item).__name__} is given",
                wanted=f"the net takes arrays of {like.shape}, as those it learned from",
            )
    arrays = [np.asarray(item) for item in items]
    other = [array.shape for array in arrays if array.shape != arrays[0].shape]
    if other:
        raise UserError(
            f"arrays of shapes {arrays[0].shape} and {other[0]}", wanted="all of one shape"
        )
    return np.stack(arrays)


def _laid_out(array: NDArray[Any], net: tuple[int, int, int]) -> NDArray[Any]:
    """(n, C, H, W), as far as the shape allows."""
    if array.size == 0:
        raise _refused(array, net)
    if net[1:] == (1, 1):
        table = array[None] if array.ndim == 1 else array
        return table[:, :, None, None] if table.ndim == 2 else table
    return pictures_laid_out(array, net).transpose(0, 3, 1, 2)


def _refused(array: NDArray[Any], net: tuple[int, int, int]) -> UserError:
    channels, height, width = net
    if net[1:] == (1, 1):
        wanted = f"rows of features are (N, {channels}), one row is ({channels},)"
    else:
        more = f", {channels}" if channels > 1 else ""
        wanted = f"(N, {height}, {width}{more}) of values as those the net learned from"
    return UserError(f"an array of shape {array.shape}", wanted=wanted)
