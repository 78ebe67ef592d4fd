"""From pictures or windows of counters to a net's input, as operators in front of the net.

Pictures go in as (N, H, W, C), as Pillow, OpenCV and numpy have them, values 0-255, in the size of
the data set; C is 1 or 3 (red, green, blue), whatever the net takes. Bringing them to that size is
left to whoever calls. Windows go in as (N, T, F), in the units of their counters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.pictures.picture_record import ALWAYS, LIGHT_BORDERS, PictureRecord
from mycaffe_py.data.transform.transform import GRAY_WEIGHTS, Transform
from mycaffe_py.export.onnx.onnx_net import Dim, OnnxNet, Port
from mycaffe_py.export.onnx.operators import Operators

PICTURES, WINDOWS = "pictures", "windows"
_FEW = (1, 3)
# Red, green and blue in gray as Pillow has them, in parts of 65,536.
_PILLOWS_GRAY = np.array([19595, 38470, 7471], np.float32)
_PARTS = np.float32(65536)
# No axis of colours is so long: a place that is refused when the file runs.
_NOWHERE = 9
_LIGHT_FROM = np.float32(127)


def with_preprocessing(
    net: OnnxNet, like: ArraySource, transform: Transform, input_type: str = ""
) -> OnnxNet:
    """`net` for inputs as those of `like` before `transform`, in place of floats of their shape.

    They have the type `input_type`; without one uint8 for pictures, float64 for windows.
    """
    do = Operators(net, "preprocessing")
    alone = len(net.inputs) == 1
    ports = []
    for old in net.inputs:
        if old.dims[1:] != transform.out_shape:
            ports.append(old)
            continue
        kind = WINDOWS if like.counters else PICTURES
        name = do.tape.fresh(kind if alone else f"{old.name}_{kind}")
        port = _port(name, old.dims[0], like, input_type)
        ports.append(port)
        images = _windows(do, port, like) if like.counters else _pictures(do, port, like)
        do.op("Identity", _transformed(do, images, transform), out=old.name)
    return replace(
        net,
        ops=(*do.tape.ops, *net.ops),
        constants={**net.constants, **do.tape.constants},
        inputs=tuple(ports),
    )


def _port(name: str, batch: Dim, like: ArraySource, input_type: str) -> Port:
    channels, height, width = like.shape
    if like.counters:
        return Port(name, (batch, height, width), input_type or "float64")
    colours: Dim = "C" if channels in _FEW else channels
    return Port(name, (batch, height, width, colours), input_type or "uint8")


def _windows(do: Operators, port: Port, like: ArraySource) -> str:
    """(N, 1, T, F): as Counters.scaled, in double precision."""
    counters = Counters.from_json(like.counters)
    x = do.cast(port.name, "float64")
    size = do.op("Log", do.op("Add", do.op("Abs", x), do.constant(np.float64(1))))
    signed = do.op("Mul", do.op("Sign", x), size)
    centred = do.op("Sub", signed, do.constant(np.array(counters.means)))
    scaled = do.op("Div", centred, do.constant(np.array(counters.deviations)))
    return do.op("Unsqueeze", do.cast(scaled, "float32"), do.whole(1))


def _pictures(do: Operators, port: Port, like: ArraySource) -> str:
    """(N, C, H, W), 0-255: gray or in colours, and inverted as the pictures of the data set."""
    x = do.cast(port.name, "float32")
    record = PictureRecord.from_json(like.pictures) if like.pictures else None
    if like.shape[0] in _FEW:
        x = _three_colours(do, x, port.name)
        if like.shape[0] == 1:
            x = _gray(do, x)
    x = do.op("Transpose", x, perm=(0, 3, 1, 2))
    return x if record is None else _inverted(do, x, record, like.shape)


def _three_colours(do: Operators, x: str, pictures: str) -> str:
    """(N, H, W, 3) of one channel or three; any other number is an error when the file runs."""
    channels = do.op("Gather", do.op("Shape", pictures), do.whole(3), axis=0)
    middle = do.op("Gather", do.whole(_NOWHERE, 0, _NOWHERE, 1), channels, axis=0)
    places = do.op("Concat", do.whole(0), middle, do.whole(-1), axis=0)
    return do.op("Gather", x, places, axis=3)


def _gray(do: Operators, x: str) -> str:
    """(N, H, W, 1) of colours, rounded as Pillow does; every sum is exact in single precision."""
    parts = do.op("ReduceSum", do.op("Mul", x, do.constant(_PILLOWS_GRAY)), do.whole(3), keepdims=1)
    rounded = do.op("Add", parts, do.constant(_PARTS / 2))
    return do.op("Floor", do.op("Div", rounded, do.constant(_PARTS)))


def _inverted(do: Operators, x: str, record: PictureRecord, shape: tuple[int, int, int]) -> str:
    """As the record says: never, always, or where the border is light."""
    if record.invert not in (ALWAYS, LIGHT_BORDERS):
        return x
    other = do.op("Sub", do.constant(np.float32(255)), x)
    if record.invert == ALWAYS:
        return other
    return do.op("Where", _light_border(do, x, shape[1:]), other, x)


def _light_border(do: Operators, x: str, size: Sequence[int]) -> str:
    """(N, 1, 1, 1): whether the median of the border is above 127; see `light_border`."""
    flat = do.op("ReduceMean", x, axes=(1,), keepdims=0)
    ends = [(axis, place) for axis in (1, 2) for place in (0, -1)]
    edges = [do.op("Gather", flat, do.scalar(place), axis=axis) for axis, place in ends]
    count = 2 * (size[0] + size[1])
    border = do.op("Concat", *edges, axis=1)
    half = count // 2
    largest, _ = do.ops("TopK", border, do.whole(half + 1), count=2, axis=1)
    # The number of pixels is even: the median is the mean of the two in the middle.
    middle = do.op("Gather", largest, do.whole(half - 1, half), axis=1)
    median = do.op("ReduceMean", middle, axes=(1,), keepdims=1)
    light = do.op("Greater", median, do.constant(_LIGHT_FROM))
    return do.op("Unsqueeze", light, do.whole(2, 3))


def _transformed(do: Operators, x: str, transform: Transform) -> str:
    """As Transform does in a test: channels, crop, mean, scale."""
    settings = transform.settings
    x = _with_channels(do, x, transform.in_shape[0], settings.channels, settings.bgr)
    _, height, width = transform.in_shape
    _, rows, columns = transform.out_shape
    top, left = (height - rows) // 2, (width - columns) // 2
    if (rows, columns) != (height, width):
        ends = do.whole(top + rows, left + columns)
        x = do.op("Slice", x, do.whole(top, left), ends, do.whole(2, 3))
    mean: Any = settings.mean
    if mean is not None and mean.any():
        cut = mean[:, top : top + rows, left : left + columns]
        x = do.op("Sub", x, do.constant(np.ascontiguousarray(cut, np.float32)))
    if settings.scale != 1:
        x = do.op("Mul", x, do.constant(np.float32(settings.scale)))
    return x


def _with_channels(do: Operators, x: str, stored: int, channels: str, bgr: bool) -> str:
    """As data/transform/transform.py's with_channels."""
    if channels == "gray" and stored == 3:
        weights = GRAY_WEIGHTS.reshape(1, 3, 1, 1)
        sums = do.op("ReduceSum", do.op("Mul", x, do.constant(weights)), do.whole(1), keepdims=1)
        return do.op("Round", sums)
    if channels == "color" and stored == 1:
        return do.op("Gather", x, do.whole(0, 0, 0), axis=1)
    if bgr and stored == 3:
        return do.op("Gather", x, do.whole(2, 1, 0), axis=1)
    return x
