"""The points and the centroids of a map, on axes of matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.evaluate.film.colours import Ground, ShownClass
from mycaffe_py.evaluate.film.show import Show
from mycaffe_py.evaluate.pictures.letters import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

# Areas in square points, as matplotlib has them.
_POINT = 42.0
_DISC = 190.0
# Names up to this length stand in the circle; the legend tells the others.
_IN_DISC = 2

Places = NDArray[np.floating]


class Dots:
    """Items as small markers, centroids as large circles, the far ones behind the near ones."""

    def __init__(self, axes: Axes, show: Show, ground: Ground) -> None:
        """Make the points; they get their places by `move`."""
        from matplotlib.collections import PathCollection
        from matplotlib.colors import to_rgba_array
        from matplotlib.markers import MarkerStyle
        from matplotlib.transforms import IdentityTransform

        styles = [MarkerStyle(c.marker) for c in show.classes]
        paths = [style.get_path().transformed(style.get_transform()) for style in styles]
        self._column = show.column
        self._paths = np.empty(len(paths), object)
        self._paths[:] = paths
        self._hues = to_rgba_array([c.colour for c in show.classes])
        self._mixed = np.random.Generator(np.random.Philox(key=0)).permutation(len(show.column))
        self._points = PathCollection(
            paths, offset_transform=axes.transData, linewidths=0.5, zorder=3
        )
        self._points.set_transform(IdentityTransform())
        self._points.set_edgecolor(ground.background)
        axes.add_collection(self._points, autolim=False)
        self._points.set_clip_path(axes.patch)
        self._discs = [_circle(axes, c, ground) for c in show.classes]
        self._names = [
            axes.text(
                0, 0, words(c.name) if _fits(c) else "", ha="center", va="center_baseline",
                fontsize=9, fontweight="bold", color=c.ink, clip_on=True,
            )
            for c in show.classes
        ]  # fmt: skip

    def move(self, points: Places, centroids: Places, near: Places, disc_near: Places) -> None:
        """To `points` (M, 2) and `centroids` (K, 2), NaN for none; `near` (M,), (K,) is the size.

        The order in which points of one nearness cover each other is always the same.
        """
        order = self._mixed[np.argsort(near[self._mixed], kind="stable")]
        column = self._column[order]
        self._points.set_paths(self._paths[column].tolist())
        self._points.set_facecolor(self._hues[column].tolist())
        self._points.set_sizes(_POINT * near[order] ** 2)
        self._points.set_offsets(points[order])
        for number in range(len(centroids)):
            there = bool(np.isfinite(centroids[number]).all())
            disc, name = self._discs[number], self._names[number]
            disc.set_visible(there)
            name.set_visible(there)
            if there:
                disc.set_offsets(centroids[number])
                name.set_position(tuple(centroids[number]))
                disc.set_zorder(4 + disc_near[number])
                name.set_zorder(4 + disc_near[number])


def _fits(look: ShownClass) -> bool:
    return len(words(look.name)) <= _IN_DISC


def _circle(axes: Axes, look: ShownClass, ground: Ground) -> PathCollection:
    """A disc to write the name on; a ring where the name is long, to see the points in it."""
    from matplotlib.patheffects import withStroke

    if _fits(look):
        return axes.scatter(
            [], [], s=_DISC, marker="o", color=look.colour, edgecolors=ground.ink, linewidths=1.6
        )
    ring = axes.scatter(
        [], [], s=_DISC, marker="o", facecolors="none", edgecolors=look.colour, linewidths=2.2
    )
    ring.set_path_effects([withStroke(linewidth=4.6, foreground=ground.ink)])
    return ring
