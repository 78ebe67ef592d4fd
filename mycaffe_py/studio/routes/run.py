"""The run page: one run by its own files."""

from __future__ import annotations

from typing import Any

from mycaffe_py.evaluate.film.colours import shown_classes
from mycaffe_py.snapshot.film_tail import FilmTail
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.studio import running
from mycaffe_py.studio.answers import Asked, asks, does, word
from mycaffe_py.studio.runs import run_named, told
from mycaffe_py.studio.state import Studio


def run(studio: Studio, asked: Asked) -> dict[str, Any]:
    """One run as it is now, with the texts it was trained by."""
    found = run_named(studio.workspace, word(asked, "run"))
    return {**told(found), "texts": _texts(found.snapshots())}


def film(studio: Studio, asked: Asked) -> dict[str, Any]:
    """What all frames of a run's film have in common: the sample, its classes and their look."""
    found = run_named(studio.workspace, word(asked, "run"))
    tail = FilmTail(found.film)
    tail.read()
    head = tail.head
    if head is None:
        return {"width": 0}
    labels = sorted({*head.labels, *head.label_names})
    looks = shown_classes([head.label_names.get(label, str(label)) for label in labels])
    return {
        "width": head.width,
        "source": head.source,
        "stand_in_for": head.stand_in_for,
        "records": list(head.records),
        "labels": list(head.labels),
        "classes": [
            {"label": label, "name": look.name, "colour": look.colour, "marker": look.marker}
            for label, look in zip(labels, looks, strict=True)
        ],
    }


def stop(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Let a run end as Ctrl-C would, or at once where `now` is sent."""
    running.stop(run_named(studio.workspace, word(asked, "run")), now=bool(asked.get("now")))
    return {}


def snapshot(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Let a run write a snapshot and go on."""
    running.snapshot(run_named(studio.workspace, word(asked, "run")))
    return {}


def _texts(snapshots: list[SnapshotFiles]) -> dict[str, str]:
    if not snapshots:
        return {}
    card = RunCard.read(snapshots[0].card)
    return {"solver": card.solver.text, **{name: net.text for name, net in card.nets.items()}}


ROUTES = [
    asks("/api/run", run),
    asks("/api/film", film),
    does("/api/run/stop", stop),
    does("/api/run/snapshot", snapshot),
]
