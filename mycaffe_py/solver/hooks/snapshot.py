"""Writes snapshots: every `snapshot` iterations, at the end, and when asked to stop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mycaffe_py.errors import MyCaffeError, UserError, Where
from mycaffe_py.files.temporary import temporary_beside
from mycaffe_py.notices import is_hushed
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.solver.cards import last_tests
from mycaffe_py.solver.hooks.hook import Event, Every, Hook, Run
from mycaffe_py.solver.saving import save


class WriteSnapshots(Hook):
    """`files` are those of the newest snapshot of this process, None before the first.

    It is called in each of several processes, as all of them hold parts of the state; the first
    one writes.
    """

    def __init__(self, prefix: Path) -> None:
        """`prefix` is the beginning of all file names; its folder is made."""
        self.prefix = prefix
        self.files: SnapshotFiles | None = None

    def start(self, solver: Run) -> None:
        """Make sure that snapshots can be written, before hours of work depend on it."""
        self._due = Every(solver.text.snapshot, at_zero=False)
        if solver.together.rank == 0:
            check_writable(self.prefix.parent, solver.job.where.at("snapshot_prefix"))

    def after_step(self, solver: Run) -> None:
        """Write a snapshot if one is due or was asked for by a signal."""
        if self._due(solver.iteration) or solver.record.snapshot_asked:
            solver.record.snapshot_asked = False
            self.save(solver)

    def told(self, solver: Run, event: Event) -> None:
        """Add a test of the weights that were saved or restored last to their run card.

        A run that was killed may have written its last snapshot, and not have come to the test.
        """
        last = solver.record.last_snapshot
        if event.kind != "test" or last is None or solver.together.rank != 0:
            return
        files = SnapshotFiles.beside(last)
        if files.iteration == event.iteration and files.card.is_file():
            written = RunCard.read(files.card)
            figures = {**written.figures, "tests": last_tests(solver)}
            told = replace(written, figures=figures, best=solver.record.best)
            if told != written:
                told.write(files.card)

    def finish(self, solver: Run) -> None:
        """Write the last snapshot, if snapshot_after_train asks for it or the run was stopped."""
        wanted = solver.stopping or solver.text.snapshot_after_train
        last = solver.record.last_snapshot
        saved = last is not None and SnapshotFiles.beside(last).iteration == solver.iteration
        if wanted and not saved:
            self.save(solver)
        if solver.stopping and solver.together.rank == 0 and not is_hushed():
            print(f"Go on with: mycaffe resume {solver.record.last_snapshot}", flush=True)

    def save(self, solver: Run) -> None:
        """Write a snapshot now, and tell of it."""
        try:
            self.files = save(solver, self.prefix)
        except MyCaffeError as error:
            if solver.record.last_snapshot is None:
                raise
            raise MyCaffeError(
                str(error).rstrip("."),
                do=f"Go on with: mycaffe resume {solver.record.last_snapshot}",
            ) from error
        figures = {"weights": str(self.files.weights), "state": str(self.files.state)}
        solver.tell(Event("snapshot", solver.iteration, figures))


def check_writable(folder: Path, where: Where) -> None:
    """Make `folder`, and try whether a file can be made in it. Errors: it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = temporary_beside(folder / "snapshot")
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise UserError(
            f"snapshots cannot be written to '{folder}': {error.strerror}",
            where=where,
            do="Choose another snapshot_prefix, or make the folder writable.",
        ) from error
