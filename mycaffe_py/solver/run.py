"""A whole run as the command line starts it: seed, weights, hooks, first and last lines."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.data.plural import plural
from mycaffe_py.errors import UserError
from mycaffe_py.notices import hushed, is_hushed, notice
from mycaffe_py.printable import shown
from mycaffe_py.proto.file_kind import STATE
from mycaffe_py.snapshot.checksum import checksum
from mycaffe_py.snapshot.earlier_run import move_earlier_run
from mycaffe_py.snapshot.mapped import map_file
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.other_kind import refuse_other_kind
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.cards import (
    check_data,
    check_same_data,
    dataset_cards,
    other_batch,
    read_by,
    run_of_solver,
)
from mycaffe_py.solver.data_words import data_lines
from mycaffe_py.solver.debug_info import Say
from mycaffe_py.solver.hooks.hook import Hook, for_rank
from mycaffe_py.solver.learned_before import forget_other_classes
from mycaffe_py.solver.manner import Manner, hooks_of
from mycaffe_py.solver.net_words import net_lines
from mycaffe_py.solver.owned import owned
from mycaffe_py.solver.saving import load_all, restore, weights_to_start_from
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.team import ALONE, Team, check_same, in_turn
from mycaffe_py.solver.texts import Job

_PLAIN = Manner()


@dataclass(frozen=True)
class Start:
    """Where a run begins: with fresh weights, with those of files, or at a saved state."""

    seed: int | None = None
    weights: tuple[Path, ...] = ()
    state: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read."""
        return self.weights if self.state is None else (*self.weights, self.state)


def train(
    job: Job,
    start: Start,
    manner: Manner = _PLAIN,
    *,
    team: Team = ALONE,
    hooks: Sequence[Hook] = (),
) -> Solver:
    """Run `job` to its end, or until it is interrupted (then `stopping` is set).

    Several processes may train together, each as a member of its `team` and with the same job: each
    works on its shards of every batch (solver/shards). Process 0 alone prints, and writes the files
    of the run. `hooks` are called besides those of every run, behind them.

    Errors: another process is writing the files of this prefix, and all that stops a run.
    """
    card = _card_beside(start.state)
    seed = team.tell(_seed(job, start, card))[0]
    prefix = snapshot_prefix(job, start.state)
    own = hooks_of(job, prefix, manner, _film_interval(manner, card))
    called = for_rank([*own, *hooks], team.rank)
    solver = in_turn(team, lambda: build_solver(job, seed, called, team=team))
    if team.ranks > 1:
        check_same(team, read_by(solver, [*start.files, *weights_to_start_from(job.solver)]))
    first = team.rank == 0
    say = _print_line if first and not is_hushed() else _say_nothing
    with ExitStack() as owning:
        owning.enter_context(hushed(not first or is_hushed()))
        in_turn(team, lambda: owning.enter_context(owned(job, prefix, first=first)))
        check_data(solver)
        weights = _begin(solver, start, card, say)
        solver.record.run = card.identity if card is not None else _named(solver, weights)
        if first and start.state is None:
            moved = move_earlier_run(prefix, solver.record.run, weights, overwrite=manner.overwrite)
            if moved:
                say(moved)
        _solve(solver, say)
    if first:
        _repeat_stand_ins(dataset_cards(solver))
    return solver


def _print_line(line: str) -> None:
    # At once: a watcher may read from a pipe.
    print(line, flush=True)


def _say_nothing(line: str) -> None:
    """Drop the line: only the first process prints, and a program may not want to read it."""


def _named(solver: Solver, weights: Sequence[Path]) -> str:
    """The name of a new run that starts from `weights`."""
    return run_of_solver(solver, [checksum(file) for file in weights])


def _solve(solver: Solver, say: Say) -> None:
    """Train, and say how long it took."""
    began = time.perf_counter()
    first = solver.iteration
    solver.solve()
    seconds = time.perf_counter() - began
    end = "Optimization stopped early." if solver.stopping else "Optimization Done."
    say(f"{end} {solver.iteration - first} iterations in {seconds:.1f} s.")


def _film_interval(manner: Manner, card: RunCard | None) -> int:
    """The interval of the film: the one asked for, else that of the run so far; 0 for no film."""
    if manner.film is not None:
        return manner.film
    return card.film_every if card is not None else 0


def snapshot_prefix(job: Job, state: Path | None) -> Path:
    """How the names of this run's files begin.

    Caffe's rule: it is snapshot_prefix, or without one the path of the solver text without its
    ending. If that is a folder, the files in it begin with the name of the solver text. A resumed
    run writes beside its state.
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
    """The run card beside a state; a state of Caffe's has none. Errors: the file is no state."""
    if state is None:
        return None
    SnapshotFiles.beside(state)
    if state.is_file():
        refuse_other_kind(state, map_file(state).data, STATE)
    path = SnapshotFiles.of_state(state).card
    return RunCard.read(path) if path.exists() else None


def _seed(job: Job, start: Start, card: RunCard | None) -> int:
    """The seed asked for, else that of the resumed run, else random_seed, else a fresh one."""
    if start.seed is not None:
        if start.seed < 0:
            raise UserError(f"--seed {start.seed}", wanted="a seed is a number of at least 0")
        return start.seed
    if card is not None:
        return card.seed
    if job.solver.random_seed >= 0:
        return job.solver.random_seed
    return secrets.randbits(31)


def _begin(solver: Solver, start: Start, card: RunCard | None, say: Say) -> Sequence[Path]:
    """Load what the run starts from, and say what it is. Returns the files of weights."""
    for line in _first_lines(solver):
        say(line)
    if start.state is not None:
        _go_on(solver, start.state, card, say)
        return ()
    weights = start.weights or weights_to_start_from(solver.text)
    for line in [*load_all(solver, weights), *forget_other_classes(solver.net, weights)]:
        say(line)
    return weights


def _first_lines(solver: Solver) -> list[str]:
    """What is trained, and on which data."""
    datasets = dataset_cards(solver)
    return [
        *solver.job.notes,
        f"Solving {solver.net.graph.name}",
        f"Learning Rate Policy: {solver.text.lr_policy}",
        f"Seed: {solver.seed}",
        *_shard_lines(solver),
        *(f"{data.phase} data: {data.source}, {data.items:,} items" for data in datasets),
        *data_lines(solver),
        *net_lines(solver),
    ]


def _shard_lines(solver: Solver) -> list[str]:
    """How batches are worked on, where not as a whole."""
    shards, processes = solver.text.shards, solver.together.ranks
    if shards == 1:
        return []
    return [f"Batches in {shards} shards, on {processes} {plural(processes, 'process')}"]


def _go_on(solver: Solver, state: Path, card: RunCard | None, say: Say) -> None:
    """Restore `state`, and what its run card tells of the run."""
    restore(solver, state)
    if card is not None:
        check_same_data(card, dataset_cards(solver), state)
        solver.record.take_over(card)
    say(f"Restored {state} at iteration {solver.iteration}")
    for line in other_batch(card, solver):
        say(line)
    if solver.iteration >= solver.text.max_iter:
        say(f"max_iter {solver.text.max_iter} is reached; --iterations N trains up to N")


def _repeat_stand_ins(datasets: list[DatasetCard]) -> None:
    stand_ins = [dataset for dataset in datasets if dataset.stand_in_for]
    if stand_ins:
        names = sorted({f"'{d.source}' instead of '{d.stand_in_for}'" for d in stand_ins})
        notice(f"STAND-IN DATA: this run used {' and '.join(names)}.")
