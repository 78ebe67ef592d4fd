"""The map of a film in three dimensions, turned about its upright axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.evaluate.film.colours import Ground
from mycaffe_py.evaluate.film.dots import Dots
from mycaffe_py.evaluate.film.map_flat import even_limits
from mycaffe_py.evaluate.film.show import Show
from mycaffe_py.evaluate.film.view import Box

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Room around the box for the names of its axes, in half diagonals.
_NAME_ROOM = 0.07
# A way out this much to one side puts the whole name there.
_SIDEWAYS = 0.35


class SolidMap:
    """A box with a grid on its far walls, which stays in place while the points move."""

    def __init__(self, axes: Axes, show: Show, ground: Ground) -> None:
        from matplotlib.collections import LineCollection

        self._box = Box(show.lower, show.upper)
        self._step = show.step
        axes.set_axis_off()
        half = np.asarray(self._box.extent()) + self._box.radius * _NAME_ROOM
        even_limits(axes, -half, half)
        self._walls = LineCollection([], colors=ground.faint, linewidths=0.9, zorder=1)
        axes.add_collection(self._walls, autolim=False)
        self._names = [
            axes.text(0, 0, name, ha="center", va="center", fontsize=11, color=ground.ink)
            for name in show.space.axes
        ]
        self._dots = Dots(axes, show, ground)

    def move(
        self, points: NDArray[np.floating], centroids: NDArray[np.floating], yaw: float
    ) -> None:
        """Points (M, 3) and centroids (K, 3), the box turned by `yaw` radians."""
        lines = self._box.walls(yaw, self._step)
        self._walls.set_segments([self._box.seen(line, yaw)[:, :2] for line in lines])
        for axis, name in enumerate(self._names):
            place, out = self._box.name_spot(axis, yaw)
            name.set_position((place[0], place[1]))
            aside = "left" if out[0] > 0 else "right"
            name.set(horizontalalignment="center" if abs(out[0]) < _SIDEWAYS else aside)
        seen, discs = self._box.seen(points, yaw), self._box.seen(centroids, yaw)
        self._dots.move(seen[:, :2], discs[:, :2], seen[:, 2], discs[:, 2])
