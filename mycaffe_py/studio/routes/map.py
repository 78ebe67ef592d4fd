"""The map page: where a net put the items of a data set, with their pictures and neighbours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from starlette.responses import Response

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.answers import Answers
from mycaffe_py.evaluate.film.colours import shown_classes
from mycaffe_py.retrieve.nearest import nearest
from mycaffe_py.snapshot.film import Film
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.studio import mapped, tiles
from mycaffe_py.studio.answers import Asked, asks, whole, word
from mycaffe_py.studio.laid_out import layout_of, packed
from mycaffe_py.studio.runs import Run, run_named
from mycaffe_py.studio.state import Studio
from mycaffe_py.trained.snapshot import open_testing

ITEMS, FILM = "items", "film"
_MOST_NEAR = 60
# Pictures in one answer, and in a row of it.
MOST_TILES, COLUMNS = 400, 20


def whole_map(studio: Studio, asked: Asked) -> dict[str, Any]:
    """All that the page draws of one snapshot: items, film, classes and their look."""
    run, files = _chosen(studio, asked)
    answers = _answers(files, word(asked, "source", ""))
    film = mapped.film_of(run)
    snapshots = run.snapshots()
    names = dict(film.head.label_names) if film else {}
    names |= mapped.known(files).names if files else {}
    labels = {*names, *(film.head.labels if film else ())}
    labels |= set(answers.labels.tolist()) if answers else set()
    order = sorted(labels)
    looks = shown_classes([names.get(label, str(label)) for label in order])
    return {
        "iteration": files.iteration if files else None,
        "snapshots": [one.iteration for one in snapshots],
        "sources": [one.source for one in mapped.kept_answers(files)] if files else [],
        "recorded": bool(files and mapped.kept_answers(files)),
        "classes": [
            {"label": label, "name": look.name, "colour": look.colour, "marker": look.marker}
            for label, look in zip(order, looks, strict=True)
        ],
        "items": _items(files, answers) if files and answers else None,
        "film": _film(film) if film and film.frames else None,
    }


def sheet(studio: Studio, asked: Asked) -> Response:
    """A PNG of the pictures of `records` ("3,1,4"), in tiles."""
    source = _source(studio, asked)
    records = _numbers(word(asked, "records"), len(source))
    return Response(tiles.sheet(source, records, COLUMNS), media_type="image/png")


def tile(studio: Studio, asked: Asked) -> dict[str, Any]:
    """What the page must know to cut tiles out of sheets."""
    source = _source(studio, asked)
    return {"columns": COLUMNS, "most": MOST_TILES, "word": source.word}


def near(studio: Studio, asked: Asked) -> dict[str, Any]:
    """The items nearest to item number `item` in the space of the features, by Euclidean distance.

    In the whole width of the features, not in what the map shows of it.
    """
    rows = _rows(studio, asked)
    item = whole(asked, "item")
    if not 0 <= item < len(rows):
        raise UserError(f"there is no item {item}", wanted=f"0 to {len(rows) - 1}")
    finite = np.flatnonzero(np.isfinite(rows).all(axis=1))
    place = int(np.searchsorted(finite, item))
    if place == len(finite) or finite[place] != item:
        raise UserError(f"the feature of item {item} is not finite", do="Choose another point.")
    count = min(max(1, whole(asked, "count", 12)), _MOST_NEAR)
    found = nearest(rows[item : item + 1], rows[finite], count, skip=np.array([place]))
    pairs = zip(found.rows[0].tolist(), np.sqrt(found.distances[0]).tolist(), strict=True)
    near = [{"item": int(finite[i]), "distance": d} for i, d in pairs if i >= 0]
    return {"item": item, "near": near}


def _chosen(studio: Studio, asked: Asked) -> tuple[Run, SnapshotFiles | None]:
    run = run_named(studio.workspace, word(asked, "run"))
    iteration = whole(asked, "iteration") if asked.get("iteration") not in (None, "") else None
    return run, mapped.snapshot_files(run, iteration)


def _answers(files: SnapshotFiles | None, source: str) -> Answers | None:
    """Those with features: of `source`, or the ones measured last."""
    kept = mapped.kept_answers(files) if files else []
    for one in kept:
        if len(one.features) and source in ("", one.source):
            return one
    return None


def _items(files: SnapshotFiles, answers: Answers) -> dict[str, Any]:
    layout = layout_of(answers.features)
    means = mapped.class_means(files, answers)
    known = mapped.known(files)
    closest = answers.distances.min(axis=1) if answers.distances.shape[1] else np.zeros(0)
    stand_in = {one.source: one.stand_in_for for one in mapped.opened(files).card.datasets}
    return {
        **layout.as_json(),
        "source": answers.source,
        "stand_in_for": stand_in.get(answers.source) or "",
        "feature_width": answers.features.shape[1],
        "points": packed(layout.of(answers.features)),
        "records": answers.records.tolist(),
        "labels": answers.labels.tolist(),
        "answers": answers.answers.tolist(),
        "unknown": np.flatnonzero(closest > known.threshold).tolist(),
        "threshold": known.threshold if math.isfinite(known.threshold) else None,
        "threshold_told": known.told,
        "centroids": {
            "labels": means.labels.tolist(), "points": packed(layout.of(means.places)),
            "told": means.told,
        },
        "enrolled": [
            {"name": name, "points": packed(layout.of(rows))}
            for name, rows in mapped.enrolled(files, answers.features.shape[1])
        ],
    }  # fmt: skip


def _film(film: Film) -> dict[str, Any]:
    last, head = film.frames[-1], film.head
    return {
        **layout_of(last.points, f"of the frame of iteration {last.iteration:,}").as_json(),
        "iteration": last.iteration,
        "source": head.source,
        "stand_in_for": head.stand_in_for,
        "feature_width": head.width,
        "items": head.items,
        "records": list(head.records),
        "labels": list(head.labels),
    }


def _rows(studio: Studio, asked: Asked) -> FeatureRows:
    """The features (n, D) of what the page shows."""
    run, files = _chosen(studio, asked)
    if word(asked, "kind", ITEMS) == FILM:
        film = mapped.film_of(run)
        frame = whole(asked, "frame")
        for one in film.frames if film else ():
            if one.iteration == frame:
                return one.points
        raise UserError(f"the film has no frame of iteration {frame}", do="Reload the page.")
    answers = _answers(files, word(asked, "source", ""))
    if answers is None:
        raise UserError("no answers are kept", do="'mycaffe test-many --record' keeps them.")
    return answers.features


def _source(studio: Studio, asked: Asked) -> ArraySource:
    """The data set whose items are shown. Errors: it is gone, it has changed."""
    run, files = _chosen(studio, asked)
    if word(asked, "kind", ITEMS) == FILM:
        film = mapped.film_of(run)
        if film is None:
            raise UserError(f"the run '{run.name}' has no film", do="Reload the page.")
        return _checked(tiles.opened(film.head.source), film.head.checksum)
    answers = _answers(files, word(asked, "source", ""))
    if answers is None or files is None:
        raise UserError("no answers are kept", do="'mycaffe test-many --record' keeps them.")
    snapshot = mapped.opened(files)
    if snapshot.store is not None and answers.source == snapshot.testing.source:
        return _checked(open_testing(snapshot), answers.checksum)
    return _checked(tiles.opened(answers.source), answers.checksum)


def _checked(source: ArraySource, checksum: str) -> ArraySource:
    if source.checksum != checksum:
        raise UserError(
            f"{source.name} has changed since it was measured, so its pictures are others",
            do="Test many again.",
        )
    return source


def _numbers(text: str, count: int) -> list[int]:
    """The record numbers that the page lists. Errors: too many, others than `count` items have."""
    words = text.split(",")
    fit = all(one.isascii() and one.isdigit() and len(one) < 12 for one in words)
    if not fit or len(words) > MOST_TILES or any(int(one) >= count for one in words):
        raise UserError("the page asks for pictures that are not there", do="Reload it.")
    return [int(one) for one in words]


ROUTES = [
    asks("/api/map", whole_map),
    asks("/api/map/sheet", sheet),
    asks("/api/map/tile", tile),
    asks("/api/map/near", near),
]
