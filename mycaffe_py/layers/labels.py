"""Floor 3. Reading label blobs: which class a row has, and which rows count."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

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
) -> tuple[Labels, Flags]:
    """Labels as whole numbers, and which of them count (are not ignored).

    A counted label outside 0 ... classes - 1 stops with the row it was found in; `because` says
    what sets the number of classes. Fractions are cut off, as in Caffe. Ignored labels read 0,
    so that they are safe as an index.
    """
    with np.errstate(invalid="ignore"):
        whole: Labels = labels.astype(np.int64)
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


def first_labels(labels: Array) -> Array:
    """(N,) first label of each row of (N, ...)."""
    return labels.reshape(len(labels), -1)[:, 0]


def as_flags(labels: Array) -> Flags:
    """(N,) 1 where a pair is similar: a flag that is not 0, or labels (N, K) that are all equal."""
    table = labels.reshape(len(labels), -1)
    similar: Flags = table[:, 0] != 0
    if table.shape[1] > 1:
        similar = np.all(table == table[:, :1], axis=1)
    return similar
