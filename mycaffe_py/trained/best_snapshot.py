"""The snapshot of a run's best test, and whether it was chosen on the items that are measured."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.best import Best
from mycaffe_py.snapshot.names import CARD, WEIGHTS, SnapshotFiles, newest, run_files
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.trained.snapshot import Snapshot


def best_snapshot(path: Path | None, below: Path = Path()) -> Path:
    """The weights of the best test of the run that `path` belongs to, else of the newest one.

    Errors: the run kept none.
    """
    if path is None or path.is_dir():
        path = newest(path or below, WEIGHTS)
    prefix = SnapshotFiles.beside(path).prefix
    best = _best_of(prefix)
    if best is None or best.value is None:
        raise UserError(
            f"the run '{prefix}' kept no best snapshot",
            do="Train with --keep-best OUTPUT, such as accuracy1; or leave --best away.",
        )
    files = [SnapshotFiles.of(prefix, best.iteration, hdf5=hdf5) for hdf5 in (False, True)]
    there = [one.weights for one in files if one.weights.is_file()]
    if not there:
        raise UserError(
            f"the best snapshot of the run '{prefix}' is not there: {files[0].weights}",
            wanted=f"{best.output} was {best.value:g} at iteration {best.iteration}",
            do="Train with --keep-best, which keeps it; --patience alone does not.",
        )
    return there[0]


def chosen_on(snapshot: Snapshot, source: ArraySource) -> Best | None:
    """The test that `snapshot` was chosen by, if it was one on the items of `source`."""
    mine = snapshot.card.best
    if mine is None or mine.value is None or mine.iteration != snapshot.card.iteration:
        return None
    best = _best_of(snapshot.files.prefix)
    if best is None or best.iteration != mine.iteration:
        return None
    same = best.source == source.name or (best.checksum and best.checksum == source.checksum)
    return best if same or (not best.source and snapshot.store is not None) else None


def _best_of(prefix: Path) -> Best | None:
    """The best test of the run with this prefix, as its last run card has it."""
    cards = [path for path in run_files(prefix) if path.name.endswith(CARD)]
    last = max(cards, key=lambda path: SnapshotFiles.beside(path).iteration, default=None)
    return None if last is None else RunCard.read(last).best
