"""Floor 7. BatchNorm, LRN, MVN, LayerNorm and Normalization1."""

from __future__ import annotations

import numpy as np

from mycaffe_py.export.site import Site, translates


@translates("BatchNorm")
def batch_norm(at: Site) -> None:
    """With the stored mean and variance, the factor worked in; else with those of the batch."""
    if at.facts.stored:
        _stored(at)
        return
    axes = tuple(axis for axis in range(len(at.bottoms[0])) if axis != 1)
    _evened(at, axes, at.facts.eps)


@translates("LayerNorm")
def layer_norm(at: Site) -> None:
    """Rows follow the second axis, of tables the first."""
    axes = len(at.bottoms[0])
    _evened(at, tuple(range(min(2, axes - 1), axes)), at.facts.eps)


def _evened(at: Site, axes: tuple[int, ...], eps: float) -> None:
    """(x - m) / sqrt(v + eps) with mean and variance over these axes."""
    centred = at.op("Sub", at.x[0], at.op("ReduceMean", at.x[0], axes=axes))
    variance = at.op("ReduceMean", at.op("Mul", centred, centred), axes=axes)
    spread = at.op("Sqrt", at.op("Add", variance, at.constant(eps)))
    at.op("Div", centred, spread, out=at.y[0])


@translates("Normalization1")
def normalization1(at: Site) -> None:
    """Rows over their lengths; a row of zeros is divided by the smallest float, and stays."""
    axes = tuple(range(1, len(at.bottoms[0])))
    kind = "ReduceL1" if at.facts.amounts else "ReduceL2"
    length = at.op(kind, at.x[0], axes=axes) if axes else at.op("Abs", at.x[0])
    least = at.constant(np.finfo(np.float32).tiny)
    at.op("Div", at.x[0], at.op("Max", length, least), out=at.y[0])


def _stored(at: Site) -> None:
    mean, variance, factor = (array.astype(np.float64) for array in at.arrays)
    share = 1 / factor[0] if factor[0] else 0.0
    if len(at.bottoms[0]) == 1:
        centred = at.op("Sub", at.x[0], at.constant(mean * share, "mean"))
        spread = at.constant(np.sqrt(variance * share + at.facts.eps), "spread")
        at.op("Div", centred, spread, out=at.y[0])
        return
    at.op(
        "BatchNormalization",
        at.x[0],
        at.constant(np.ones(len(mean)), "one"),
        at.constant(np.zeros(len(mean)), "zero"),
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
