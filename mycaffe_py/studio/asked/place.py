"""The map that an asked picture flies over: the sample of the film, and where one more point is."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.evaluate.film.colours import shown_classes
from mycaffe_py.evaluate.film.find import film_at
from mycaffe_py.evaluate.pictures.projection import principal
from mycaffe_py.trained.snapshot import Snapshot

_SHOWN = 3


class AskedMap:
    """The sample as the weights of `snapshot` place it, in two or three dimensions."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Errors: the data are needed for it and are not there."""
        film = film_at(snapshot)
        self._head, self._frame = film.head, film.frames[-1]
        rows = self._frame.points.astype(np.float64)
        self._main = principal(rows, _SHOWN) if rows.shape[1] > _SHOWN else None

    def placed(self, encodings: FeatureRows) -> np.ndarray[Any, np.dtype[np.float32]]:
        """(n, 2) or (n, 3): where `encodings` (n, D) lie on the map."""
        rows = encodings.astype(np.float64)
        if self._main is not None:
            rows = (rows - self._main.mean) @ self._main.directions
        if rows.shape[1] < 2:
            rows = np.pad(rows, ((0, 0), (0, 1)))
        return rows.astype(np.float32)

    def told(self) -> dict[str, Any]:
        """For the page: points as base64 of little-endian float32, labels, the look of classes."""
        points = self.placed(self._frame.points)
        names = self._head.label_names
        labels = sorted({*self._head.labels, *names})
        looks = shown_classes([names.get(label, str(label)) for label in labels])
        width = self._frame.points.shape[1]
        return {
            "points": b64encode(np.ascontiguousarray(points, "<f4").tobytes()).decode(),
            "width": points.shape[1],
            "labels": list(self._head.labels),
            "source": self._head.source,
            "stand_in_for": self._head.stand_in_for,
            "told": f"The {width}-D encoding as it is" if self._main is None else
            f"The {width}-D encoding on its 3 principal axes, which hold "
            f"{100 * self._main.share:.0f} % of its variance",
            "classes": [
                {"label": label, "name": look.name, "colour": look.colour, "marker": look.marker}
                for label, look in zip(labels, looks, strict=True)
            ],
        }  # fmt: skip
