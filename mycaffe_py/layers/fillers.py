"""Fillers: the first values of parameters and of DummyData.

With shape s and n values, fan_in = n / s[0] and fan_out = n / s[1] (n where there is no s[1]).
Values are drawn in float32 whatever the array holds, so a net starts the same in both precisions.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.layers.base import Array, ParamBlob, Shape
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter

Values = npt.NDArray[np.float32]
_Filler = Callable[[FillerParameter, Shape, np.random.Generator], Values]


def _between(low: float, high: float, shape: Shape, generator: np.random.Generator) -> Values:
    """Uniform in [low, high); a product and a sum of float32, the same on every machine."""
    unit = generator.random(shape, dtype=np.float32)
    values: Values = np.float32(low) + np.float32(high - low) * unit
    return values


def _constant(filler: FillerParameter, shape: Shape, generator: np.random.Generator) -> Values:
    return np.full(shape, filler.value, dtype=np.float32)


def _uniform(filler: FillerParameter, shape: Shape, generator: np.random.Generator) -> Values:
    return _between(filler.min, filler.max, shape, generator)


def _gaussian(filler: FillerParameter, shape: Shape, generator: np.random.Generator) -> Values:
    unit = generator.standard_normal(shape, dtype=np.float32)
    values: Values = np.float32(filler.mean) + np.float32(filler.std) * unit
    if filler.sparse >= 0:
        kept = generator.random(shape, dtype=np.float32) < filler.sparse / shape[0]
        values = values * kept
    return values


def _positive_unitball(
    filler: FillerParameter, shape: Shape, generator: np.random.Generator
) -> Values:
    values = generator.random(shape, dtype=np.float32).reshape(shape[0], -1)
    total = values.sum(axis=1, keepdims=True, dtype=np.float64)
    unit: Values = (values / total).astype(np.float32).reshape(shape)
    return unit


def _fan(filler: FillerParameter, shape: Shape) -> float:
    """Number of connections the spread is scaled by."""
    count = math.prod(shape)
    fan_in = count / shape[0]
    fan_out = count / shape[1] if len(shape) > 1 else count
    if filler.variance_norm == FillerParameter.FAN_OUT:
        return fan_out
    if filler.variance_norm == FillerParameter.AVERAGE:
        return (fan_in + fan_out) / 2
    return fan_in


def _xavier(filler: FillerParameter, shape: Shape, generator: np.random.Generator) -> Values:
    limit = math.sqrt(3.0 / _fan(filler, shape))
    return _between(-limit, limit, shape, generator)


def _msra(filler: FillerParameter, shape: Shape, generator: np.random.Generator) -> Values:
    spread = math.sqrt(2.0 / _fan(filler, shape))
    values: Values = np.float32(spread) * generator.standard_normal(shape, dtype=np.float32)
    return values


def _bilinear(filler: FillerParameter, shape: Shape, generator: np.random.Generator) -> Values:
    """Weights that make a Deconvolution interpolate linearly."""
    size = shape[-1]
    step = math.ceil(size / 2)
    centre = (size - 1) / (2 * step)
    line = 1 - np.abs(np.arange(size) / step - centre)
    return np.broadcast_to(np.outer(line, line), shape).astype(np.float32)


def _diagonal(filler: FillerParameter, shape: Shape, generator: np.random.Generator) -> Values:
    """Weights by which output k is `diag_val` k times the mean window of input k."""
    values = np.zeros(shape, np.float32)
    area = math.prod(shape[2:])
    for k in range(min(shape[:2])):
        given = filler.diag_val[k] if k < len(filler.diag_val) else 1.0
        values[k, k] = given / area
    return values


FILLERS: dict[str, _Filler] = {
    "constant": _constant,
    "uniform": _uniform,
    "gaussian": _gaussian,
    "positive_unitball": _positive_unitball,
    "xavier": _xavier,
    "msra": _msra,
    "bilinear": _bilinear,
    "diagonal": _diagonal,
}


def check_filler(filler: FillerParameter, shape: Shape, where: Where | None = None) -> None:
    """Raise UserError where `filler` cannot fill an array of this shape."""
    name = filler.type.lower()
    if name not in FILLERS:
        raise UserError(f"unknown filler '{filler.type}'", where=where, do=nearest(name, FILLERS))
    if filler.sparse >= 0 and name != "gaussian":
        raise UserError(
            f"filler '{name}' has sparse: {filler.sparse}",
            where=where,
            wanted="only a gaussian filler can be sparse",
        )
    if name == "gaussian" and not filler.std > 0:
        raise UserError(
            f"gaussian filler has std: {filler.std:g}", where=where, wanted="std must be above 0"
        )
    if name == "bilinear" and (len(shape) != 4 or shape[2] != shape[3]):
        raise UserError(
            f"bilinear filler for an array of shape {shape}",
            where=where,
            wanted="it needs 4 axes and a square kernel",
        )
    if name == "diagonal" and len(shape) < 2:
        raise UserError(
            f"diagonal filler for an array of shape {shape}",
            where=where,
            wanted="it needs an axis of outputs and one of inputs",
        )
    if name != "constant" and (not shape or 0 in shape):
        raise UserError(f"filler '{name}' for an array of shape {shape}", where=where)


def filled(shape: Shape, filler: FillerParameter, where: Where | None = None) -> ParamBlob:
    """A learned parameter, its filler checked at once so that the text's line can be blamed."""
    check_filler(filler, shape, where)
    return ParamBlob(shape, filler)


def fill(
    filler: FillerParameter, array: Array, generator: np.random.Generator, where: Where | None
) -> None:
    """Overwrite `array` with first values; `where` is blamed for a filler that cannot be used."""
    check_filler(filler, array.shape, where)
    array[...] = FILLERS[filler.type.lower()](filler, array.shape, generator)
