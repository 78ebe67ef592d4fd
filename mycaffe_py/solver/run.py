"""Floor 6. A whole run as the command line starts it: seed, weights, hooks, words at both ends."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.data.source import notice
from mycaffe_py.errors import UserError
from mycaffe_py.printable import shown
from mycaffe_py.proto.file_kind import STATE
from mycaffe_py.snapshot.checksum import checksum
from mycaffe_py.snapshot.earlier_run import make_room
from mycaffe_py.snapshot.lock import locked
from mycaffe_py.snapshot.mapped import map_file
from mycaffe_py.snapshot.names import SnapshotFiles, lock_path, remove_unnamed
from mycaffe_py.snapshot.other_kind import refuse_other_kind
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard
from mycaffe_py.solver.cards import (
    check_data,
    check_same_data,
    dataset_cards,
    other_batch,
    run_of_solver,
    tests_of,
)
from mycaffe_py.solver.data_words import data_lines
from mycaffe_py.solver.hooks.snapshot import check_writable
from mycaffe_py.solver.learned_before import forget_other_classes
from mycaffe_py.solver.manner import Manner, hooks_of
from mycaffe_py.solver.net_words import net_lines
from mycaffe_py.solver.saving import load_all, restore
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import Job

_ANOTHER_PREFIX = (
    "Wait for its end, or let this run write elsewhere: --set solver.snapshot_prefix=FOLDER/NAME."
)


_PLAIN = Manner()


@dataclass(frozen=True)
class Start:
    """Where a run begins: at fresh weights, at those of files, or where a state was written."""

    seed: int | None = None
    weights: tuple[Path, ...] = ()
    state: Path | None = None


def train(job: Job, start: Start, manner: Manner = _PLAIN) -> Solver:
    """Run `job` to its end, or until it is interrupted (then `stopping` is set).

    Errors: another process is writing the files of this prefix, and all that stops a run.
    """
    card = _card_beside(start.state)
    seed = _seed(job, start, card)
    prefix = snapshot_prefix(job, start.state)
    film = _film_interval(manner, card)
    solver = Solver(job, seed, hooks_of(job, prefix, manner, film))
    check_writable(prefix.parent, job.where.at("snapshot_prefix"))
    with locked(lock_path(prefix), f"the run '{prefix}'", do=_ANOTHER_PREFIX):
        remove_unnamed(prefix)
        check_data(solver)
        weights = _begin(solver, start, card)
        solver.run = card.identity if card is not None else _named(solver, weights)
        if start.state is None:
            _print_if(make_room(prefix, solver.run, weights, overwrite=manner.overwrite))
        _solve(solver)
    _repeat_stand_ins(dataset_cards(solver))
    return solver


def _named(solver: Solver, weights: Sequence[Path]) -> str:
    """The name of a new run that starts from `weights`."""
    return run_of_solver(solver, [checksum(file) for file in weights])


def _print_if(line: str) -> None:
    if line:
        print(line, flush=True)


def _solve(solver: Solver) -> None:
    """Train, and say how long it took."""
    began = time.perf_counter()
    first = solver.iteration
    solver.solve()
    seconds = time.perf_counter() - began
    end = "Optimization stopped early." if solver.stopping else "Optimization Done."
    print(f"{end} {solver.iteration - first} iterations in {seconds:.1f} s.", flush=True)


def _film_interval(manner: Manner, card: RunCard | None) -> int:
    """What is asked for, else what the run did before; 0 for no film."""
    if manner.film is not None:
        return manner.film
    return card.film_every if card is not None else 0


def snapshot_prefix(job: Job, state: Path | None) -> Path:
    """How the names of this run's files begin.

    Caffe's rule: snapshot_prefix; without it the solver text's path without its ending; where it
    is a folder, the solver's name in there. A resumed run stays where its state is.
    """
    solver = Path(job.card.file)
    given = job.solver.snapshot_prefix
    if "\0" in given:
        raise UserError(
            f"snapshot_prefix '{shown(given)}' is no file name",
            where=job.where.at("snapshot_prefix"),
            wanted="it holds a zero byte",
        )
    prefix = Path(given or solver.with_suffix(""))
    if given and (prefix.is_dir() or given.endswith("/")):
        prefix = prefix / solver.stem
    if state is None:
        return prefix
    found = SnapshotFiles.beside(state).prefix
    return prefix if prefix.resolve() == found.resolve() else found


def _card_beside(state: Path | None) -> RunCard | None:
    """The run card of a state; Caffe's states have none. Errors: the file is no state."""
    if state is None:
        return None
    SnapshotFiles.beside(state)
    if state.is_file():
        refuse_other_kind(state, map_file(state).data, STATE)
    path = SnapshotFiles.of_state(state).card
    return RunCard.read(path) if path.exists() else None


def _seed(job: Job, start: Start, card: RunCard | None) -> int:
    """The one asked for, that of the run to go on with, the solver text's, or a fresh one."""
    if start.seed is not None:
        if start.seed < 0:
            raise UserError(f"--seed {start.seed}", wanted="a seed is a number of at least 0")
        return start.seed
    if card is not None:
        return card.seed
    if job.solver.random_seed >= 0:
        return job.solver.random_seed
    return secrets.randbits(31)


def _begin(solver: Solver, start: Start, card: RunCard | None) -> Sequence[Path]:
    """Load what the run starts from, and say what it is. Returns the files of weights."""
    for note in solver.job.notes:
        print(note)
    print(f"Solving {solver.net.graph.name}")
    print(f"Learning Rate Policy: {solver.text.lr_policy}")
    print(f"Seed: {solver.seed}")
    for dataset in dataset_cards(solver):
        print(f"{dataset.phase} data: {dataset.source}, {dataset.items:,} items")
    for line in [*data_lines(solver), *net_lines(solver)]:
        print(line)
    if start.state is not None:
        restore(solver, start.state)
        if card is not None:
            check_same_data(card, dataset_cards(solver), start.state)
            solver.tests = tests_of(card)
            solver.film_losses, solver.best = list(card.film_losses), card.best
        print(f"Restored {start.state} at iteration {solver.iteration}", flush=True)
        for line in other_batch(card, solver):
            print(line, flush=True)
        if solver.iteration >= solver.text.max_iter:
            print(f"max_iter {solver.text.max_iter} is reached; --iterations N trains up to N")
        return ()
    weights = start.weights or _weights_of(solver)
    for line in [*load_all(solver, weights), *forget_other_classes(solver.net, weights)]:
        print(line)
    return weights


def _weights_of(solver: Solver) -> list[Path]:
    """The solver text's `weights`: several entries, each of which may list several files."""
    entries = (name for entry in solver.text.weights for name in entry.split(","))
    return [Path(name.strip()) for name in entries if name.strip()]


def _repeat_stand_ins(datasets: list[DatasetCard]) -> None:
    stand_ins = [dataset for dataset in datasets if dataset.stand_in_for]
    if stand_ins:
        names = sorted({f"'{d.source}' instead of '{d.stand_in_for}'" for d in stand_ins})
        notice(f"STAND-IN DATA: this run used {' and '.join(names)}.")
