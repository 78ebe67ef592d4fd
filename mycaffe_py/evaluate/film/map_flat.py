"""The map of a film in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.evaluate.film.colours import Ground
from mycaffe_py.evaluate.film.dots import Dots
from mycaffe_py.evaluate.film.show import Show

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def even_limits(axes: Axes, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
    """Show all from `lower` to `upper` (2,), a unit as long on both axes."""
    size_px = np.array([axes.bbox.width, axes.bbox.height])
    half = size_px * ((upper - lower) / 2 / size_px).max()
    middle = (upper + lower) / 2
    axes.set_xlim(middle[0] - half[0], middle[0] + half[0])
    axes.set_ylim(middle[1] - half[1], middle[1] + half[1])


class FlatMap:
    """Axes that stay as they are while the points move; a unit is as long on both."""

    def __init__(self, axes: Axes, show: Show, ground: Ground) -> None:
        even_limits(axes, show.lower, show.upper)
        axes.set_xlabel(show.space.axes[0], color=ground.ink, fontsize=11, labelpad=2)
        axes.set_ylabel(show.space.axes[1], color=ground.ink, fontsize=11, labelpad=2)
        self._dots = Dots(axes, show, ground)

    def move(
        self, points: NDArray[np.floating], centroids: NDArray[np.floating], yaw: float
    ) -> None:
        """Points (M, 2) and centroids (K, 2); there is nothing to turn."""
        self._dots.move(points, centroids, np.ones(len(points)), np.ones(len(centroids)))
