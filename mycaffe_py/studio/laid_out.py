"""Features of any width as points that a page can draw."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.evaluate.pictures.projection import principal

_SHOWN = 3


@dataclass(frozen=True, eq=False)
class Layout:
    """How rows (n, D) become points (n, `width`): (rows - `mean`) @ `directions`.

    Up to three numbers stay as they are: `directions` is None. `told` says it in words.
    """

    width: int
    told: str
    mean: NDArray[np.float64] | None = None
    directions: NDArray[np.float64] | None = None

    def of(self, rows: FeatureRows) -> NDArray[np.float32]:
        """The points (n, width)."""
        if self.mean is None or self.directions is None:
            return np.asarray(rows, np.float32)
        turned = (rows.astype(np.float64) - self.mean) @ self.directions
        return turned.astype(np.float32)

    def as_json(self) -> dict[str, Any]:
        """For a page that lays out frames itself."""
        if self.mean is None or self.directions is None:
            return {"width": self.width, "told": self.told}
        return {
            "width": self.width, "told": self.told,
            "mean": self.mean.tolist(), "directions": self.directions.tolist(),
        }  # fmt: skip


def layout_of(rows: FeatureRows, by: str = "of these points") -> Layout:
    """The layout for `rows` (n, D): wider ones than three on their principal axes (PCA)."""
    width = rows.shape[1]
    finite = rows[np.isfinite(rows).all(axis=1)]
    if width <= _SHOWN or len(finite) < 2:
        shown = min(width, _SHOWN)
        what = "as it is" if width <= _SHOWN else f"by its first {_SHOWN} numbers"
        if shown == width:
            return Layout(width, f"The {width}-D feature {what}")
        return Layout(shown, f"The {width}-D feature {what}", np.zeros(width), np.eye(width, shown))
    main = principal(finite.astype(np.float64), _SHOWN)
    told = (
        f"The {width}-D feature on the {_SHOWN} principal axes (PCA) {by}, which hold "
        f"{100 * main.share:.0f} % of the variance"
    )
    return Layout(_SHOWN, told, main.mean, main.directions)


def packed(rows: FeatureRows) -> str:
    """Base64 of little-endian float32, as the page reads it."""
    return base64.b64encode(np.ascontiguousarray(rows, "<f4").tobytes()).decode()
