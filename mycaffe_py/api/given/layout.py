"""Which axis of an array is which. What could be meant in two ways is refused."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from mycaffe_py.errors import UserError

# Channels of pictures: gray, colours, colours with transparency.
CHANNELS = (1, 3, 4)
WANTED = (
    "pictures are (N, height, width) or (N, height, width, channels), one picture is "
    "(height, width) or (height, width, channels), with 1, 3 or 4 channels"
)

Values = NDArray[Any]


def pictures_laid_out(array: Values, net: tuple[int, int, int]) -> Values:
    """`array` as pictures (N, h, w, c), for a net that takes `net` (C, H, W).

    Errors: another number of axes, an axis of length 0, a shape that can be read in two ways.
    """
    _check_sizes(array)
    if array.ndim == 2:
        _check_no_rows(array, net)
        return array[None, :, :, None]
    if array.ndim == 3:
        return _of_three_axes(array, net)
    if array.ndim == 4 and array.shape[3] in CHANNELS:
        return array
    raise _refused(array, _turned(array))


def picture_laid_out(array: Values) -> Values:
    """One picture (h, w, c) of an `array` that is one of several. Errors: as above."""
    _check_sizes(array)
    if array.ndim == 2:
        return array[:, :, None]
    if array.ndim == 3 and array.shape[2] in CHANNELS:
        return array
    raise UserError(
        f"one of the pictures has shape {array.shape}",
        wanted="in a list, each is one picture: (height, width) or (height, width, channels), with "
        "1, 3 or 4 channels",
        do="Channels come last here: write picture.transpose(1, 2, 0)."
        if array.ndim == 3 and array.shape[0] in CHANNELS
        else "",
    )


def _of_three_axes(array: Values, net: tuple[int, int, int]) -> Values:
    """(N, h, w) or (h, w, c)."""
    first, second, last = array.shape
    whole = last in CHANNELS
    if whole and (second, last) == net[1:]:
        raise _refused(
            array,
            "Write images[..., None] for gray pictures, or images[None] for one picture.",
        )
    if not whole and first == net[0] == 3:
        raise _refused(
            array,
            "Write images.transpose(1, 2, 0) for one picture in colours, or images[..., None] for "
            "three gray ones.",
        )
    if last == 2 and net[2] != 2:
        raise _refused(array, "")
    return array[None] if whole else array[..., None]


def _check_sizes(array: Values) -> None:
    if array.size == 0:
        raise UserError(
            f"an array of shape {array.shape} holds nothing", wanted="at least one picture"
        )


def _check_no_rows(array: Values, net: tuple[int, int, int]) -> None:
    """Errors: it is a table whose rows are pictures laid out in one line."""
    channels, height, width = net
    values = channels * height * width
    if array.shape[1] == values and array.shape[1] > width:
        more = f", {channels}" if channels > 1 else ""
        raise _refused(
            array, f"For rows of pictures write images.reshape(-1, {height}, {width}{more})."
        )


def _turned(array: Values) -> str:
    """What to do with pictures whose channels come first, as Caffe has them."""
    if array.ndim == 4 and array.shape[1] in CHANNELS:
        return "Channels come last here: write images.transpose(0, 2, 3, 1)."
    return ""


def _refused(array: Values, do: str) -> UserError:
    return UserError(f"an array of shape {array.shape}", wanted=WANTED, do=do)
