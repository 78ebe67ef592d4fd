"""The ranking as a picture: a bar for each design, baselines in a colour of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from mycaffe_py.evaluate.designs.table import Row
from mycaffe_py.evaluate.pictures.letters import lettering, words
from mycaffe_py.evaluate.pictures.run_picture import check_plotting, save_figure

_HEAD, _BASELINE, _INK, _GRID = "#4477aa", "#bbbbbb", "#333333", "#e6e6e6"
_DOTS_PER_INCH = 130
_MOST_LETTERS = 60


def draw_ranking(path: Path, title: str, rows: Sequence[Row]) -> Path:
    """Write the PNG `path`. Raises MyCaffeError where matplotlib is missing."""
    check_plotting()
    with lettering([title, *(row.name for row in rows)]):
        return _drawn(path, title, rows)


def _drawn(path: Path, title: str, rows: Sequence[Row]) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [row for row in rows if not math.isnan(row.accuracy_mean)]
    figure = Figure(
        figsize=(9.0, 1.3 + 0.34 * len(shown)), dpi=_DOTS_PER_INCH, layout="constrained"
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color("#aaaaaa")
    axes.tick_params(colors=_INK, labelsize=9)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    places = range(len(shown))
    values = [100 * row.accuracy_mean for row in shown]
    spread = [0.0 if math.isnan(row.accuracy_sd) else 100 * row.accuracy_sd for row in shown]
    hues = [_BASELINE if row.baseline else _HEAD for row in shown]
    axes.barh(places, values, xerr=spread, color=hues, height=0.66, ecolor=_INK, capsize=2)
    # Half of the pairs are of one class, so guessing gets 50 %.
    axes.set_xlim(50, 108)
    axes.set_xticks(range(50, 101, 10))
    axes.set_yticks(list(places), [words(row.name, _MOST_LETTERS) for row in shown])
    axes.invert_yaxis()
    for place, (value, sd) in enumerate(zip(values, spread, strict=True)):
        axes.text(
            max(50.0, value + sd) + 0.8, place, f"{value:.2f}", va="center", fontsize=9, color=_INK
        )
    axes.set_xlabel(
        "accuracy on pairs not learned from, % (50: guessing); whiskers: standard deviation over "
        "seeds; gray: baselines",
        fontsize=8, color=_INK,
    )  # fmt: skip
    axes.set_title(words(title), loc="left", fontsize=10, color=_INK)
    save_figure(figure, path)
    return path
