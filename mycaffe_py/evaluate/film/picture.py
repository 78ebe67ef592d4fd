"""One moment of a film as a picture of 1280x720: map, legend, loss curve, words."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.film.colours import LIGHT, Ground
from mycaffe_py.evaluate.film.map_flat import FlatMap
from mycaffe_py.evaluate.film.map_solid import SolidMap
from mycaffe_py.evaluate.film.show import Show
from mycaffe_py.evaluate.pictures.curves import Curve
from mycaffe_py.evaluate.pictures.letters import lettering, words
from mycaffe_py.evaluate.pictures.run_picture import check_plotting
from mycaffe_py.files.atomic import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

SIZE_PX = (1280, 720)
# How the box of a picture that does not move is turned.
LAST_YAW = math.radians(-35)
_DOTS_PER_INCH = 100
# Places as shares of the picture. Below stand two lines of caption, above the title and, where
# there is one, the warning. A flat map has numbers along its lower edge.
_LEFT, _WIDTH = 0.055, 0.755
_BOTTOM = {"flat": 0.315, "solid": 0.24}
_TOP = {"": 0.905, "warned": 0.875}
_LOSS = (_LEFT, 0.125, _WIDTH, 0.105)
_LEGEND = (0.825, 0.125, 0.17, 0.75)
_CAPTION = (0.052, 0.02)
_FULL = 16
_MOST_NAMES = 30
_MOST_LETTERS = 20


class Picture:
    """Draws `show`; `draw` moves it to another moment."""

    def __init__(self, show: Show, ground: Ground = LIGHT) -> None:
        """Raises MyCaffeError where matplotlib is missing."""
        check_plotting()
        with lettering([show.title, show.warning, *(look.name for look in show.classes)]):
            self._make(show, ground)

    def _make(self, show: Show, ground: Ground) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        size_inch = (SIZE_PX[0] / _DOTS_PER_INCH, SIZE_PX[1] / _DOTS_PER_INCH)
        figure = Figure(figsize=size_inch, dpi=_DOTS_PER_INCH, facecolor=ground.background)
        # matplotlib's canvas has no types.
        self._canvas: Any = FigureCanvasAgg(figure)
        self._show = show
        bottom = _BOTTOM["solid" if show.solid else "flat"]
        top = _TOP["warned" if show.warning else ""]
        axes = _plain(figure.add_axes((_LEFT, bottom, _WIDTH, top - bottom)), ground)
        self._map = (SolidMap if show.solid else FlatMap)(axes, show, ground)
        self._iteration = _words(figure, show, ground)
        self._loss = _Loss(_plain(figure.add_axes(_LOSS), ground), show.loss, show, ground)
        _legend(figure.add_axes(_LEGEND), show, ground)

    @property
    def frames(self) -> int:
        """How many the film has."""
        return self._show.frames

    def draw(self, position: float, yaw: float = 0.0) -> Image.Image:
        """The picture at a frame number (between two: in between); `yaw` turns three dimensions."""
        iteration, points, centroids = self._show.at(position)
        self._map.move(points, centroids, yaw)
        self._iteration.set_text(f"iteration {round(iteration):,}")
        self._loss.move(iteration)
        self._canvas.draw()
        return Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert("RGB")


def write_png(picture: Picture, path: Path) -> None:
    """Write the last frame. Errors: another ending than .png."""
    if path.suffix.lower() != ".png":
        raise UserError(f"--out {path}", wanted="it ends with .png")
    image = picture.draw(picture.frames - 1, LAST_YAW)
    write_atomically(path, lambda file: image.save(file, format="PNG", optimize=True))


class _Loss:
    """The curve, and a point that moves along it."""

    def __init__(self, axes: Axes, curve: Curve, show: Show, ground: Ground) -> None:
        self._curve = curve
        last = max(1, int(show.iterations[-1]))
        axes.plot(curve.iterations, curve.values, color=ground.ink, linewidth=1.3, alpha=0.75)
        axes.set_xlim(0, last)
        top = max(curve.values, default=1.0)
        axes.set_ylim(0, top * 1.1 if top > 0 else 1.0)
        axes.locator_params(axis="y", nbins=2)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.text(
            0.995, 0.92, "training loss by iteration" if curve.values else "no loss recorded",
            transform=axes.transAxes, ha="right", va="top", fontsize=11, color=ground.ink,
        )  # fmt: skip
        self._point = axes.plot([], [], "o", color=ground.warning, markersize=9, clip_on=False)[0]

    def move(self, iteration: float) -> None:
        """Move the point to an iteration."""
        if self._curve.values:
            value = np.interp(iteration, self._curve.iterations, self._curve.values)
            self._point.set_data([iteration], [value])


def _plain(axes: Axes, ground: Ground) -> Axes:
    axes.set_facecolor(ground.background)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(ground.faint)
    axes.tick_params(colors=ground.ink, labelsize=10.5, color=ground.faint)
    axes.grid(color=ground.faint, linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


def _words(figure: Figure, show: Show, ground: Ground) -> Text:
    """Title, warning and caption; returns the iteration, which changes."""
    figure.text(
        _LEFT, 0.972, words(show.title, 60), fontsize=19, fontweight="bold",
        color=ground.ink, va="top",
    )  # fmt: skip
    figure.text(_LEFT, 0.905, words(show.warning), fontsize=12.5, color=ground.warning, va="center")
    for line, bottom in zip(show.caption, _CAPTION, strict=True):
        figure.text(_LEFT, bottom, words(line), fontsize=11, color=ground.ink)
    return figure.text(
        _LEFT + _WIDTH, 0.972, "", fontsize=19, color=ground.ink, va="top", ha="right"
    )


def _legend(axes: Axes, show: Show, ground: Ground) -> None:
    """Every class with its marker; of very many the first."""
    from matplotlib.lines import Line2D

    axes.set_axis_off()
    shown = show.classes[:_MOST_NAMES]
    handles = [
        Line2D([], [], linestyle="", marker=c.marker, color=c.colour, markersize=10) for c in shown
    ]
    names = [words(c.name, _MOST_LETTERS) for c in shown]
    if len(show.classes) > len(shown):
        names.append(f"and {len(show.classes) - len(shown)} more")
        handles.append(Line2D([], [], linestyle=""))
    # matplotlib leaves out what begins with "_"; so the names come last.
    legend = axes.legend(
        handles=handles, labels=["x"] * len(names), labelcolor=ground.ink, loc="upper left",
        fontsize=13 if len(handles) <= _FULL else 9.5, frameon=False, handletextpad=0.3,
        borderaxespad=0,
    )  # fmt: skip
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(name)
