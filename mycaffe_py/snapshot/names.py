"""Floor 2. What the files of a run are called, and which are the newest below a folder.

`<prefix>_iter_<n>.caffemodel`, `.solverstate` and `.run.json` belong together; they are written in
the order weights, run card, state, so a state has its weights beside it whenever the run was
killed. `<prefix>.events.jsonl` is the run's diary.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.errors import UserError

WEIGHTS = ".caffemodel"
STATE = ".solverstate"
CARD = ".run.json"
EVENTS = ".events.jsonl"


@dataclass(frozen=True)
class SnapshotFiles:
    """The three files of one snapshot."""

    weights: Path
    state: Path
    card: Path

    @staticmethod
    def of(prefix: Path, iteration: int) -> SnapshotFiles:
        """The files for `iteration` (updates done) of the run called `prefix`."""
        return SnapshotFiles._of_stem(prefix.parent, f"{prefix.name}_iter_{iteration}")

    @staticmethod
    def beside(path: Path) -> SnapshotFiles:
        """The files that belong to one of them, given by its path."""
        for ending in (WEIGHTS, STATE, CARD):
            if path.name.endswith(ending):
                return SnapshotFiles._of_stem(path.parent, path.name.removesuffix(ending))
        raise UserError(
            f"'{path}' is no file of a snapshot",
            wanted=f"its name should end with {WEIGHTS}, {STATE} or {CARD}",
        )

    @staticmethod
    def of_state(path: Path) -> SnapshotFiles:
        """The files of a snapshot whose state a run goes on from, so it must be there."""
        files = SnapshotFiles.beside(path)
        if not files.state.is_file():
            raise UserError(
                f"there is no solver state '{files.state}'",
                do="'mycaffe resume' without a name takes the newest below this folder.",
            )
        return files

    @staticmethod
    def _of_stem(folder: Path, stem: str) -> SnapshotFiles:
        return SnapshotFiles(
            weights=folder / f"{stem}{WEIGHTS}",
            state=folder / f"{stem}{STATE}",
            card=folder / f"{stem}{CARD}",
        )

    @property
    def prefix(self) -> Path:
        """The run's prefix, e.g. snapshots/lenet of snapshots/lenet_iter_100.solverstate."""
        stem = self.state.name.removesuffix(STATE)
        return self.state.parent / stem.rpartition("_iter_")[0]

    @property
    def iteration(self) -> int:
        """The iteration in the name, -1 where there is none."""
        number = self.state.name.removesuffix(STATE).rpartition("_iter_")[2]
        return int(number) if number.isdigit() else -1


def events_path(prefix: Path) -> Path:
    """The diary of the run called `prefix`."""
    return prefix.parent / f"{prefix.name}{EVENTS}"


def newest(folder: Path, ending: str) -> Path:
    """The file written last of those below `folder` whose name ends with `ending`.

    Among files of one time the higher iteration wins. Hidden folders are not looked into.
    """
    found: list[tuple[int, int, Path]] = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.endswith(ending) and "_iter_" in name:
                path = Path(place, name)
                iteration = SnapshotFiles.beside(path).iteration
                found.append((path.stat().st_mtime_ns, iteration, path))
    if not found:
        raise UserError(
            f"there is no *_iter_*{ending} below {folder.resolve()}",
            do="'mycaffe train' writes snapshots; or name the file.",
        )
    return max(found)[2]
