"""The page Test Many: what a snapshot answered, its mistakes in pictures, its threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.responses import Response

from mycaffe_py.errors import UserError
from mycaffe_py.files.checked_json import load_json, read_bounded
from mycaffe_py.files.schema import DamagedError
from mycaffe_py.snapshot.names import THRESHOLD, SnapshotFiles
from mycaffe_py.studio.answered import Answered, answered, sources_of
from mycaffe_py.studio.answers import Asked, asks, whole, word
from mycaffe_py.studio.runs import run_named
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.tiles import drawing, opened, sheet

# A matrix of more classes could not be read; those with the most mistakes are shown.
MOST_CLASSES = 40
MOST_ITEMS = 120


def found(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Accuracy, label by label, and the confusion; `sources` are all that was measured on."""
    files = _files(studio, asked)
    sources = sources_of(files)
    if not sources:
        return {"iteration": files.iteration, "sources": [], "n": 0}
    one = answered(files, word(asked, "source", ""))
    scores = one.scores
    told = np.union1d(one.truth, scores.answers).tolist()
    return {
        "iteration": files.iteration,
        "weights": files.weights.name,
        "sources": sources,
        "source": one.answers.source,
        "stand_in_for": one.stand_in_for,
        "outdated": one.outdated,
        "trained_on": one.trained_on,
        "accuracy": scores.accuracy,
        "n": scores.n,
        "wrong": len(scores.wrong),
        "labels": [_label(one, column) for column in told],
        "confusion": _confusion(one, told),
        "has_features": bool(one.answers.features.size),
    }


def _label(one: Answered, column: int) -> dict[str, Any]:
    label = one.scores.labels[column]
    nearest = label.nearest_wrong
    return {
        "column": column, "name": one.name(column), "n": label.n, "wrong": label.n - label.correct,
        "accuracy": label.accuracy,
        "nearest_wrong": None if nearest is None else one.name(nearest),
        "nearest_wrong_n": label.nearest_wrong_n,
    }  # fmt: skip


def _confusion(one: Answered, told: list[int]) -> dict[str, Any]:
    """Counts, rows are what it is: of all classes `told`, or of those with the most mistakes."""
    counts = one.scores.confusion[np.ix_(told, told)]
    mistakes = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    shown = np.sort(np.argsort(-mistakes, kind="stable")[:MOST_CLASSES])
    return {
        "columns": [told[place] for place in shown.tolist()],
        "counts": counts[np.ix_(shown, shown)].tolist(),
        "classes": len(told),
    }


def items(studio: Studio, asked: Asked) -> dict[str, Any]:
    """A page of the items of a cell, the hardest first, each with what was answered."""
    one = answered(_files(studio, asked), word(asked, "source", ""))
    places = one.items(
        _column(one, asked, "truth"), _column(one, asked, "answer"), "wrong" in asked
    )
    start = max(0, whole(asked, "from", 0))
    shown = places[start : start + min(max(0, whole(asked, "count", 48)), MOST_ITEMS)]
    own, rival, nearest = one.gaps(shown)
    given = one.scores.answers[shown]
    return {
        "n": len(places),
        "from": start,
        "source": one.answers.source,
        "items": [
            {
                "record": int(one.answers.records[place]), "is": one.name(int(one.truth[place])),
                "said": one.name(int(answer)), "right": bool(answer == one.truth[place]),
                "own": float(near), "other": one.name(int(other)), "other_distance": float(far),
            }
            for place, answer, near, far, other in zip(
                shown, given, own, rival, nearest, strict=True
            )
        ],
        **drawing(one.answers, [int(one.answers.records[place]) for place in shown]),
    }  # fmt: skip


def pictures(studio: Studio, asked: Asked) -> Response:
    """The pictures of records (numbers with commas between) of the source measured on, one PNG."""
    one = answered(_files(studio, asked), word(asked, "source", ""))
    names = [part for part in word(asked, "records").split(",") if part]
    if not names or len(names) > 2 * MOST_ITEMS:
        raise UserError("the page asked for no pictures, or for too many at once")
    records = [whole({"record": name}, "record") for name in names]
    columns = min(max(1, whole(asked, "columns", len(records))), len(records))
    return Response(sheet(opened(one.answers.source), records, columns), media_type="image/png")


def threshold(studio: Studio, asked: Asked) -> dict[str, Any]:
    """The report of `mycaffe threshold` kept beside a snapshot, {} where there is none."""
    files = _files(studio, asked)
    path = files.with_ending(THRESHOLD)
    if not path.is_file():
        return {}
    try:
        report = load_json(read_bounded(path))
        if not isinstance(report, dict):
            raise DamagedError("it is no report")
        outdated = files.weights.stat().st_mtime > path.stat().st_mtime
    except (DamagedError, OSError) as error:
        raise UserError(
            f"the threshold '{path.name}' is damaged ({error})", do="Press Find the threshold."
        ) from error
    return {**report, "outdated": outdated}


def _files(studio: Studio, asked: Asked) -> SnapshotFiles:
    run = run_named(studio.workspace, word(asked, "run"))
    return run.snapshot(word(asked, "iteration", ""))


def _column(one: Answered, asked: Asked, name: str) -> int | None:
    if asked.get(name) in (None, ""):
        return None
    column = whole(asked, name)
    if not 0 <= column < len(one.answers.classes):
        raise UserError("there is no such class", do="Reload the page: files changed.")
    return column


ROUTES = [
    asks("/api/answers", found),
    asks("/api/answers/items", items),
    asks("/api/answers/pictures", pictures),
    asks("/api/threshold", threshold),
]
