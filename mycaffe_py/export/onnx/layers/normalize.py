"""BatchNorm, BN, LRN, MVN, LayerNorm, Normalize and Normalization1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.export.onnx.translator import Site, translates


@translates("BatchNorm")
def batch_norm(at: Site) -> None:
    """With the stored mean and variance, the factor worked in; else with those of the batch."""
    if at.facts.stored:
        _stored(at)
        return
    axes = tuple(axis for axis in range(len(at.bottoms[0])) if axis != 1)
    made = _evened(at, axes, at.facts.eps, "" if at.facts.affine else at.y[0])
    _affine(at, made)


def _affine(at: Site, made: str) -> None:
    """The factors and shifts of scale_bias, if there are any, behind `made`."""
    if not at.facts.affine:
        return
    inner = (1,) * (len(at.bottoms[0]) - 2)
    scale, shift = (array.reshape(-1, *inner) for array in at.arrays[3:])
    scaled = at.op("Mul", made, at.constant(scale, "scale"))
    at.op("Add", scaled, at.constant(shift, "shift"), out=at.y[0])


@translates("BN")
def bn(at: Site) -> None:
    """With the stored means, with those of the batch, or with neither; scaled and shifted."""
    rest = (1,) * (len(at.bottoms[0]) - 2)
    scale, shift, *state = (array.astype(np.float64).reshape(-1, *rest) for array in at.arrays)
    made = at.x[0]
    if at.facts.stored:
        mean, variance = state
        scale = scale / np.sqrt(variance + at.facts.eps)
        shift = shift - mean * scale
    elif at.facts.batch:
        axes = tuple(axis for axis in range(len(at.bottoms[0])) if axis != 1)
        made = _evened(at, axes, at.facts.eps, "", at.y[1:])
    scaled = at.op("Mul", made, at.constant(scale, "scale"))
    at.op("Add", scaled, at.constant(shift, "shift"), out=at.y[0])


@translates("LayerNorm")
def layer_norm(at: Site) -> None:
    """Rows follow the second axis, of tables the first."""
    axes = len(at.bottoms[0])
    _evened(at, tuple(range(min(2, axes - 1), axes)), at.facts.eps, at.y[0])


def _evened(at: Site, axes: tuple[int, ...], eps: float, out: str, tops: Sequence[str] = ()) -> str:
    """(x - m) / sqrt(v + eps) with mean and variance over these axes; `tops` get both as well."""
    mean = at.op("ReduceMean", at.x[0], axes=axes)
    centred = at.op("Sub", at.x[0], mean)
    variance = at.op("ReduceMean", at.op("Mul", centred, centred), axes=axes)
    for top, found in zip(tops, (mean, variance), strict=False):
        at.op("Reshape", found, at.whole(1, -1, 1, 1), out=top)
    spread = at.op("Sqrt", at.op("Add", variance, at.constant(eps)))
    return at.op("Div", centred, spread, out=out)


@translates("Normalize")
def normalize(at: Site) -> None:
    """Over the lengths of positions, or of items; then the scale, if there is one."""
    axes = tuple(range(1, len(at.bottoms[0]))) if at.facts.across else (1,)
    sizes = at.op("Abs", at.x[0]) if at.facts.amounts else at.op("Mul", at.x[0], at.x[0])
    total = at.op("Add", at.op("ReduceSum", sizes, at.whole(*axes)), at.constant(at.facts.eps))
    length = total if at.facts.amounts else at.op("Sqrt", total)
    if len(at.y) == 2:
        at.same(length, at.y[1])
    if not at.facts.scales:
        at.op("Div", at.x[0], length, out=at.y[0])
        return
    scale = at.arrays[0].reshape(-1, *(1,) * (len(at.bottoms[0]) - 2))
    at.op("Mul", at.op("Div", at.x[0], length), at.constant(scale, "scale"), out=at.y[0])


@translates("Normalization1")
def normalization1(at: Site) -> None:
    """Rows over their lengths; a row of zeros is divided by the smallest float, and stays."""
    axes = tuple(range(1, len(at.bottoms[0])))
    kind = "ReduceL1" if at.facts.amounts else "ReduceL2"
    length = at.op(kind, at.x[0], axes=axes) if axes else at.op("Abs", at.x[0])
    least = at.constant(np.finfo(np.float32).tiny)
    at.op("Div", at.x[0], at.op("Max", length, least), out=at.y[0])


def _stored(at: Site) -> None:
    mean, variance, factor, *ends = (array.astype(np.float64) for array in at.arrays)
    scale, shift = ends or (np.ones(len(mean)), np.zeros(len(mean)))
    share = 1 / factor[0] if factor[0] else 0.0
    if len(at.bottoms[0]) == 1:
        centred = at.op("Sub", at.x[0], at.constant(mean * share, "mean"))
        spread = at.constant(np.sqrt(variance * share + at.facts.eps), "spread")
        made = at.op("Div", centred, spread, out="" if at.facts.affine else at.y[0])
        _affine(at, made)
        return
    at.op(
        "BatchNormalization",
        at.x[0],
        at.constant(scale, "one"),
        at.constant(shift, "zero"),
        at.constant(mean * share, "mean"),
        at.constant(variance * share, "variance"),
        out=at.y[0],
        epsilon=at.facts.eps,
    )


@translates("LRN")
def lrn(at: Site) -> None:
    """ONNX has the one across channels; within a channel it is made of a mean of squares."""
    options = at.options.lrn_param
    size = options.local_size
    if not at.facts.within:
        at.op(
            "LRN", at.x[0], out=at.y[0],
            size=size, alpha=options.alpha, beta=options.beta, bias=options.k,
        )  # fmt: skip
        return
    half = at.facts.half
    mean = at.op(
        "AveragePool", at.op("Mul", at.x[0], at.x[0]),
        kernel_shape=(size, size), pads=(half,) * 4, count_include_pad=1,
    )  # fmt: skip
    damping = at.op("Add", at.op("Mul", mean, at.constant(options.alpha)), at.constant(1))
    at.op("Div", at.x[0], at.op("Pow", damping, at.constant(options.beta)), out=at.y[0])


@translates("MVN")
def mvn(at: Site) -> None:
    """eps stands outside the root."""
    options = at.options.mvn_param
    x = at.unsqueeze(at.x[0], *range(len(at.bottoms[0]), 4))
    axes = (1, 2, 3) if options.across_channels else (2, 3)
    mean = at.op("ReduceMean", x, axes=axes)
    if not at.facts.divides:
        at.op("Sub", x, mean, out=at.y[0])
        return
    centred = at.op("Sub", x, mean)
    deviation = at.op("Sqrt", at.op("ReduceMean", at.op("Mul", centred, centred), axes=axes))
    spread = at.op("Add", deviation, at.constant(at.facts.eps))
    at.op("Div", centred, spread, out=at.y[0])


@translates("ChannelNorm")
def channel_norm(at: Site) -> None:
    """The length along the channels."""
    at.op("ReduceL2", at.x[0], out=at.y[0], axes=(1,), keepdims=1)
