"""Reading label blobs: which class a row has, and which rows count."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Array, LayerIO

Labels = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def read_labels(
    io: LayerIO,
    labels: Array,
    classes: int,
    ignored: Collection[int],
    *,
    because: str,
    bottom: int = 1,
    exact: bool = False,
) -> tuple[Labels, Flags]:
    """Labels as whole numbers, and which of them count (are not ignored).

    A counted label outside 0 ... classes - 1 stops with the row it was found in; `because` says
    what sets the number of classes. Fractions are cut off, as in Caffe, or stop when labels are
    to be `exact`. Ignored labels read 0, so that they are safe as an index.
    """
    whole = exact_labels(io, labels, bottom=bottom) if exact else _cut_off(labels)
    counted: Flags = np.ones(labels.shape, np.bool_)
    for value in ignored:
        np.logical_and(counted, whole != value, out=counted)
    allowed = (labels > -1) & (labels < classes)
    bad = counted & ~allowed
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        value = labels[bad].flat[0]
        name = io.context.param.bottom[bottom]
        raise io.context.error(
            f"row {row} of bottom '{name}' holds label {value:g}",
            at=("bottom", bottom),
            wanted=f"labels run from 0 to {classes - 1}, because {because}"
            + (f"; ignored: {', '.join(map(str, sorted(ignored)))}" if ignored else ""),
            do="Correct the labels, the number of classes or the ignored labels.",
        )
    whole[~counted] = 0
    return whole, counted


def exact_labels(io: LayerIO, labels: Array, *, bottom: int = 1) -> Labels:
    """Labels (N, ...) as whole numbers that are compared with each other.

    Errors: fractions and NaN, which would be counted as a class that nobody gave; and numbers so
    great that the net's precision cannot tell them from their neighbours.
    """
    whole = _cut_off(labels)
    bad = (whole != labels) | (np.abs(labels) >= exact_below(labels))
    if bad.any():
        raise _inexact(io, labels, bad, bottom)
    return whole


def exact_below(numbers: Array) -> int:
    """The bound below which whole numbers are exact: 2^24 in single, 2^53 in double precision.

    The bound itself is not exact, as the number behind it is rounded to it.
    """
    return int(2 / np.finfo(numbers.dtype).eps)


def first_labels(labels: Array) -> Array:
    """(N,) first label of each row of (N, ...)."""
    return as_rows(labels)[:, 0]


def as_rows(array: Array) -> Array:
    """(N, D) of (N, ...); N may be 0."""
    return array.reshape(len(array), math.prod(array.shape[1:]))


def same_labels(io: LayerIO, bottom: int) -> Flags:
    """(N,) whether all labels of a row are equal, in a bottom of labels (N, K...)."""
    table = exact_labels(io, io.bottoms[bottom].reshape(len(io.bottoms[bottom]), -1), bottom=bottom)
    same: Flags = np.all(table == table[:, :1], axis=1)
    return same


def read_flags(io: LayerIO, bottom: int, *, do: str) -> Flags:
    """(N,) whether a pair is similar, by a bottom of flags (N) or (N, 1...): 1, or 0 where not.

    Any other value stops, with the remedy `do`: some people write -1 for different pairs, some 0.3
    for pairs that are similar in part, and NaN is neither.
    """
    flags = io.bottoms[bottom].reshape(-1)
    similar: Flags = flags == 1
    bad = ~(similar | (flags == 0))
    if bad.any():
        wanted = "a flag is 1 for a similar pair and 0 for another"
        raise _bad_row(io, flags, bad, bottom, wanted, do)
    return similar


def read_shares(io: LayerIO, bottom: int) -> Array:
    """(N,) similarities from 0 to 1, by a bottom (N) or (N, 1...). Any other value stops."""
    shares = io.bottoms[bottom].reshape(-1)
    bad = ~((shares >= 0) & (shares <= 1))
    if bad.any():
        wanted = "with soft_labels a similarity from 0 (different) to 1 (similar)"
        raise _bad_row(io, shares, bad, bottom, wanted, "Scale them to that range.")
    return shares


def _cut_off(labels: Array) -> Labels:
    with np.errstate(invalid="ignore"):
        whole: Labels = labels.astype(np.int64)
    return whole


def _inexact(io: LayerIO, labels: Array, bad: Flags, bottom: int) -> UserError:
    value = labels[bad].flat[0]
    if value == np.trunc(value) and np.isfinite(value):
        bits = np.finfo(labels.dtype).bits
        wanted = (
            f"labels are held in {bits} bits, exact below {exact_below(labels)}; "
            "from there on different ones run together"
        )
        return _bad_row(io, labels, bad, bottom, wanted, "Number the classes from 0.", "label ")
    wanted = "labels are whole numbers, which are compared with each other"
    return _bad_row(io, labels, bad, bottom, wanted, "Correct the labels.", "label ")


def _bad_row(
    io: LayerIO, values: Array, bad: Flags, bottom: int, wanted: str, do: str, kind: str = ""
) -> UserError:
    """The error for the first value that is `bad`; both arrays are (N, ...)."""
    row = int(np.argwhere(bad)[0][0])
    value = float(values[bad].flat[0])
    # As in the data: not 0.3 as 0.30000001, nor 20000000 as 2e+07.
    told = f"{value:.9g}" if value == np.trunc(value) else f"{value:.6g}"
    return io.context.error(
        f"row {row} of bottom '{io.context.param.bottom[bottom]}' holds {kind}{told}",
        at=("bottom", bottom),
        wanted=wanted,
        do=do,
    )
