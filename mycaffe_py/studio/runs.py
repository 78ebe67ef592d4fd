"""The runs below the studio's folder, told by their own files: nothing about them is kept here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.snapshot.film import film_path
from mycaffe_py.snapshot.life import life_of
from mycaffe_py.snapshot.names import (
    CARD,
    EVENTS,
    WEIGHTS,
    SnapshotFiles,
    events_path,
    files_below,
    run_files,
)
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.studio.workspace import Workspace


@dataclass(frozen=True)
class Run:
    """A run by the prefix of its files; `name` is what pages call it."""

    name: str
    prefix: Path

    @property
    def diary(self) -> Path:
        """Its events, which need not be there: a snapshot may have come without them."""
        return events_path(self.prefix)

    @property
    def film(self) -> Path:
        """Its film, which need not be there."""
        return film_path(self.prefix)

    def snapshots(self) -> list[SnapshotFiles]:
        """Its snapshots that have a run card, the newest iteration first."""
        files = [
            SnapshotFiles.beside(path)
            for path in run_files(self.prefix)
            if path.name.endswith(CARD)
        ]
        return sorted(files, key=lambda found: -found.iteration)

    def newest(self) -> SnapshotFiles:
        """Its newest snapshot. Errors: it has none yet."""
        found = self.snapshots()
        if not found:
            raise UserError(
                f"the run '{self.name}' has no snapshot yet",
                do="It writes one at its end, and when you ask for it.",
            )
        return found[0]

    def snapshot(self, iteration: str = "") -> SnapshotFiles:
        """The snapshot of that iteration, the newest one for "". Errors: there is none."""
        if not iteration:
            return self.newest()
        for files in self.snapshots():
            if str(files.iteration) == iteration:
                return files
        raise UserError(
            f"the run '{self.name}' has no such snapshot: iteration '{iteration}'",
            do="Reload the page: files changed.",
        )


def all_runs(workspace: Workspace) -> list[Run]:
    """Every run below the folder, the one that told something last first."""
    found: dict[Path, float] = {}
    for path in files_below(workspace.root, (EVENTS, CARD)):
        with suppress(OSError):
            changed = path.stat().st_mtime
            if path.name.endswith(EVENTS):
                prefix = path.with_name(path.name.removesuffix(EVENTS))
            elif "_iter_" in path.name:
                prefix = SnapshotFiles.beside(path).prefix
            else:
                continue
            found[prefix] = max(changed, found.get(prefix, 0.0))
    newest_first = sorted(found, key=lambda prefix: -found[prefix])
    return [Run(workspace.name(prefix), prefix) for prefix in newest_first]


def run_named(workspace: Workspace, name: str) -> Run:
    """The run that pages call `name`. Errors: no run of that name is below the folder."""
    diary = workspace.path(f"{name}{EVENTS}", (EVENTS,))
    run = Run(name, diary.with_name(diary.name.removesuffix(EVENTS)))
    if not diary.is_file() and not run.snapshots():
        raise UserError(f"there is no run '{name}'", do="Reload the page: files changed.")
    return run


def snapshot_of(workspace: Workspace, asked: Mapping[str, Any]) -> SnapshotFiles:
    """The snapshot of the `run` that a page asked for: that of an `iteration`, else the newest.

    Errors: there is none, its weights are gone.
    """
    run = run_named(workspace, str(asked.get("run", "")))
    files = run.snapshot(str(asked.get("iteration") or ""))
    if not files.weights.is_file():
        raise UserError(
            f"the weights '{files.weights.name}' are not there",
            do="Bring them back, or choose another snapshot.",
        )
    return files


def told(run: Run) -> dict[str, Any]:
    """What the pages show of a run: its life, its snapshots, its card."""
    life: dict[str, Any] = {"state": "unknown", "iteration": 0, "begin": {}, "error": {}}
    with suppress(MyCaffeError):
        found = life_of(run.diary)
        life = {
            "state": found.state, "iteration": found.iteration,
            "begin": dict(found.begin), "error": dict(found.error),
        }  # fmt: skip
    snapshots = run.snapshots()
    return {
        "name": run.name,
        **life,
        "film": run.film.is_file(),
        "snapshots": [
            {"iteration": files.iteration, "has_weights": _has_weights(files)}
            for files in snapshots
        ],
        **(_card(snapshots[0]) if snapshots else {}),
    }


def _has_weights(files: SnapshotFiles) -> bool:
    return files.weights.is_file() or files.with_ending(WEIGHTS).is_file()


def _card(files: SnapshotFiles) -> dict[str, Any]:
    """Of the newest snapshot's run card; a damaged one is told as such."""
    try:
        card = RunCard.read(files.card)
    except (MyCaffeError, OSError) as error:
        return {"card_error": str(error)}
    return {
        "seed": card.seed,
        "figures": dict(card.figures),
        "solver": Path(card.solver.file).name,
        "datasets": [
            {
                "layer": d.layer, "phase": d.phase, "source": d.source, "items": d.items,
                "stand_in_for": d.stand_in_for,
            }
            for d in card.datasets
        ],
    }  # fmt: skip
