"""Values of pictures in arrays, brought to bytes as those of files are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.pictures.deep_picture import OWN_SPANS, as_bytes
from mycaffe_py.data.pictures.picture_record import Span
from mycaffe_py.errors import UserError

# Rows looked at together: a whole array of booleans for 60,000 pictures would be 47 MB.
_ROWS = 1024


def check_real(array: NDArray[Any]) -> None:
    """Errors: values that are no real numbers; NaN or infinity."""
    if array.dtype.kind not in "biuf":
        raise UserError(
            f"an array of {array.dtype}", wanted="real numbers: uint8, or integers or floats"
        )
    if array.dtype.kind != "f":
        return
    for first in range(0, len(array), _ROWS):
        wrong = np.argwhere(~np.isfinite(array[first : first + _ROWS]))
        if len(wrong):
            place = (first + int(wrong[0][0]), *wrong[0][1:].tolist())
            raise UserError(
                f"the array has {array[place]} at {list(place)}", wanted="finite numbers only"
            )


def span_of(arrays: Sequence[NDArray[Any]], recorded: Span | None) -> Span | None:
    """Which values of `arrays`, taken together, are black and white; None: bytes already.

    The range that was chosen for the data set (`recorded`) counts. Else integers are bytes up to
    255 and 16-bit numbers above; floats are also shares, where none is above 1. Errors: values
    below 0 or above 65535.
    """
    kinds = {array.dtype.kind for array in arrays}
    if all(array.dtype == np.uint8 for array in arrays):
        return None
    if kinds == {"b"}:
        return OWN_SPANS[0]
    if recorded is not None and recorded not in OWN_SPANS:
        return recorded
    low = min(float(array.min()) for array in arrays)
    top = max(float(array.max()) for array in arrays)
    shares, byte, deep = OWN_SPANS
    if low < 0 or top > deep[1]:
        raise UserError(
            f"the values run from {low:g} to {top:g}",
            wanted="those of pictures run from 0 to 255, to 65535, or as floats from 0 to 1",
            do="Scale them, or say which become black and white with load(..., "
            f"value_range=({low:g}, {top:g})).",
        )
    if "f" in kinds and top <= shares[1]:
        return shares
    if top > byte[1] or (recorded == deep and "f" not in kinds):
        return deep
    return byte


def to_bytes(array: NDArray[Any], span: Span | None) -> NDArray[np.uint8]:
    """`array` with `span` brought to 0-255, uint8 as it is."""
    if span is None or array.dtype == np.uint8:
        return np.asarray(array, np.uint8)
    return as_bytes(array, OWN_SPANS[0] if array.dtype.kind == "b" else span)
