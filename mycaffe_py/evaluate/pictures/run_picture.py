"""The picture of a run: its curves, and where its net puts the test items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.pictures.curves import Curve, Curves
from mycaffe_py.evaluate.pictures.letters import lettering, words
from mycaffe_py.evaluate.pictures.projection import Plane
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.installing import install_extra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Hues that stay apart on paper and for most colour-blind readers.
_HUES = (
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee",
    "#aa3377", "#ee8866", "#777777", "#99bb55", "#9977cc",
)  # fmt: skip
_INK = "#333333"
_GRID = "#e6e6e6"
_DOTS_PER_INCH = 130
# Longer words leave no room for what they are about.
_MOST_TITLE, _MOST_NAME = 80, 24


@dataclass(frozen=True)
class Embedding:
    """Test items in a plane: `labels` (n,) of the points, `centroid_labels` (L,) of the centroids.

    `names` are those of the labels, `title` stands above.
    """

    plane: Plane
    labels: NDArray[np.int64]
    centroid_labels: NDArray[np.int64]
    names: Mapping[int, str]
    title: str


def check_plotting() -> None:
    """Raise UserError where matplotlib is missing."""
    if find_spec("matplotlib") is None:
        raise UserError(
            "pictures of a run need matplotlib, which is not installed",
            do=f"Install it with: {install_extra('plot')}",
        )


def draw(path: Path, title: str, curves: Curves, embedding: Embedding | None) -> Path:
    """Write the PNG `path`: loss and accuracy by iteration, beside them the embedding if any."""
    check_plotting()
    names = embedding.names.values() if embedding else ()
    with lettering([title, *names]):
        return _drawn(path, title, curves, embedding)


def _drawn(path: Path, title: str, curves: Curves, embedding: Embedding | None) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    widths_inch = [5.0, 6.0] if embedding else [6.0]
    size_inch = (sum(widths_inch), 5.6)
    figure = Figure(figsize=size_inch, dpi=_DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(words(title, _MOST_TITLE), color=_INK, fontsize=12, x=0.01, ha="left")
    grid = figure.add_gridspec(2, len(widths_inch), width_ratios=widths_inch)
    loss = figure.add_subplot(grid[0, 0])
    accuracy = figure.add_subplot(grid[1, 0], sharex=loss)
    _line(loss, curves.loss, "training loss", _HUES[0])
    loss.set_ylim(bottom=0)
    loss.tick_params(labelbottom=False)
    _line(accuracy, _percent(curves.accuracy), "test accuracy, %", _HUES[2])
    _last_value(accuracy, curves.accuracy)
    accuracy.set_xlabel("iteration", color=_INK)
    if embedding is not None:
        _points(figure.add_subplot(grid[:, 1]), embedding)
    save_figure(figure, path)
    return path


def save_figure(figure: Figure, path: Path) -> None:
    """Write `figure` to `path`, whose ending tells the format; a picture without one is a PNG."""
    kind = path.suffix.removeprefix(".") or "png"
    write_atomically(path, lambda file: figure.savefig(file, format=kind))


def _percent(curve: Curve) -> Curve:
    return Curve(curve.iterations, tuple(100 * value for value in curve.values))


def _plain_axes(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#aaaaaa")
    axes.tick_params(colors=_INK, labelsize=8)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _line(axes: Axes, curve: Curve, name: str, hue: str) -> None:
    _plain_axes(axes)
    axes.set_title(name, loc="left", fontsize=9, color=_INK)
    marker = "o" if len(curve.values) <= 40 else ""
    axes.plot(curve.iterations, curve.values, color=hue, marker=marker, markersize=3, linewidth=1.4)
    if not curve.values:
        axes.text(0.5, 0.5, "none recorded", transform=axes.transAxes, ha="center", color=_INK)


def _last_value(axes: Axes, curve: Curve) -> None:
    if curve.values:
        axes.annotate(
            f"{100 * curve.values[-1]:.2f} %",
            (curve.iterations[-1], 100 * curve.values[-1]),
            xytext=(0, -14),
            textcoords="offset points",
            ha="right",
            fontsize=9,
            color=_INK,
        )


def _points(axes: Axes, embedding: Embedding) -> None:
    """Each item a dot in its label's hue, each centroid its label's name."""
    from matplotlib.patheffects import withStroke

    _plain_axes(axes)
    plane = embedding.plane
    axes.set_title(words(embedding.title, _MOST_TITLE), loc="left", fontsize=9, color=_INK)
    axes.set_xlabel(plane.axes, color=_INK, fontsize=8)
    hues = np.array([_HUES[label % len(_HUES)] for label in embedding.labels])
    size = 3.0 if len(plane.points) > 3000 else 8.0
    axes.scatter(plane.points[:, 0], plane.points[:, 1], s=size, c=hues, alpha=0.55, linewidths=0)
    if len(plane.centroids):  # words are not counted: a centroid may lie beyond all points
        axes.update_datalim(plane.centroids)
        axes.autoscale_view()
    for label, (x, y) in zip(embedding.centroid_labels.tolist(), plane.centroids, strict=True):
        name = axes.text(
            x,
            y,
            words(embedding.names.get(label, str(label)), _MOST_NAME),
            fontsize=15,
            fontweight="bold",
            color=_HUES[label % len(_HUES)],
            ha="center",
            va="center",
            path_effects=[withStroke(linewidth=3.5, foreground="white")],
        )
        name.set_in_layout(False)
    axes.set_aspect("equal", adjustable="datalim")
