"""A whole net, layer by layer from its text, as a student would write it, in float64.

It shares nothing with the package but the reader of texts: sizes, paddings and the arithmetic of
each layer are its own. Nets that run only, phase TEST.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.reference.resize import between_corners, repeated, unpooled

Array = npt.NDArray[Any]
Arrays = list[Array]
Step = Callable[[Any, Arrays, Arrays], Arrays]


def run(
    layers: Sequence[pb.LayerParameter], params: Mapping[str, Arrays], fed: Mapping[str, Array]
) -> dict[str, Array]:
    """All blobs; `params` are the arrays of each layer that has some."""
    blobs = dict(fed)
    for layer in layers:
        if layer.type == "Input":
            continue
        bottoms = [blobs[name] for name in layer.bottom]
        tops = STEPS[layer.type](layer, bottoms, list(params.get(layer.name, [])))
        blobs.update(zip(layer.top, tops, strict=True))
    return blobs


def _pair(options: Any, name: str, default: int) -> tuple[int, int]:
    """One number for both axes, or one for each as name_h and name_w."""
    if options.HasField(f"{name}_h"):
        return getattr(options, f"{name}_h"), getattr(options, f"{name}_w")
    value = getattr(options, name if name in ("pad", "stride") else f"{name}_size")
    if isinstance(value, int):
        value = [value] if options.HasField(name if name != "kernel" else "kernel_size") else []
    values = list(value) or [default]
    return values[0], values[-1]


def _convolution(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    options = layer.convolution_param
    weights = params[0]
    x = bottoms[0]
    (ph, pw), (sh, sw) = _pair(options, "pad", 0), _pair(options, "stride", 1)
    spread = list(options.dilation) or [1]
    dh, dw = spread[0], spread[-1]
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    outputs, each, kh, kw = weights.shape
    height = (x.shape[2] - dh * (kh - 1) - 1) // sh + 1
    width = (x.shape[3] - dw * (kw - 1) - 1) // sw + 1
    y = np.zeros((len(x), outputs, height, width))
    per_group = outputs // options.group
    for group in range(options.group):
        here = slice(group * per_group, (group + 1) * per_group)
        part = x[:, group * each : (group + 1) * each]
        for i in range(kh):
            for j in range(kw):
                rows = slice(i * dh, i * dh + sh * (height - 1) + 1, sh)
                columns = slice(j * dw, j * dw + sw * (width - 1) + 1, sw)
                seen = part[:, :, rows, columns]
                y[:, here] += np.einsum("oc,nchw->nohw", weights[here, :, i, j], seen)
    return [y + params[1].reshape(-1, 1, 1) if options.bias_term else y]


def _deconvolution(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    options, (x,), weights = layer.convolution_param, bottoms, params[0]
    (ph, pw), (sh, sw) = _pair(options, "pad", 0), _pair(options, "stride", 1)
    n, _, h, w = x.shape
    _, outputs, kh, kw = weights.shape
    y = np.zeros((n, outputs, sh * (h - 1) + kh, sw * (w - 1) + kw))
    for i in range(h):
        for j in range(w):
            put = np.einsum("nc,cokl->nokl", x[:, :, i, j], weights)
            y[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += put
    y = y[:, :, ph : y.shape[2] - ph, pw : y.shape[3] - pw]
    return [y + params[1].reshape(-1, 1, 1) if options.bias_term else y]


def _pooling(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    options, (x,) = layer.pooling_param, bottoms
    n, c, h, w = x.shape
    kernel = (h, w) if options.global_pooling else _pair(options, "kernel", 1)
    (ph, pw), (sh, sw) = _pair(options, "pad", 0), _pair(options, "stride", 1)
    if options.HasField("ceil_mode"):
        up = options.ceil_mode
    else:
        up = options.round_mode == pb.PoolingParameter.CEIL
    counts = []
    for size, k, p, s in ((h, kernel[0], ph, sh), (w, kernel[1], pw, sw)):
        count = -(-(size + 2 * p - k) // s) + 1 if up else (size + 2 * p - k) // s + 1
        counts.append(count - 1 if p and (count - 1) * s >= size + p else count)
    y, places = np.zeros((n, c, *counts)), np.zeros((n, c, *counts))
    for i in range(counts[0]):
        for j in range(counts[1]):
            top, left = i * sh - ph, j * sw - pw
            bottom, right = min(top + kernel[0], h + ph), min(left + kernel[1], w + pw)
            area = (bottom - top) * (right - left)
            top, left, bottom, right = max(top, 0), max(left, 0), min(bottom, h), min(right, w)
            window = x[:, :, top:bottom, left:right].reshape(n, c, -1)
            if options.pool == pb.PoolingParameter.AVE:
                y[:, :, i, j] = window.sum(axis=2) / area
                continue
            first = window.argmax(axis=2)
            y[:, :, i, j] = window.max(axis=2)
            row, column = np.divmod(first, right - left)
            places[:, :, i, j] = (top + row) * w + left + column
    return [y, places][: len(layer.top)]


def _batch_norm(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    mean, variance = (_along(array / params[2]) for array in params[:2])
    return [(bottoms[0] - mean) / np.sqrt(variance + layer.batch_norm_param.eps)]


def _scale(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    if len(bottoms) == 2:
        small = bottoms[1].reshape(*bottoms[1].shape[:2], 1, 1)
        return [bottoms[0] * small]
    y = bottoms[0] * _along(params[0])
    return [y + _along(params[1]) if layer.scale_param.bias_term else y]


def _bn(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    x, options = bottoms[0], layer.bn_param
    if len(params) == 4:
        x = (x - _along(params[2])) / np.sqrt(_along(params[3]) + options.eps)
    elif options.bn_mode == pb.BNParameter.LEARN:
        middle = x - x.mean(axis=(0, 2, 3), keepdims=True)
        x = middle / np.sqrt((middle**2).mean(axis=(0, 2, 3), keepdims=True) + 1e-9)
    return [_along(params[0]) * x + _along(params[1])]


def _along(array: Array) -> Array:
    """One number a channel."""
    return array.reshape(1, -1, 1, 1)


def _prelu(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    x = bottoms[0]
    return [np.where(x > 0, x, _along(params[0]) * x)]


def _inner_product(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    flat = bottoms[0].reshape(len(bottoms[0]), -1)
    return [flat @ params[0].T + params[1]]


def _softmax(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    e = np.exp(bottoms[0] - bottoms[0].max(axis=1, keepdims=True))
    return [e / e.sum(axis=1, keepdims=True)]


def _axpy(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    s, x, y = bottoms
    return [s.reshape(*s.shape[:2], 1, 1) * x + y]


def _shuffle(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    (x,), groups = bottoms, layer.shuffle_channel_param.group
    each = x.shape[1] // groups
    order = [i * each + j for j in range(each) for i in range(groups)]
    return [x[:, order]]


def _interp(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    (x,), options = bottoms, layer.interp_param
    height, width = x.shape[2:]
    if options.HasField("height"):
        size = (options.height, options.width)
    else:
        small = [(length - 1) // options.shrink_factor + 1 for length in (height, width)]
        size = tuple(options.zoom_factor * (length - 1) + 1 for length in small)
    return [between_corners(x, *size)]


def _upsample(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    options = layer.upsample_param
    if len(bottoms) == 1:
        return [repeated(bottoms[0], options.scale)]
    size = [2 * length for length in bottoms[0].shape[2:]]
    if options.HasField("upsample_h"):
        size = [options.upsample_h, options.upsample_w]
    return [unpooled(*bottoms, *size)]


def _rectified(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    return [np.maximum(bottoms[0], 0)]


def _sigmoid(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    return [1 / (1 + np.exp(-bottoms[0]))]


def _concat(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    return [np.concatenate(bottoms, axis=1)]


def _sum(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    return [np.sum(bottoms, axis=0)]


def _same(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    return bottoms


def _nothing(layer: Any, bottoms: Arrays, params: Arrays) -> Arrays:
    return []


STEPS: dict[str, Step] = {
    "Axpy": _axpy, "BN": _bn, "BatchNorm": _batch_norm, "Concat": _concat,
    "Convolution": _convolution, "Deconvolution": _deconvolution, "Dropout": _same,
    "Eltwise": _sum, "InnerProduct": _inner_product, "Interp": _interp, "MatWrite": _nothing,
    "PReLU": _prelu, "Pooling": _pooling, "ReLU": _rectified, "Scale": _scale,
    "ShuffleChannel": _shuffle, "Sigmoid": _sigmoid, "Softmax": _softmax, "Upsample": _upsample,
}  # fmt: skip
