"""Frames of any width brought to two or three numbers, the same way for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.evaluate.pictures.projection import principal

_SHOWN = 3

Points = NDArray[np.floating]
Places = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Space:
    """`points` (F, M, d) and `centroids` (F, K, d) with d 2 or 3; NaN where there is no centroid.

    `axes` (d,) are the names of the axes, `told` says in words what they are.
    """

    points: Places
    centroids: Places
    axes: tuple[str, ...]
    told: str


def to_space(points: Sequence[Points], centroids: Sequence[Points]) -> Space:
    """Bring frames of points (M, D) and of centroids (K, D) to 2-D or 3-D.

    D = 2 and 3 stay as they are, D = 1 lies on a line. Wider ones are projected on the three
    principal directions of the last frame's points, so that nothing turns while the map forms.
    """
    x = np.stack(points).astype(np.float64)
    c = np.stack(centroids).astype(np.float64)
    width = x.shape[2]
    if width <= _SHOWN:
        pad = ((0, 0), (0, 0), (0, max(0, 2 - width)))
        names = tuple(f"feature {i + 1}" for i in range(width)) + ("",) * (2 - width)
        return Space(
            _single(np.pad(x, pad)),
            _single(np.pad(c, pad)),
            names,
            f"The {width}-D feature as it is",
        )
    main = principal(x[-1], _SHOWN)
    told = (
        f"The {width}-D feature on the 3 principal axes (PCA) of the last frame, which hold "
        f"{100 * main.share:.0f} % of its variance"
    )
    names = tuple(f"PC {i + 1}" for i in range(_SHOWN))
    turned = [(rows - main.mean) @ main.directions for rows in (x, c)]
    return Space(_single(turned[0]), _single(turned[1]), names, told)


def _single(rows: NDArray[np.float64]) -> Places:
    return rows.astype(np.float32)
