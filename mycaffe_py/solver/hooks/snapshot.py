"""Floor 6. Writes snapshots: every `snapshot` iterations, at the end, and when asked to stop."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.errors import MyCaffeError, UserError, Where
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.solver.cards import make_card
from mycaffe_py.solver.hooks.hook import Event, Every, Hook
from mycaffe_py.solver.saving import save
from mycaffe_py.solver.solver import Solver
from mycaffe_py.temporary import temporary_beside


class Snapshot(Hook):
    """`files` are those of the newest snapshot of this process, None before the first."""

    def __init__(self, prefix: Path) -> None:
        """`prefix` is the beginning of all file names; its folder is made."""
        self.prefix = prefix
        self.files: SnapshotFiles | None = None

    def start(self, solver: Solver) -> None:
        """Make sure that snapshots can be written, before hours of work depend on it."""
        self._due = Every(solver.text.snapshot, at_zero=False)
        check_writable(self.prefix.parent, solver.job.where.at("snapshot_prefix"))

    def after_step(self, solver: Solver) -> None:
        """The regular ones, and those a signal asked for."""
        if self._due(solver.iteration) or solver.snapshot_asked:
            solver.snapshot_asked = False
            self.save(solver)

    def told(self, solver: Solver, event: Event) -> None:
        """A test of the weights just saved belongs on their run card."""
        files = self.files
        if event.kind == "test" and files is not None and files.iteration == event.iteration:
            written = RunCard.read(files.card)
            make_card(solver, written.checksums).write(files.card)

    def finish(self, solver: Solver) -> None:
        """The last one: asked for by snapshot_after_train, or the run was stopped."""
        wanted = solver.stopping or solver.text.snapshot_after_train
        last = solver.last_snapshot
        saved = last is not None and SnapshotFiles.beside(last).iteration == solver.iteration
        if wanted and not saved:
            self.save(solver)
        if solver.stopping:
            print(f"Go on with: mycaffe resume {solver.last_snapshot}", flush=True)

    def save(self, solver: Solver) -> None:
        """Write one now, and tell."""
        try:
            self.files = save(solver, self.prefix)
        except MyCaffeError as error:
            if solver.last_snapshot is None:
                raise
            raise MyCaffeError(
                str(error).rstrip("."), do=f"Go on with: mycaffe resume {solver.last_snapshot}"
            ) from error
        figures = {"weights": str(self.files.weights), "state": str(self.files.state)}
        solver.tell(Event("snapshot", solver.iteration, figures))


def check_writable(folder: Path, where: Where) -> None:
    """Make `folder`, and a file in it for a moment. Errors: no file can be made there."""
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
