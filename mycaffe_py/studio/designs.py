"""What `mycaffe rank` left in the folder, and what its commands can be given."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from mycaffe_py.data.dataset_kind import dataset_kinds
from mycaffe_py.data.feature_tables.feature_card import TableFiles, read_card
from mycaffe_py.data.source import open_head, splits_of
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.proto.templates import heads
from mycaffe_py.snapshot.names import SnapshotFiles, files_below
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.studio.runs import all_runs
from mycaffe_py.studio.workspace import MODEL, Workspace

RESULT = "rank.json"
RUNS = "runs"
_HEADS = "heads/"
_MOST_BYTES = 4 << 20


def rankings(workspace: Workspace) -> list[dict[str, Any]]:
    """Each result of a ranking below the folder, the newest first; damaged ones are named alone."""
    paths = [path for path in files_below(workspace.root, (RESULT,)) if path.name == RESULT]
    found = []
    for path in sorted(paths, key=lambda path: -path.stat().st_mtime):
        name = workspace.name(path.parent) if path.parent != workspace.root else "."
        told = _read(path) or {"damaged": True, "designs": []}
        for row in told["designs"]:
            row["weights"] = _weights(workspace, path.parent, row.get("weights"))
        made = _made_by(workspace, str(told.get("features", "")))
        found.append({"folder": name, "made_by": made, **told})
    return found


def tables() -> list[dict[str, Any]]:
    """Every table of features, with its rows and values for each split."""
    told = []
    for name in dataset_kinds.get("features").names():
        with suppress(MyCaffeError, OSError):
            for split in splits_of(name):
                head = open_head(f"{name}.{split}")
                told.append({"source": head.name, "rows": len(head), "values": head.shape[0]})
    return told


def head_names() -> list[str]:
    """The heads that come with mycaffe, as rank names them."""
    return [head.name.removeprefix(_HEADS) for head in heads()]


def bases(workspace: Workspace) -> list[dict[str, Any]]:
    """The runs whose net can make features, with its blobs and the sources it was trained on."""
    told = []
    for run in all_runs(workspace):
        with suppress(MyCaffeError, OSError):
            card = RunCard.read(run.newest().card)
            sources = list(dict.fromkeys(one.source for one in card.datasets))
            told.append({"run": run.name, "blobs": list(card.shapes), "sources": sources})
    return told


def _weights(workspace: Workspace, folder: Path, name: object) -> str:
    """What pages call the weights of a ranked head, "" where they are not there."""
    path = folder / RUNS / str(name)
    return workspace.name(path) if name and path.is_file() else ""


def _made_by(workspace: Workspace, table: str) -> dict[str, str]:
    """What a table of features was made by, as far as it lies in the folder: the base to refine."""
    dataset, _, split = table.rpartition(".")
    told: dict[str, str] = {}
    with suppress(MyCaffeError, OSError, ValueError):
        card, _ = read_card(TableFiles.of(dataset, split).card)
        told |= {"blob": card.base.blob, "source": card.source}
        weights = Path(card.base.weights)
        told["base_weights"] = workspace.name(weights)
        model = card.base.model or _net_text(RunCard.read(SnapshotFiles.beside(weights).card))
        texts = (name for name in workspace.texts() if name.endswith(MODEL))
        told["base"] = next((name for name in texts if Path(name).name == Path(model).name), "")
    return told


def _net_text(card: RunCard) -> str:
    return next((one.file for one in card.nets.values()), card.solver.file)


def _read(path: Path) -> dict[str, Any] | None:
    with suppress(OSError, ValueError, RecursionError):
        if path.stat().st_size <= _MOST_BYTES:
            found = json.loads(path.read_text(encoding="utf-8"))
            designs = found.get("designs") if isinstance(found, dict) else None
            if isinstance(designs, list) and all(isinstance(one, dict) for one in designs):
                return {**found, "damaged": False}
    return None
