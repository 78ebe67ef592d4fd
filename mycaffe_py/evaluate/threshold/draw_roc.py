"""The picture of a threshold: known against unknown, the ROC curve, class by class."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.evaluate.pictures.letters import lettering, words
from mycaffe_py.evaluate.pictures.run_picture import check_plotting, save_figure
from mycaffe_py.evaluate.threshold.measured_items import LabelShares
from mycaffe_py.evaluate.threshold.unknown_threshold import Measured
from mycaffe_py.trained.strangeness import DISTANCE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KNOWN, _LEFT_OUT, _STRANGERS = "#4477aa", "#ee6677", "#ccbb44"
_INK, _GRID = "#333333", "#e6e6e6"
_DOTS_PER_INCH = 130
_BINS = 60
# More classes than this have no room for their names.
_MOST_BARS = 24
_MOST_LETTERS = 24


def draw_threshold(path: Path, found: Measured) -> Path:
    """Write the PNG `path`. Raises MyCaffeError where matplotlib is missing."""
    check_plotting()
    with lettering([found.source.name, *found.source.label_names.values()]):
        return _drawn(path, found)


def _drawn(path: Path, found: Measured) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.0, 5.4), dpi=_DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    title = f"known or unknown: {found.called_unknown.n:,} known items of {found.source.name}"
    if found.source.stand_in_for:
        title += f"   STAND-IN DATA instead of {found.source.stand_in_for}"
    figure.suptitle(words(title), color=_INK, fontsize=12, x=0.01, ha="left")
    left, middle, right = figure.subplots(1, 3, width_ratios=[5, 4.2, 3.2])
    for axes in (left, middle, right):
        _plain(axes)
    _distances(left, found)
    _curve(middle, found)
    _bars(right, found)
    save_figure(figure, path)
    return path


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#aaaaaa")
    axes.tick_params(colors=_INK, labelsize=9)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _name(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", fontsize=10, color=_INK)


def _distances(axes: Axes, found: Measured) -> None:
    """How strange items of each kind are, on a logarithmic scale."""
    kinds = [
        (found.known, _KNOWN, "known"),
        (found.left_out, _LEFT_OUT, "its class left out"),
        (found.never_trained, _STRANGERS, "never trained"),
    ]
    score = found.score.name
    plain = "squared distance to the nearest class"
    _name(axes, plain if score == DISTANCE else f"score {score}, the smallest of all classes")
    everything = np.concatenate([values for values, _, _ in kinds])
    positive = everything[everything > 0]
    if not len(positive):
        axes.text(0.5, 0.5, "every distance is 0", transform=axes.transAxes, ha="center")
        return
    # A few items almost on a centroid would squeeze all others to the right.
    low, high = float(np.quantile(positive, 0.002)), float(positive.max())
    edges = np.geomspace(low, max(high, low * 1.01) * 1.001, _BINS + 1).tolist()
    for values, hue, name in kinds:
        if len(values):
            share = np.full(len(values), 100 / len(values))
            label = f"{name} ({len(values):,})"
            inside = np.clip(values, edges[0], edges[-1])
            axes.hist(inside, edges, weights=share, color=hue, alpha=0.6, label=label)
    axes.axvline(found.threshold, color=_INK, linewidth=1.4, linestyle="--")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(top=axes.get_ylim()[1] * 1.08)
    axes.annotate(
        f"threshold {found.threshold:.3g}",
        (found.threshold, 0.96),
        xycoords=("data", "axes fraction"),
        xytext=(-5, 0),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=_INK,
    )
    axes.set_ylabel("% of the items", color=_INK)
    _legend(axes)


def _curve(axes: Axes, found: Measured) -> None:
    """Caught unknowns over false alarms; the rare alarms are what matters, so logarithmic."""
    _name(axes, "unknown items caught, %")
    axes.set_xlabel("known items called unknown, % (diamond: at the threshold)", color=_INK)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    lowest = 100 / (2 * max(found.called_unknown.n, 1))
    axes.set_xlim(lowest, 100)
    axes.set_ylim(0, 103)
    kinds = (
        (found.left_out, found.curve, _LEFT_OUT, "class left out"),
        (found.never_trained, found.strangers_curve, _STRANGERS, "never trained"),
    )
    for values, curve, hue, name in kinds:
        if not len(values):
            continue
        alarms = np.maximum(100 * curve.false_alarms, lowest)
        area = f"{name}: equal error {100 * curve.eer:.1f} % (dot), area {curve.auc:.3f}"
        axes.plot(alarms, 100 * (1 - curve.misses), color=hue, linewidth=2, label=area)
        axes.plot(100 * curve.eer, 100 * (1 - curve.eer), "o", color=hue, markersize=5)
        _point(axes, found, values, hue, lowest)
    _legend(axes)


def _point(
    axes: Axes, found: Measured, values: NDArray[np.float64], hue: str, lowest: float
) -> None:
    """Where the threshold stands on the curve."""
    alarms = max(100 * found.called_unknown.rate, lowest)
    caught = 100 * float((values > found.threshold).mean())
    axes.plot(alarms, caught, "D", color=hue, markeredgecolor=_INK, markersize=7)
    # Above and left of a curve there is room, but not at the top.
    flat = caught > 80
    axes.annotate(
        f"{caught:.1f} %",
        (alarms, caught),
        xytext=(-6, -5 if flat else 4),
        textcoords="offset points",
        fontsize=11,
        fontweight="bold",
        color=_INK,
        ha="right",
        va="top" if flat else "bottom",
    )


def _legend(axes: Axes) -> None:
    """The legend stands below the picture, where nothing is in its way."""
    axes.legend(
        frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(-0.02, -0.13), handlelength=1.5
    )


def _bars(axes: Axes, found: Measured) -> None:
    """How many items of each class are caught when it is left out; the worst ones if many."""
    rows = [one for one in found.labels if not math.isnan(one.caught.rate)]
    worst = sorted(rows, key=_caught)[:_MOST_BARS]
    shown = [one for one in rows if one in worst]
    _name(
        axes,
        "unknown items caught, % of each class"
        + ("" if len(shown) == len(rows) else " (the worst)"),
    )
    known = found.source.label_names
    names = [words(known.get(one.label, str(one.label)), _MOST_LETTERS) for one in shown]
    places = np.arange(len(shown))
    hues = [_LEFT_OUT if one.trained else _STRANGERS for one in shown]
    axes.barh(places, [100 * one.caught.rate for one in shown], color=hues, height=0.66)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.grid(visible=False, axis="y")
    for place, one in zip(places.tolist(), shown, strict=True):
        inside = one.caught.rate > 0.2
        axes.annotate(
            f"{100 * one.caught.rate:.0f}",
            (100 * one.caught.rate, place),
            xytext=(-4 if inside else 4, 0),
            textcoords="offset points",
            ha="right" if inside else "left",
            va="center",
            fontsize=8,
            color="white" if inside else _INK,
        )


def _caught(one: LabelShares) -> float:
    return one.caught.rate
